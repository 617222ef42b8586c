"""Everything public is described: with each argument, and what is raised; words by the glossary."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from typing import Any

import nanotilt as nt
from places import ROOT

GLOSSARY = ROOT / "docs" / "glossary.md"

WORDS = {
    *("batch", "bin", "class", "digest", "feature", "instrument", "label", "normalise", "output"),
    *("particle", "program", "projection", "recipe", "relative noise", "ring", "scene", "shape"),
    *("sinogram", "spec", "stereo angle", "stream", "target", "tilt", "truth", "version", "view"),
    *("budget", "control", "experiment", "footprint", "insight", "method", "question", "run"),
    *("saliency", "sweep", "task", "try", "training plan"),
    *("accuracy", "bank", "chance", "limit", "middle", "oracle", "orientation", "rotational order"),
}
TWO_MEANINGS = {"noise", "centring", "centre", "fast", "paper", "target", "trained", "kernel"}

ELSEWHERE = {"nanotilt.cli", "nanotilt.instruments", "nanotilt.scenes"}
"""Their names are on the page as `nanotilt`'s own, or for the command line and new scenes alone."""

RAISE_NOTHING = {
    *("nanotilt.benchmarking.to_json", "nanotilt.cli.main", "nanotilt.limits.measured"),
    *(
        "nanotilt.report.overview.by_experiment",
        "nanotilt.report.overview.fields_by_experiment",
        "nanotilt.report.overview.to_csv",
    ),
    "nanotilt.report.overview.orientations_by_experiment",
    "nanotilt.report.overview.tags_by_experiment",
    "nanotilt.limits.measured_lattice",
}
"""Whatever they get, of the right kind: no user's value can be wrong."""

INHERITED = re.compile(r"(?:fields|arguments|Args) are those of")
"""What stands in a docstring that leaves the others to another one."""


def public() -> Iterator[tuple[str, Any]]:
    """Classes and functions that `__all__` of nanotilt or of one of its packages names."""
    seen = set()
    names = [info.name for info in pkgutil.walk_packages(nt.__path__, "nanotilt.") if info.ispkg]
    for module in map(importlib.import_module, ["nanotilt", *names]):
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            described = inspect.isclass(thing) or inspect.isroutine(thing)
            if described and id(thing) not in seen:
                seen.add(id(thing))
                yield f"{module.__name__}.{name}", thing


def methods(thing: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public functions that a class itself defines."""
    for name, member in vars(thing).items():
        if not name.startswith("_") and isinstance(member, (classmethod, staticmethod)):
            yield name, member.__func__
        elif not name.startswith("_") and inspect.isfunction(member):
            yield name, member


def keras_has(thing: Any, name: str) -> bool:
    """Whether Keras has the method, and describes it."""
    return any(hasattr(base, name) for base in thing.__mro__ if base.__module__.startswith("keras"))


def inherited(thing: Any, name: str) -> list[Any]:
    """The methods of that name of the classes above."""
    return [vars(base)[name] for base in thing.__mro__[1:] if name in vars(base)]


def undescribed(thing: Any) -> list[str]:
    """Arguments that a docstring leaves out."""
    document = inspect.getdoc(thing) or ""
    if INHERITED.search(document) or (inspect.isclass(thing) and issubclass(thing, Exception)):
        return []
    thing = getattr(thing, "__func__", thing)
    own = [name for name in inspect.signature(thing).parameters if name not in ("self", "cls")]
    return [name for name in own if not re.search(rf"^ *\**{name}: \S", document, re.MULTILINE)]


def test_everything_public_describes_its_arguments() -> None:
    things = dict(public())
    assert len(things) > 70
    missing = {name: found for name, thing in things.items() if (found := undescribed(thing))}
    assert missing == {}


def test_public_methods_describe_their_arguments() -> None:
    """In the class itself, or where it has the method from."""
    missing = [
        (owner, name, argument)
        for owner, thing in public()
        if inspect.isclass(thing)
        for name, method in methods(thing)
        if not keras_has(thing, name)
        for argument in undescribed(method)
        if not any(argument not in undescribed(one) for one in inherited(thing, name))
    ]
    assert missing == []


def test_functions_tell_what_they_raise() -> None:
    silent = {
        name
        for name, thing in public()
        if inspect.isroutine(thing)
        and inspect.signature(thing).parameters
        and "Raises:" not in (inspect.getdoc(thing) or "")
    }
    assert silent == RAISE_NOTHING


def test_first_lines_are_sentences() -> None:
    """One line that ends as a sentence does, and is no mere repetition of the name."""
    for name, thing in public():
        first, _, rest = (inspect.getdoc(thing) or "").partition("\n")
        assert first.endswith((".", "?")), (name, first)
        assert not rest or rest.startswith("\n"), (name, first)
        assert len(first.split()) >= 3, (name, first)


def test_all_public_names_are_on_their_page() -> None:
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    pages = set(re.findall(r"auto(?:class|function|module):: (\S+)", text))
    whole = {name for name in pages if f"automodule:: {name}\n   :members:" in text}
    alone = {name for name, _ in public() if name.rpartition(".")[0] not in whole | ELSEWHERE}
    assert alone - pages == set()
    assert {name for name in pages if name.startswith("nanotilt.") and not found(name)} == set()


def found(name: str) -> bool:
    """Whether there is something of this name."""
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def test_every_word_that_pages_rely_on_is_in_the_glossary() -> None:
    """Alphabetically: words of descriptions and files, of networks and runs, and of scores."""
    text = GLOSSARY.read_text(encoding="utf-8")
    assert WORDS - entries(text, r"\*\*(.+?)\*\*") == set()
    assert TWO_MEANINGS - entries(text, r"`(\w+)`") == set()


def test_no_word_is_explained_twice() -> None:
    text = GLOSSARY.read_text(encoding="utf-8")
    words = [word for row in first_cells(text) for word in re.findall(r"\*\*(.+?)\*\*", row)]
    assert len(words) == len(set(words)) > 50


def first_cells(text: str) -> list[str]:
    """Of the tables' rows."""
    return re.findall(r"^\| (.*?) \|", text, re.MULTILINE)


def entries(text: str, pattern: str) -> set[str]:
    """What a pattern finds in the first cells of the glossary's rows."""
    return {word for row in first_cells(text) for word in re.findall(pattern, row)}
