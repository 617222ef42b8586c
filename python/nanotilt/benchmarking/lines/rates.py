"""Samples per second of a recipe, by route, threads and batch size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from nanotilt._base.optional import missing
from nanotilt.benchmarking.effort import Effort
from nanotilt.benchmarking.lines.drawing import fresh_samples
from nanotilt.benchmarking.lines.streams import Stream, rest
from nanotilt.benchmarking.results import Rate, Route
from nanotilt.benchmarking.timing import Work, best_seconds, calls
from nanotilt.recipes.recipe import Recipe

_Place: TypeAlias = tuple[Route, int, int]


def recipe_rates(
    name: str, recipe: Recipe, threads: Sequence[int], batch_sizes: Sequence[int], effort: Effort
) -> list[Rate]:
    """Rates of one recipe, through `Recipe.sample` and, if TensorFlow is there, through a stream.

    NumPy draws one batch per call. All of them take turns.

    Args:
        name: What to call the recipe.
        recipe: The recipe.
        threads: Numbers of threads.
        batch_sizes: Numbers of samples per batch.
        effort: How long to measure.
    """
    works: dict[_Place, Work] = {}
    for n_threads in threads:
        for batch_size in batch_sizes:
            works["NumPy", n_threads, batch_size] = _sampled(recipe, n_threads, batch_size)
            if missing("tensorflow") is None:
                works["tf.data", n_threads, batch_size] = _streamed(recipe, n_threads, batch_size)
    seconds = best_seconds(works, effort)
    return [
        Rate(name, route, n_threads, batch_size, batch_size / seconds[route, n_threads, batch_size])
        for route, n_threads, batch_size in sorted(works)
    ]


def _sampled(recipe: Recipe, n_threads: int, batch_size: int) -> Work:
    return calls(fresh_samples(recipe, batch_size, n_threads=n_threads), settle=rest)


def _streamed(recipe: Recipe, n_threads: int, batch_size: int) -> Work:
    return Stream(recipe, batch_size, n_threads).work()
