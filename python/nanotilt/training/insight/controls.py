"""Views replaced by others, to see what a network does without them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from nanotilt._base.checks import SEED_LIMIT
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs import findings as found
from nanotilt.training.classifier import Views, first_view_only
from nanotilt.training.insight.variants import empty_space

Places = npt.NDArray[np.intp]


def partners(classes: npt.NDArray[np.int32]) -> Places:
    """For each sample, another one of the same class: the next of it, for the last one the first.

    The samples of a stream are independent of one another, so the next is as good as any; and which
    it is depends on the labels alone.

    Args:
        classes: (n,) classes.

    Returns:
        (n,) places in [0, n); within each class a permutation without fixed points. -1 for a sample
        that is alone in its class.
    """
    chosen = np.full(len(classes), -1, dtype=np.intp)
    for label in np.unique(classes):
        places = np.flatnonzero(classes == label)
        if len(places) > 1:
            chosen[places] = np.roll(places, -1)
    return chosen


def changed_views(
    recipe: Recipe, seed: int, start: int, views: Views, classes: npt.NDArray[np.int32]
) -> Iterator[tuple[str, Views, Places]]:
    """The controls that apply, one after the other, so that memory holds one at a time.

    Args:
        recipe: What the views were drawn from.
        seed: The stream.
        start: Index of the first sample.
        views: (n, n_views, ...).
        classes: (n,) classes of the recipe.

    Yields:
        The control's name, changed views (m, n_views, ...), and which samples they belong to:
        (m,) places in [0, n). Nothing for one view.
    """
    if recipe.n_views == 1:
        return
    everyone = np.arange(len(views))
    yield found.SAME_VIEW, first_view_only(views), everyone
    partner = partners(classes)
    paired = np.flatnonzero(partner >= 0)
    if len(paired):
        # Each view keeps its place, and so its nominal angle.
        others = views[partner[paired], 1:]
        yield found.SAME_CLASS, np.concatenate([views[paired, :1], others], axis=1), paired
    # Another stream: the noise must not be the one that the samples' own views have.
    empty = empty_space(recipe).sample((seed + 1) % SEED_LIMIT, start, len(views)).views
    yield found.OTHERS_NOISE, np.concatenate([views[:, :1], empty[:, 1:]], axis=1), everyone
    yield found.FIRST_NOISE, np.concatenate([empty[:, :1], views[:, 1:]], axis=1), everyone
