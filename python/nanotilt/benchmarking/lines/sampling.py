"""Whole samples beside NumPy's bare normals, and beside the same samples in vectorised NumPy."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nanotilt import recipes
from nanotilt.benchmarking.effort import Effort
from nanotilt.benchmarking.lines import numpy_reference
from nanotilt.benchmarking.lines.drawing import fresh_samples
from nanotilt.benchmarking.results import Figure, Goal, GoalLine
from nanotilt.benchmarking.timing import Work, best_seconds, calls
from nanotilt.recipes.recipe import Recipe

SAMPLES_PER_CALL = 2048
N_NORMALS = 256
NUMPY_CHUNK = 64
"""Samples that vectorised NumPy makes at once; larger arrays fall out of the cache and take longer
per sample."""


@dataclass(frozen=True)
class Subject:
    """A recipe that is measured beside NumPy.

    Attributes:
        name: Its name.
        recipe: The recipe.
        numpy_batch: The same samples in vectorised NumPy.
        normals_goal: For one sample's time over that of 256 normals.
    """

    name: str
    recipe: Recipe
    numpy_batch: Callable[[np.random.Generator, int], object]
    normals_goal: Goal


def subjects() -> tuple[Subject, ...]:
    """The chirality recipe, and the hole recipe: 32 bins, one view."""
    return (
        Subject(
            "chirality",
            recipes.chirality(),
            numpy_reference.chirality_batch,
            Goal("<=", 0.40, stretch=0.30),
        ),
        Subject(
            "hole",
            recipes.hole(),
            numpy_reference.hole_batch,
            Goal("<=", 0.25),
        ),
    )


def lines_beside_normals(effort: Effort) -> list[GoalLine]:
    """One sample's time over NumPy's time for 256 float32 normals.

    The normals are a yardstick that everyone has: a sample needs about as many random numbers. The
    goal is for normals drawn into a given array; a line without a goal is for the usual call, which
    makes a new array. Calls draw 2,048 samples, one thread.
    """
    lines = []
    for subject in subjects():
        seconds = best_seconds(
            {
                "sample": _samples(subject.recipe),
                "given": normals_in_given_array(),
                "new": _normals_in_new_arrays(),
            },
            effort,
        )
        sample = seconds["sample"] / SAMPLES_PER_CALL
        for key, what, goal, array in (
            ("by-normals", "NumPy normals", subject.normals_goal, "given"),
            ("by-new-normals", "in a new array", None, "new"),
        ):
            lines.append(
                GoalLine(
                    key=f"{subject.name}-{key}",
                    what=f"{subject.name} sample / {N_NORMALS} {what}",
                    value=sample / seconds[array],
                    unit="",
                    goal=goal,
                    figures=(
                        Figure("a sample", 1e6 * sample, "µs"),
                        Figure(f"{N_NORMALS} normals", 1e6 * seconds[array], "µs"),
                    ),
                )
            )
    return lines


def lines_beside_numpy(effort: Effort) -> list[GoalLine]:
    """Vectorised NumPy's time for a sample over nanotilt's, one thread each."""
    lines = []
    for subject in subjects():
        rng = np.random.default_rng(1)
        draw = calls(functools.partial(subject.numpy_batch, rng, NUMPY_CHUNK))
        seconds = best_seconds({"sample": _samples(subject.recipe), "numpy": draw}, effort)
        own, other = seconds["sample"] / SAMPLES_PER_CALL, seconds["numpy"] / NUMPY_CHUNK
        lines.append(
            GoalLine(
                key=f"{subject.name}-by-numpy",
                what=f"NumPy's time / nanotilt's: {subject.name}",
                value=other / own,
                unit="",
                goal=Goal(">=", 20),
                figures=(
                    Figure("NumPy", 1e6 * other, "µs"),
                    Figure("nanotilt", 1e6 * own, "µs"),
                ),
            )
        )
    return lines


def _samples(recipe: Recipe) -> Work:
    return calls(fresh_samples(recipe, SAMPLES_PER_CALL, n_threads=1))


def normals_in_given_array() -> Work:
    """NumPy's 256 float32 normals, drawn into an array that is there."""
    rng = np.random.Generator(np.random.PCG64(1))
    out = np.empty(N_NORMALS, np.float32)

    def draw(times: int) -> None:  # a function per draw would be 2 % of its time
        for _ in range(times):
            rng.standard_normal(out=out, dtype=np.float32)

    return Work(draw)


def _normals_in_new_arrays() -> Work:
    rng = np.random.Generator(np.random.PCG64(1))

    def draw(times: int) -> None:
        for _ in range(times):
            rng.standard_normal(N_NORMALS, dtype=np.float32)

    return Work(draw)
