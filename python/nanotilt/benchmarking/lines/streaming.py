"""How much of the sampling rate arrives at the end of a tf.data pipeline.

Streamed and sampled are the same number of samples, 65,536, by two threads. The stream delivers
batches; NumPy may draw them in whichever way is faster: in calls of one batch each, or all in one
call. That is hard on the stream of small batches, but it is what somebody gives up who streams.
Lines without a goal tell the rest: the same batches from a Python loop, and NumPy drawing exactly
these batches.
"""

from __future__ import annotations

from nanotilt import recipes
from nanotilt._base.optional import missing
from nanotilt.benchmarking.effort import Effort
from nanotilt.benchmarking.lines.drawing import fresh_samples
from nanotilt.benchmarking.lines.streams import Stream, rest
from nanotilt.benchmarking.results import Figure, Goal, GoalLine
from nanotilt.benchmarking.timing import Work, best_seconds, calls
from nanotilt.recipes.recipe import Recipe

SAMPLES = 65_536
"""64 large batches: the two that are under way when the clock starts and stops weigh little."""
THREADS = 2
GOALS = {1024: 0.90, 64: 0.60}
"""Batch sizes, and the share of the sampling rate that shall arrive."""


def streaming_lines(effort: Effort) -> list[GoalLine]:
    """The lines for every batch size; without values where there is no TensorFlow."""
    lacking = missing("tensorflow")
    return [
        line
        for batch_size in GOALS
        for line in (_lines_missing(batch_size, lacking) if lacking else _lines(batch_size, effort))
    ]


def _lines(batch_size: int, effort: Effort) -> list[GoalLine]:
    recipe = recipes.chirality()
    stream = Stream(recipe, batch_size, THREADS)
    per_turn = SAMPLES // batch_size
    seconds = best_seconds(
        {
            "streamed": stream.work(per_turn),
            "in Python": stream.work(per_turn, in_python=True),
            "one call": _sampled(recipe, SAMPLES),
            "same calls": _sampled(recipe, batch_size),
        },
        effort,
    )
    rate = {way: SAMPLES / taken for way, taken in seconds.items()}
    fastest = max(rate["one call"], rate["same calls"])
    pairs = (
        (rate["streamed"], fastest),
        (rate["in Python"], fastest),
        (rate["streamed"], rate["same calls"]),
    )
    return [
        _line(key, what, batch_size, goal, pair)
        for (key, what, goal), pair in zip(_ways(batch_size), pairs, strict=True)
    ]


def _ways(batch_size: int) -> tuple[tuple[str, str, Goal | None], ...]:
    """Key, text and goal of the three lines."""
    goal = Goal(">=", GOALS[batch_size])
    return (
        ("stream", "stream / sample", goal),
        ("stream-python", "stream in Python / sample", None),
        ("stream-same-calls", "stream / sample by batches", None),
    )


def _line(
    key: str, what: str, batch_size: int, goal: Goal | None, pair: tuple[float, float]
) -> GoalLine:
    streamed, sampled = pair
    figures = (
        Figure("streamed", streamed, "samples/s"),
        Figure("sampled", sampled, "samples/s"),
    )
    what = f"{what}, batch {batch_size:,}"
    return GoalLine(f"{key}-{batch_size}", what, streamed / sampled, "", goal, figures)


def _lines_missing(batch_size: int, lacking: str) -> list[GoalLine]:
    return [
        GoalLine(
            f"{key}-{batch_size}",
            f"{what}, batch {batch_size:,}",
            None,
            "",
            goal,
            (),
            lacking,
        )
        for key, what, goal in _ways(batch_size)
    ]


def _sampled(recipe: Recipe, samples_per_call: int) -> Work:
    """As many samples as are streamed, in calls of this size."""
    draw = fresh_samples(recipe, samples_per_call, n_threads=THREADS)

    def draw_all() -> None:
        for _ in range(SAMPLES // samples_per_call):
            draw()

    return calls(draw_all, settle=rest)
