"""The parts of the benchmarks: turns, lines through points, records, comparisons."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bench_cases
from nanotilt.benchmarking import record
from nanotilt.benchmarking.comparison import compare
from nanotilt.benchmarking.effort import Effort
from nanotilt.benchmarking.growth import marginal_growth, straight_line
from nanotilt.benchmarking.timing import Work, best_seconds, calls

# ----------------------------------------------------------------------------- timing


class FakeMachine:
    """A clock that only work moves, and a diary of what was done."""

    def __init__(self) -> None:
        self.now = 0.0
        self.diary: list[str] = []

    def clock(self) -> float:
        return self.now

    def work(self, name: str, seconds: Callable[[int], float]) -> Work:
        """Work whose n-th repetition takes seconds(n)."""
        done = 0

        def do() -> None:
            nonlocal done
            self.now += seconds(done)
            done += 1
            self.diary.append(name)

        def settle() -> None:
            self.now += 1000
            self.diary.append(f"settle {name}")

        return calls(do, settle)


def test_turns_alternate_and_the_best_counts() -> None:
    """The warm-up and the calibration are the first two repetitions; here one fills a turn."""
    machine = FakeMachine()
    slow_then_fast = [9.0, 5.0, 4.0, 2.0, 3.0]
    seconds = best_seconds(
        {
            "a": machine.work("a", lambda n: slow_then_fast[n]),
            "b": machine.work("b", lambda n: 7.0 + n),
        },
        Effort("test", rounds=3, turn_seconds=1.0),
        machine.clock,
    )
    assert seconds == {"a": 2.0, "b": 9.0}
    turns = ["settle a", "a", "settle b", "b"] * 3
    assert machine.diary == ["a", "a", "b", "b", *turns]


def test_short_work_is_repeated_until_it_fills_a_turn() -> None:
    machine = FakeMachine()
    effort = Effort("test", rounds=2, turn_seconds=1.0)
    seconds = best_seconds({"a": machine.work("a", lambda n: 0.001)}, effort, machine.clock)
    assert seconds["a"] == pytest.approx(0.001)
    in_last_turn = machine.diary[::-1].index("settle a")
    assert 1000 <= in_last_turn <= 1200


def test_fewer_rounds() -> None:
    effort = Effort("test", 18, 0.5)
    assert effort.with_fewer_rounds() == Effort("test", 6, 0.5)
    assert Effort("test", 1, 0.5).with_fewer_rounds().rounds == 1


# ----------------------------------------------------------------------------- growth

X = [45, 90, 180, 360, 720]


def test_straight_line_is_found() -> None:
    y = [0.5 + 0.004 * x for x in X]
    line = straight_line(X, y)
    assert line.fixed == pytest.approx(0.5)
    assert line.per_unit == pytest.approx(0.004)
    assert line.largest_deviation(X, y) < 1e-12
    y[2] *= 1.1
    bent = straight_line(X, y)
    assert 0.04 < bent.largest_deviation(X, y) < 0.1


@pytest.mark.parametrize("fixed", [0.0, 50.0])
@pytest.mark.parametrize(("power", "growth"), [(1.0, 1.0), (1.1, 1.067), (1.5, 1.293), (2.0, 1.5)])
def test_growth_of_powers(power: float, growth: float, fixed: float) -> None:
    """Over many doublings it is 2 - 2**(1 - p), and what is fixed plays no role."""
    x = [2**k for k in range(11)]
    y = [fixed + 0.3 * value**power for value in x]
    assert marginal_growth(x, y) == pytest.approx(growth, abs=0.01)


def test_growth_that_slows_down() -> None:
    assert marginal_growth(X, [math.sqrt(x) for x in X]) < 0.8


# ----------------------------------------------------------------------------- records


def test_round_trip() -> None:
    given = bench_cases.record()
    assert record.from_json(record.to_json(given)) == given
    unknown = bench_cases.record(busy_processors=None)
    assert record.from_json(record.to_json(unknown)) == unknown


def changed(path: str, value: Any) -> str:
    """The record's JSON with one field changed, or removed where the value is an Ellipsis."""
    whole = json.loads(record.to_json(bench_cases.record()))
    *parents, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    place = whole
    for step in parents:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(whole)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("format", 7, "format must be 1. Received: format=7"),
        ("format", ..., "format must be 1. Received: format=None"),
        ("lines/1/value", "x", "lines[1].value must be a finite number. Received: lines[1].valu"),
        ("lines/1/value", math.nan, "lines[1].value must be a finite number"),
        ("lines/0/goal/relation", "<", 'lines[0].goal.relation must be "<=" or ">=". Received: '),
        ("lines/0/figures/1/unit", ..., "lines[0].figures[1].unit is missing"),
        ("lines/0/figures", 3, "lines[0].figures must be a list. Received: lines[0].figures=3"),
        ("machine/processors", True, "machine.processors must be an integer"),
        ("machine/colour", "red", "machine.colour is not known here"),
        ("build", [], "build must hold a JSON object"),
        ("rates/2/route", "tf", 'rates[2].route must be "NumPy" or "tf.data"'),
        ("rates/3/samples_per_second", 0, "rates[3].samples_per_second must be > 0. Received: r"),
        ("costs/4/microseconds", -1.0, "costs[4].microseconds must be > 0"),
        ("scaling/0/threads", 1.5, "scaling[0].threads must be an integer"),
    ],
)
def test_damaged_records(path: str, value: Any, message: str, tmp_path: Path) -> None:
    """The error names file and field, in one line."""
    file = tmp_path / "old.json"
    file.write_text(changed(path, value))
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        record.read(file)
    assert str(caught.value).startswith(f"{file} is not a record of nanotilt bench: ")
    assert "\n" not in str(caught.value)


