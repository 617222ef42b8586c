"""Two records side by side: what got faster, what slower, and whether they can be compared."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from nanotilt.benchmarking.results import GoalLine, Record

_MEMORY_NOISE_MIB = 0.25
"""Linux counts memory no better."""

NOISE = 0.05
"""Changes up to this share are called the same: repeating a run gives changes of that size."""


@dataclass(frozen=True)
class Change:
    """One figure, then and now.

    Attributes:
        group: What kind of figure it is.
        what: What the figure is.
        unit: Its unit; empty for ratios.
        old: Its value in the earlier record, not 0.
        new: Its value now.
        less_is_better: Whether it should be small.
    """

    group: str
    what: str
    unit: str
    old: float
    new: float
    less_is_better: bool

    @property
    def share(self) -> float:
        """Change as a share of the old value."""
        return self.new / self.old - 1

    @property
    def percent(self) -> str:
        """The change in percent."""
        return f"{100 * self.share:+.1f} %"

    @property
    def verdict(self) -> str:
        """One of the words better, worse and same."""
        if abs(self.share) <= NOISE or self._is_memory_noise:
            return "same"
        return "better" if (self.share < 0) == self.less_is_better else "worse"

    @property
    def _is_memory_noise(self) -> bool:
        return self.unit == "MiB" and abs(self.new - self.old) <= _MEMORY_NOISE_MIB


@dataclass(frozen=True)
class Comparison:
    """An earlier record beside a new one.

    Attributes:
        name: What to call the earlier one.
        warnings: Why the two can't be compared just so.
        changes: Every figure that both have.
        n_only_in_one: Figures that only one of them has.
    """

    name: str
    warnings: tuple[str, ...]
    changes: tuple[Change, ...]
    n_only_in_one: int

    @property
    def summary(self) -> str:
        """How many figures are better, worse and the same."""
        verdicts = [change.verdict for change in self.changes]
        counts = ", ".join(f"{verdicts.count(word)} {word}" for word in ("better", "worse", "same"))
        only = f"; {self.n_only_in_one} in one record only" if self.n_only_in_one else ""
        return f"{counts} (within {100 * NOISE:g} %){only}"


def compare(old: Record, new: Record, name: str) -> Comparison:
    """Sets two records side by side.

    Args:
        old: The earlier record.
        new: The later one.
        name: What to call the earlier one, for instance its file.
    """
    before, after = dict(_figures(old)), dict(_figures(new))
    changes = tuple(
        Change(
            key[0],
            figure.what,
            figure.unit,
            before[key].value,
            figure.value,
            figure.less_is_better,
        )
        for key, figure in after.items()
        if key in before and before[key].value != 0
    )
    only = len(before.keys() ^ after.keys())
    return Comparison(name, tuple(_warnings(old, new)), changes, only)


_Key: TypeAlias = tuple[str, Hashable]


@dataclass(frozen=True)
class _Figure:
    what: str
    value: float
    unit: str
    less_is_better: bool


def _figures(record: Record) -> Iterator[tuple[_Key, _Figure]]:
    """All figures of a record, each with a group and what names it there."""
    for line in record.lines:
        if line.value is not None:
            figure = _Figure(line.what, line.value, line.unit, _less_is_better(line))
            yield ("goals", line.key), figure
    for point in record.scaling:
        key = ("chirality in large calls", point.threads)
        yield key, _rate(_threads(point.threads), point.samples_per_second)
    for rate in record.rates:
        what = f"{rate.route}, batch {rate.batch_size:,}, {_threads(rate.threads)}"
        yield (rate.recipe, what), _rate(what, rate.samples_per_second)
    for cost in record.costs:
        name = cost.quantity.removesuffix("s") if cost.value == 1 else cost.quantity
        figure = _Figure(f"{cost.value:,} {name}", cost.microseconds, "µs", True)
        yield (f"cost of a sample by {cost.quantity}", cost.value), figure


def _threads(number: int) -> str:
    return "1 thread" if number == 1 else f"{number} threads"


def _rate(what: str, samples_per_second: float) -> _Figure:
    return _Figure(what, samples_per_second, "samples/s", False)


def _less_is_better(line: GoalLine) -> bool:
    """As the goal has it; without a goal, times should be small and ratios of rates large."""
    return line.goal.relation == "<=" if line.goal is not None else line.unit == "µs"


def _warnings(old: Record, new: Record) -> Iterator[str]:
    """Differences that change figures, whatever was done to the code."""
    pairs = (
        ("processor", old.machine.cpu, new.machine.cpu),
        ("usable processors", old.machine.processors, new.machine.processors),
        ("system", old.machine.system, new.machine.system),
        ("Python", old.machine.python, new.machine.python),
        ("packages", ", ".join(old.machine.packages), ", ".join(new.machine.packages)),
        ("SIMD level", old.build.simd, new.build.simd),
        ("threads", old.build.threads, new.build.threads),
        ("compiler", old.build.compiler, new.build.compiler),
        ("compiler flags", old.build.flags, new.build.flags),
        ("build type", old.build.build_type, new.build.build_type),
        ("nanotilt's version", old.build.version, new.build.version),
        ("stream version", old.build.stream_version, new.build.stream_version),
        ("effort", old.effort, new.effort),
    )
    for what, before, after in pairs:
        if before != after:
            yield f"{what} differs: {before} then, {after} now"
