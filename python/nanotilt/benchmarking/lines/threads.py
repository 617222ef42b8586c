"""What more threads give: the rate of one large batch by number of threads."""

from __future__ import annotations

from collections.abc import Sequence

from nanotilt import recipes
from nanotilt.benchmarking.effort import Effort
from nanotilt.benchmarking.lines.drawing import fresh_samples
from nanotilt.benchmarking.results import Figure, Goal, GoalLine, ThreadRate
from nanotilt.benchmarking.timing import Work, best_seconds, calls

SAMPLES_PER_CALL = 16_384
"""Enough for starting and ending a call to vanish in it; few enough that the result (8 MiB) comes
from memory used before. From 32 MiB on the C library asks the system for fresh pages for every
call, and two threads give 1.88 times the rate instead of 1.97."""


def usual_threads(processors: int) -> tuple[int, ...]:
    """1, 2, 4, ... and the number of processors."""
    powers = [2**power for power in range(processors.bit_length())]
    return tuple(sorted({*powers, processors}))


def thread_rates(threads: Sequence[int], effort: Effort) -> tuple[ThreadRate, ...]:
    """Chirality samples per second in calls of 16,384 samples, for every number of threads."""
    recipe = recipes.chirality()

    def draw(n_threads: int) -> Work:
        return calls(fresh_samples(recipe, SAMPLES_PER_CALL, n_threads=n_threads))

    seconds = best_seconds({n_threads: draw(n_threads) for n_threads in threads}, effort)
    return tuple(
        ThreadRate(n_threads, SAMPLES_PER_CALL / seconds[n_threads]) for n_threads in threads
    )


def thread_lines(rates: Sequence[ThreadRate], processors: int) -> list[GoalLine]:
    """Two threads' rate over one thread's, and the efficiency of every other number of threads.

    Args:
        rates: What `thread_rates` measured, one thread's rate among it.
        processors: Processors that there are: two threads can do no more than one on one.
    """
    one = next(rate.samples_per_second for rate in rates if rate.threads == 1)
    two = next((rate.samples_per_second for rate in rates if rate.threads == 2), None)
    measurable = two is not None and processors >= 2
    lines = [
        GoalLine(
            key="two-threads",
            what="two threads' rate / one thread's",
            value=two / one if two is not None and measurable else None,
            unit="",
            goal=Goal(">=", 1.9),
            figures=(_rate("two", two), _rate("one", one)) if two is not None else (),
            missing=None if measurable else "needs two processors",
        )
    ]
    for rate in rates:
        if rate.threads not in (1, 2):
            lines.append(
                GoalLine(
                    key=f"efficiency-{rate.threads}-threads",
                    what=f"{rate.threads} threads' rate / {rate.threads} x one's",
                    value=rate.samples_per_second / (rate.threads * one),
                    unit="",
                    goal=None,
                    figures=(_rate(str(rate.threads), rate.samples_per_second), _rate("one", one)),
                )
            )
    return lines


def _rate(what: str, samples_per_second: float) -> Figure:
    return Figure(what, samples_per_second, "samples/s")