# ----------------------------------------------------------------------------- comparison


@pytest.mark.parametrize(("factor", "verdict"), [(1.0, "same"), (1.2, "better"), (0.8, "worse")])
def test_comparison(factor: float, verdict: str) -> None:
    old = bench_cases.record()
    compared = compare(old, bench_cases.scaled(old, factor), "old.json")
    assert compared.warnings == ()
    by_group = {change.group: change for change in compared.changes}
    assert by_group["hole"].verdict == by_group["cost of a sample by corners"].verdict == verdict
    assert by_group["hole"].share == pytest.approx(factor - 1)
    assert by_group["cost of a sample by corners"].share == pytest.approx(1 / factor - 1)
    assert by_group["goals"].verdict == by_group["chirality in large calls"].verdict == "same"
    n_scaled = len(old.rates) + len(old.costs)
    assert f"{len(compared.changes) if factor == 1 else n_scaled} {verdict}" in compared.summary


def test_directions_follow_the_goals() -> None:
    old = bench_cases.record()
    doubled = tuple(
        dataclasses.replace(line, value=2 * line.value) if line.value is not None else line
        for line in old.lines
    )
    new = dataclasses.replace(old, lines=doubled)
    verdicts = {c.what: c.verdict for c in compare(old, new, "x").changes if c.group == "goals"}
    assert verdicts == {
        "chirality sample / 256 NumPy normals": "worse",
        "two threads' rate / one thread's": "better",
        "a call for no samples": "worse",
    }


@pytest.mark.parametrize(
    ("part", "field", "value", "warning"),
    [
        ("machine", "cpu", "Eta 8", "processor differs: Eta 8 then, Zeta 80 now"),
        ("machine", "processors", 64, "usable processors differs: 64 then, 2 now"),
        ("build", "simd", "v4", "SIMD level differs: v4 then, v3 now"),
        ("build", "threads", 1, "threads differs: 1 then, 2 now"),
        ("build", "compiler", "Clang 19", "compiler differs: Clang 19 then, GCC 13.1 now"),
    ],
)
def test_other_circumstances_are_told(part: str, field: str, value: Any, warning: str) -> None:
    new = bench_cases.record()
    old = dataclasses.replace(
        new, **{part: dataclasses.replace(getattr(new, part), **{field: value})}
    )
    assert compare(old, new, "old.json").warnings == (warning,)


def test_figures_that_only_one_record_has() -> None:
    old = bench_cases.record()
    new = dataclasses.replace(old, rates=old.rates[1:])
    compared = compare(old, new, "old.json")
    assert compared.n_only_in_one == 1
    assert compared.summary.endswith("; 1 in one record only")
