"""Which samples a report shows: chosen by rule, so that nobody picks the pretty ones."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from nanotilt._base.checks import INDEX_LIMIT
from nanotilt.recipes.recipe import Recipe
from nanotilt.recipes.spec import DEFAULT_TARGETS

MOST_SAMPLES_SEARCHED = 20_000
_CHUNK = 512


def labelled(recipe: Recipe) -> Recipe:
    """The same samples with their labels and angles, whichever targets the recipe asks for."""
    if set(DEFAULT_TARGETS) <= set(recipe.spec):
        return recipe
    return dataclasses.replace(recipe, targets=DEFAULT_TARGETS)


def first_of_each_class(recipe: Recipe, seed: int, start: int, count: int) -> list[list[int]]:
    """Indices of the first samples of every class.

    Args:
        recipe: The recipe.
        seed: The stream.
        start: Where the search begins. It ends after 20,000 samples.
        count: Samples wanted of each class.

    Returns:
        For each class, in the recipe's order, at most `count` indices into the stream.
    """
    found: list[list[int]] = [[] for _ in recipe.class_names]
    end = min(start + MOST_SAMPLES_SEARCHED, INDEX_LIMIT)
    while start < end and any(len(indices) < count for indices in found):
        n = min(_CHUNK, end - start)
        for i, label in enumerate(labelled(recipe).sample(seed, start, n).label):
            if len(found[label]) < count:
                found[label].append(start + i)
        start += n
    return found


def right_and_wrong(
    labels: npt.NDArray[np.int32], probabilities: npt.NDArray[np.float32], count: int
) -> tuple[list[int], list[int]]:
    """Which tested samples to show as right and as wrong examples: the first of each.

    Args:
        labels: (n,) true classes.
        probabilities: (n, n_classes).
        count: Samples wanted of each kind.

    Returns:
        Places, in [0, n), of at most `count` samples that were classified rightly, and wrongly.
    """
    right = probabilities.argmax(axis=1) == labels
    return (
        [int(i) for i in np.flatnonzero(right)[:count]],
        [int(i) for i in np.flatnonzero(~right)[:count]],
    )
