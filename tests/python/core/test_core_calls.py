"""No argument, however hostile, ends the process or takes memory without reason.

Everything in nanotilt._core is called directly, past all checks of the Python package.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import hostile_calls
from child_processes import finished
from conftest import RunPython
from nanotilt import _core
from nanotilt._core import _testing

ROOM_FOR_SAMPLES = ("Sampler.sample(count", "Sampler.draws(count", "Sampler.redraw(n_redraws")
"""Results as large as the caller asks for: where they do not fit, that is a MemoryError."""

ANY_SHAPE = ("largest_magnitude(",)
"""Takes arrays of any number of dimensions."""


def compiled_functions() -> Iterator[str]:
    """All functions, classes, methods and properties of the compiled module and of `_testing`."""
    yield from (f"_testing.{name}" for name in vars(_testing) if not name.startswith("_"))
    for name, member in vars(_core).items():
        if name.startswith("_"):
            continue
        if inspect.isclass(member):
            yield name
            yield from (f"{name}.{own}" for own in vars(member) if not own.startswith("_"))
        elif callable(member):
            yield name


def test_each_function_has_hostile_calls() -> None:
    assert sorted(hostile_calls.GOOD) == sorted(compiled_functions())


@pytest.mark.parametrize("name", hostile_calls.GOOD)
def test_good_arguments_are_taken(name: str) -> None:
    """Or else all that follows would be refused for some other reason."""
    assert hostile_calls.outcome(hostile_calls.Call(name, "", "good", None, False)) == "returned"


NEVER_BUILT = """
import hostile_calls
from nanotilt import _core

names = [name for name in hostile_calls.GOOD if name.startswith("Sampler.")]
for name in names:
    member = name.partition(".")[2]
    _, make = hostile_calls.GOOD[name]
    try:
        sampler = _core.Sampler.__new__(_core.Sampler)
        getattr(sampler, member)(**make())
    except (RuntimeError, TypeError):
        continue
    raise AssertionError(name)
print(len(names))
"""


def test_sampler_that_was_never_built(run_python: RunPython) -> None:
    assert int(run_python(NEVER_BUILT)) > 5


def made_calls(log: Path) -> tuple[dict[int, tuple[str, bool]], dict[int, str]]:
    """What was called, by number, and what became of it."""
    begun: dict[int, tuple[str, bool]] = {}
    ended: dict[int, str] = {}
    for line in log.read_text().splitlines():
        number, *rest = json.loads(line)
        if len(rest) == 2:
            begun[number] = (rest[0], rest[1])
        else:
            ended[number] = rest[0]
    return begun, ended


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[int, Any], dict[int, str]]:
    """All calls made in child processes, each of which goes on where the one before it ended."""
    log = tmp_path_factory.mktemp("calls") / "log"
    n_calls = sum(1 for _ in hostile_calls.calls())
    first = 0
    while first < n_calls:
        command = [sys.executable, hostile_calls.__file__, str(first), str(log)]
        done = finished(command)
        begun, _ = made_calls(log)
        assert len(begun) > first, done.stderr
        first = len(begun)
    return made_calls(log)


def test_no_call_ends_the_process(hostile: tuple[dict[int, Any], dict[int, str]]) -> None:
    begun, ended = hostile
    assert len(begun) > 1000
    assert [name for number, (name, _) in begun.items() if number not in ended] == []


def test_wrong_kinds_and_shapes_are_refused(
    hostile: tuple[dict[int, Any], dict[int, str]],
) -> None:
    begun, ended = hostile
    taken = [name for n, (name, refused) in begun.items() if refused and ended[n] == "returned"]
    assert [name for name in taken if not name.startswith(ANY_SHAPE)] == []


def test_no_memory_without_reason(hostile: tuple[dict[int, Any], dict[int, str]]) -> None:
    begun, ended = hostile
    short_of_memory = [name for n, (name, _) in begun.items() if ended.get(n) == "MemoryError"]
    assert [name for name in short_of_memory if not name.startswith(ROOM_FOR_SAMPLES)] == []
