"""Tests of the project itself.

Versions agree, stubs match, everything public is described, the house is in order.
"""

from __future__ import annotations

import ast
import doctest
import re
import shutil
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest

import nanotilt as nt
from child_processes import finished
from nanotilt import _core
from nanotilt._core import _testing
from nanotilt.ops import projection
from places import ROOT

PACKAGE = ROOT / "python" / "nanotilt"

TOP_LEVEL = {
    *("cpp", "python", "tests", "benchmarks", "docs", "CMakeLists.txt", "pyproject.toml"),
    *("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"),
    *("noxfile.py", "constraints.txt", "CMakePresets.json", ".clang-format"),
    *(".pre-commit-config.yaml", ".ci", ".gitignore"),
}
SOURCES = {".py", ".pyi", ".cpp", ".hpp"}
BINARY = {".keras", ".npz"}


def files(*options: str) -> list[Path]:
    """The project's own files; what .gitignore names is left out.

    `options` of git ls-files: by default files not yet committed count, too.
    """
    wanted = options or ("--cached", "--others", "--exclude-standard")
    ended = finished(["git", "-C", ROOT, "ls-files", "-z", *wanted])
    assert ended.returncode == 0, ended.stderr
    listed = ended.stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return [path for path in paths if path.is_file()]


in_checkout = pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(), reason="no git checkout"
)


@in_checkout
def test_top_level() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in files("--cached")} == TOP_LEVEL


def test_versions_agree() -> None:
    """pyproject.toml is where the version stands; the build carries it everywhere else."""
    declared = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert declared is not None
    version = declared[1]
    assert version == nt.__version__ == _core.__version__ == nt.build_info()["version"]
    assert metadata.version("nanotilt") == version
    assert version in (ROOT / "CHANGELOG.md").read_text()


def test_stream_versions_agree() -> None:
    header = (ROOT / "cpp" / "core" / "program" / "plan.hpp").read_text()
    declared = re.search(r"stream_version = (\d+);", header)
    assert declared is not None
    assert int(declared[1]) == nt.STREAM_VERSION == _core.stream_version


def stub_names(body: list[ast.stmt]) -> set[str]:
    names = set()
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


@pytest.mark.parametrize(
    ("stub", "compiled", "further"),
    [("__init__", _core, {"__version__"}), ("_testing", _testing, set())],
)
def test_stub_matches_the_compiled_module(
    stub: str, compiled: ModuleType, further: set[str]
) -> None:
    """Names, members of classes, and arguments."""
    tree = ast.parse((PACKAGE / "_core" / f"{stub}.pyi").read_text())
    public = {name for name in vars(compiled) if not name.startswith("_")} | further
    assert stub_names(tree.body) == public
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            members = {
                name for name in vars(getattr(compiled, node.name)) if not name.startswith("_")
            }
            assert stub_names(node.body) - {"__init__"} == members
            functions = [(getattr(compiled, node.name), item) for item in node.body]
        else:
            functions = [(compiled, node)]
        for owner, item in functions:
            if isinstance(item, ast.FunctionDef) and not item.decorator_list:
                check_arguments(getattr(owner, item.name), item)


def check_arguments(compiled: object, stub: ast.FunctionDef) -> None:
    """pybind11 writes a signature into the first line of the docstring."""
    signature = (compiled.__doc__ or "").splitlines()[0]
    for argument in stub.args.args:
        assert re.search(rf"\b{argument.arg}: ", signature), f"{argument.arg} is not in {signature}"
    assert signature.count(": ") == len(stub.args.args), signature


def undocumented(path: Path) -> Iterator[str]:
    """A module, its public classes, functions and methods: those that lack a docstring."""
    tree = ast.parse(path.read_text())
    if not ast.get_docstring(tree):
        yield str(path)
    for node in tree.body:
        if not isinstance(node, (ast.ClassDef, ast.FunctionDef)) or node.name.startswith("_"):
            continue
        members = node.body if isinstance(node, ast.ClassDef) else []
        methods = [item for item in members if isinstance(item, ast.FunctionDef)]
        for item in (node, *methods):
            if not item.name.startswith("_") and not ast.get_docstring(item):
                yield f"{path}: {node.name}, {item.name}"


