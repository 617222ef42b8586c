"""The house's floors: a folder imports only from folders below it, and nothing in a circle."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from places import ROOT

PACKAGE = ROOT / "python" / "nanotilt"

FLOORS = (
    ("_core",),
    ("_base",),
    ("ops", "scenes"),
    ("instruments",),
    ("recipes",),
    ("streaming", "pose", "lattices", "segmentation", "tracking", "anomaly"),
    ("models", "tasks"),
    ("runs", "limits"),
    ("experiments",),
    ("report",),
    ("training",),
    ("sweeps", "benchmarking"),
)
"""From the ground up; folders of one floor do not know each other. Above them all: the command line
and the package's face."""

TOP = ("cli", "")

KNOWN_CIRCLES: set[frozenset[str]] = set()

MOST_FILES = 20


def module_name(path: Path) -> str:
    """Without the package's own name; "" is the package's face."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def modules() -> Mapping[str, Path]:
    found = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
    stubs = {module_name(path): path for path in sorted((PACKAGE / "_core").glob("*.pyi"))}
    return {**found, **stubs}


def imported(path: Path) -> Iterator[str]:
    """Modules of the package that a file imports anywhere in it, for type checks alone included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.partition(".")[0] == "nanotilt":
                yield nearest(name.partition(".")[2])


def nearest(name: str) -> str:
    """The module that a dotted name stands for, or in which it is defined."""
    while name not in modules():
        name = name.rpartition(".")[0]
    return name


@functools.cache
def imports() -> Mapping[str, frozenset[str]]:
    return {name: frozenset(imported(path)) - {name} for name, path in modules().items()}


def folder(name: str) -> str:
    return name.partition(".")[0]


def test_a_folder_imports_only_from_floors_below() -> None:
    height = {name: i for i, floor in enumerate((*FLOORS, TOP)) for name in floor}
    assert {folder(name) for name in modules()} == set(height)
    wrong = {
        (above, below)
        for above, found in imports().items()
        for below in found
        if folder(above) != folder(below)
        and folder(above) not in TOP
        # The package's face knows no more than the version, here.
        and below != ""
        and height[folder(below)] >= height[folder(above)]
    }
    assert wrong == set()


def test_no_circles() -> None:
    graph = {
        name: {
            other
            for other in found
            if other != ""
            and frozenset({name, other}) not in KNOWN_CIRCLES
            # A folder's face hands its modules' names on; they import it only to be found in it.
            and not name.startswith(f"{other}.")
        }
        for name, found in imports().items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_nothing_asks_for_what_is_there_for_tests() -> None:
    """Or else it would be no part of tests alone, and belong into `_core` itself."""
    assert "_core._testing" in modules()
    assert [name for name, found in imports().items() if "_core._testing" in found] == []


def test_at_most_twelve_floors() -> None:
    assert len(FLOORS) <= 12


@pytest.mark.parametrize(
    "top", ["python/nanotilt", "tests/python", "tests/cpp", "cpp", "benchmarks"]
)
def test_no_folder_holds_too_many_files(top: str) -> None:
    above = [
        f"{place.relative_to(ROOT)}: {n}"
        for place in [ROOT / top, *(ROOT / top).rglob("*")]
        if place.is_dir()
        and place.name != "__pycache__"
        and (n := sum(path.is_file() for path in place.iterdir())) > MOST_FILES
    ]
    assert above == []
