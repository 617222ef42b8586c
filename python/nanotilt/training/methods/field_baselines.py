"""What methods without a network find in the images of a test."""

from __future__ import annotations

from typing import Any

import numpy as np

from nanotilt._base.optional import missing
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.fields.results import FieldResults
from nanotilt.runs.settings import TRAINING_START
from nanotilt.training.methods.field_images import Unseen, drawn
from nanotilt.training.watcher import Advance

OTSU, FOREST = "Otsu and watershed", "random forest"

FOREST_PIXELS, PIXELS_AN_IMAGE = 60_000, 64
"""The forest learns from so many pixels, and no more than so many for each image that the network
learned from."""

FOREST_TESTED = 12
"""Images at each dose that the forest is scored on: it takes a second for each."""

MOST_PIXELS = 256
"""Sides of images that the forest is tried on: for larger ones it would take minutes."""


def baselines(
    tested: Unseen, recipe: Recipe, seed: int, samples_seen: int, advance: Advance
) -> dict[str, FieldResults]:
    """Scores by method: thresholds and a watershed; a random forest.

    The forest is left out where scikit-learn is not installed, of videos, and of scans with gaps.

    Args:
        tested: The images of the test.
        recipe: What the network was trained on; the forest learns from its first images.
        seed: The stream.
        samples_seen: Images that the network learned from.
        advance: Is told which share is done.
    """
    from nanotilt import segmentation

    with_forest = (
        recipe.n_views == 1
        and "scanned" not in recipe.targets
        and tested.looks.shape[1] <= MOST_PIXELS
        and missing("sklearn") is None
    )
    share = 0.3 if with_forest else 1.0
    found = []
    for i, image in enumerate(tested.looks):
        found.append(segmentation.otsu_watershed(image))
        advance(share * (i + 1) / len(tested.looks))
    scored = {OTSU: FieldResults.of(tested.true, np.stack(found), tested.dose)}
    if with_forest:
        n_pixels = min(FOREST_PIXELS, PIXELS_AN_IMAGE * max(1, samples_seen))
        scored[FOREST] = _forest(
            tested, recipe, seed, n_pixels, lambda part: advance(0.3 + 0.7 * part)
        )
    return scored


def _forest(
    tested: Unseen, recipe: Recipe, seed: int, n_pixels: int, advance: Advance
) -> FieldResults:
    from nanotilt import segmentation

    count = -(-n_pixels // recipe.view_shape[0] ** 2)
    images, batch = drawn(recipe, seed, TRAINING_START, count, None)
    trained = segmentation.forest(
        images[:, 0], batch["instance"].astype(np.int32), seed=seed % 2**32
    )
    advance(0.2)
    chosen: list[Any] = []
    for dose in np.unique(tested.dose):
        here = np.isnan(tested.dose) if np.isnan(dose) else tested.dose == dose
        chosen += list(np.flatnonzero(here)[:FOREST_TESTED])
    found = []
    for i, number in enumerate(chosen):
        found.append(trained.instances(tested.looks[number]))
        advance(0.2 + 0.8 * (i + 1) / len(chosen))
    return FieldResults.of(tested.true[chosen], np.stack(found), tested.dose[chosen])
