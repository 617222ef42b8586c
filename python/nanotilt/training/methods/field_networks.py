"""The networks that find particles, by name, and what a recipe needs for each."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

from nanotilt import models
from nanotilt.instruments.scanning_camera import ScanningCamera
from nanotilt.recipes.recipe import Recipe

_NETWORKS: dict[str, Any] = {
    "unet": models.SegmentationUNet,
    "unet-large": models.SegmentationUNet,
    "borders": models.SegmentationBorders,
    "fpn": models.SegmentationFPN,
    "star": models.SegmentationStar,
    "detector": models.ParticleDetector,
}
"""The classes of `nanotilt.runs.settings.FIELD_NETWORKS`."""

TRACK_TARGETS = ("table", "n_table", "lineage", "n_lineage")
"""What the truth of a video's tracks is made of."""


def new_model(name: str, recipe: Recipe) -> Any:
    """A network of `nanotilt.runs.settings.FIELD_NETWORKS` for a recipe, not yet compiled."""
    make = partial(_NETWORKS[name].for_recipe, recipe, compile=False)
    return make(widths=(16, 32, 64, 128)) if name == "unet-large" else make()


def trained_recipe(recipe: Recipe, name: str, n_frames: int = 1) -> Recipe:
    """The recipe as a network is trained on it: with all that it learns from and is scored by.

    Args:
        recipe: Images, or videos.
        name: The network.
        n_frames: Frames that it sees at a time.
    """
    return _with(_of_frames(recipe, n_frames), "instance", *_NETWORKS[name].learns_from)


def tested_recipe(recipe: Recipe) -> Recipe:
    """The recipe with what tests look at: instances, and of videos the particles' tracks."""
    return _with(recipe, "instance", *(TRACK_TARGETS if recipe.n_views > 1 else ()))


def _of_frames(recipe: Recipe, n_frames: int) -> Recipe:
    if recipe.n_views == n_frames:
        return recipe
    assert isinstance(recipe.detector, ScanningCamera)
    camera = dataclasses.replace(recipe.detector, n_frames=n_frames)
    targets = recipe.targets
    if n_frames == 1:  # images have no lineage
        targets = tuple(name for name in targets if "lineage" not in name)
    return dataclasses.replace(recipe, detector=camera, targets=targets)


def _with(recipe: Recipe, *targets: str) -> Recipe:
    more = [target for target in dict.fromkeys(targets) if target not in recipe.targets]
    return dataclasses.replace(recipe, targets=(*recipe.targets, *more)) if more else recipe