def test_everything_public_has_a_docstring() -> None:
    paths = sorted(PACKAGE.rglob("*.py"))
    assert len(paths) > 10
    assert [name for path in paths for name in undocumented(path)] == []


def test_public_api() -> None:
    """All of it, and nothing by accident."""
    assert sorted(dir(nt)) == sorted(set(nt.__all__))
    expected = {
        *("Outline", "Hole", "Spiral", "Particle", "Detector", "Recipe", "Batch", "recipes"),
        *("project", "gaussian_blur", "sinogram", "build_info", "stream", "models"),
    }
    assert expected <= set(nt.__all__)
    for name in set(nt.__all__) - {"models"}:  # which loads Keras
        assert getattr(nt, name) is not None


def test_examples_in_docstrings() -> None:
    results = [doctest.testmod(module) for module in (projection, nt.recipes)]
    assert sum(result.attempted for result in results) > 0
    assert not any(result.failed for result in results)


@in_checkout
def test_files_are_small() -> None:
    for path in files():
        if path.suffix in SOURCES:
            assert len(path.read_text().splitlines()) <= 300, path


@in_checkout
def test_no_word_of_any_one_machine() -> None:
    """No absolute paths of the machine it was written on, no merge markers, no bare reminders."""
    unwanted = re.compile(
        r"(?<![\w.:/])/(?:home|root|work|Users|tmp/w)/|^<{7} |\b(?:TO[D]O|FIX[M]E|XX[X])\b",
        re.MULTILINE,
    )
    for path in files():
        if path.suffix in BINARY:
            continue
        found = unwanted.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{path}: {found and found[0]}"


@pytest.mark.parametrize("folder", ["cpp/core"])
def test_core_knows_neither_python_nor_tensorflow(folder: str) -> None:
    for path in (ROOT / folder).rglob("*"):
        if path.suffix in SOURCES:
            assert not re.search(
                r"#include [<\"](?:Python|pybind11|tensorflow)", path.read_text()
            ), path


def test_only_one_header_gives_up_the_gil() -> None:
    """Whatever else does it answers no Ctrl-C, and aborts at the interpreter's end."""
    ways = re.compile(r"gil_scoped_\w+|PyEval_\w*Thread|Py_(?:BEGIN|END)_ALLOW_THREADS|call_guard")
    users = {
        path.name
        for path in (ROOT / "cpp").rglob("*")
        if path.suffix in SOURCES and ways.search(path.read_text())
    }
    assert users == {"without_gil.hpp"}


def test_long_work_of_bindings_can_be_stopped() -> None:
    """Each call without the GIL hands the Stop on; what is named here takes a moment only."""
    for path in sorted((ROOT / "cpp" / "bindings").glob("*.cpp")):
        for call in re.findall(r"without_gil\(\[&\]\((.*?)\}\);\n", path.read_text(), re.DOTALL):
            quick = ("sampler.particle(", "active_kernels().samples.normals(", "meet(first, 0)")
            short = any(name in call for name in quick)
            assert short or re.search(r"\bstop\b.*\bstop\b", call, re.DOTALL), (path.name, call)


def test_only_one_header_knows_openmp() -> None:
    users = {
        path.name
        for path in (ROOT / "cpp" / "core").rglob("*")
        if path.is_file() and "omp" in tokens(path)
    }
    assert users == {"parallel.hpp"}


def tokens(path: Path) -> set[str]:
    pragmas = re.findall(r"#pragma (omp)\b|\bomp_\w+(?=\()", path.read_text())
    return {"omp"} if pragmas else set()
