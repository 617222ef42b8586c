"""Drawing samples as work: every call draws samples that were never drawn before.

A processor learns the branches of what it repeats: drawing the same 64 samples over and over is a
tenth faster than drawing new ones, which is what anybody does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

from nanotilt.recipes.batch import Batch
from nanotilt.recipes.recipe import Recipe

SEED = 7


def fresh_samples(
    recipe: Recipe, count: int, *, n_threads: int | None = None
) -> Callable[[], Batch]:
    """A function that draws the next `count` samples of a stream with each call.

    Args:
        recipe: What to draw.
        count: Samples per call.
        n_threads: Threads to use; None: the usual number.
    """
    starts = itertools.count(step=max(1, count))
    return lambda: recipe.sample(SEED, next(starts), count, n_threads=n_threads)
