"""The best of alternating turns: how every figure here is timed.

Whatever else runs on a machine makes work slower, never faster, so the best of many turns comes
nearest to what the work itself takes. Clock rates, caches and neighbours change within seconds,
though; therefore the pieces of work of one comparison take turns, A B C A B C ..., and all of them
meet the same machine. A ratio of two figures from one call of `best_seconds` is worth something
where the figures themselves are not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from nanotilt.benchmarking.effort import Effort

Clock = Callable[[], float]
Key = TypeVar("Key")

_FASTEST_GROWTH = 10
_AIMED_ABOVE = 1.1


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Work:
    """Work that can be repeated.

    Attributes:
        repeat: Does the work the given number of times.
        settle: Called before every turn, outside the time taken.
    """

    repeat: Callable[[int], object]
    settle: Callable[[], object] = _nothing


def calls(function: Callable[[], object], settle: Callable[[], object] = _nothing) -> Work:
    """Work that is done by calling a function."""

    def repeat(times: int) -> None:
        for _ in range(times):
            function()

    return Work(repeat, settle)


def best_seconds(
    works: Mapping[Key, Work], effort: Effort, clock: Clock = time.perf_counter
) -> dict[Key, float]:
    """Times pieces of work in turns.

    Each is done once to warm up, then often enough to find out how many repetitions fill a turn.

    Args:
        works: The pieces of work.
        effort: Number and length of turns.
        clock: Gives the time in seconds.

    Returns:
        For each piece, the seconds that doing it once took in its best turn.
    """
    repetitions = {
        key: _repetitions(work, effort.turn_seconds, clock) for key, work in works.items()
    }
    best = dict.fromkeys(works, math.inf)
    for _ in range(effort.rounds):
        for key, work in works.items():
            work.settle()
            seconds = _seconds(work, repetitions[key], clock)
            best[key] = min(best[key], seconds / repetitions[key])
    return best


def _repetitions(work: Work, turn_seconds: float, clock: Clock) -> int:
    """How often the work must be done to fill a turn."""
    work.repeat(1)
    times = 1
    while True:
        seconds = _seconds(work, times, clock)
        if seconds >= turn_seconds:
            return times
        wanted = _AIMED_ABOVE * turn_seconds / max(seconds, 1e-9)
        times = math.ceil(times * min(wanted, _FASTEST_GROWTH))


def _seconds(work: Work, times: int, clock: Clock) -> float:
    began = clock()
    work.repeat(times)
    return clock() - began
