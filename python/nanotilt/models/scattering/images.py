"""Networks that tag scattering images by their pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from nanotilt._base.checks import integer
from nanotilt.models._arguments import image_shape
from nanotilt.models._network import CHANNELS_LAST
from nanotilt.models.plan import TrainingPlan
from nanotilt.models.scattering import towers
from nanotilt.models.scattering.tagging_network import (
    PAPER,
    SMALL,
    TaggingNetwork,
    as_here,
    as_the_paper,
    checked_size,
)
from nanotilt.models.segmentation.blocks import convolution
from nanotilt.scenes.scattering_terms import TAGS

CROP_PX = 227
"""Pixels on a side that the paper's network looks at."""

SMALLEST_SIDE = {PAPER: 131, SMALL: 32}
"""What the pools leave one place of."""

SMALL_SIDE_PX = 128
"""Images are binned until the small network has so many pixels on a side, or a few more."""

_VGG = {
    PAPER: ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)),
    SMALL: ((12, 1), (24, 1), (32, 1), (48, 1), (64, 1)),
}
"""Filters, and convolutions, of each stage."""


def sizes_of(view_shape: Sequence[int], size: str) -> tuple[tuple[int, int], int, int]:
    """The shape that a network of images takes, and how it crops or bins.

    Args:
        view_shape: (rows, columns).
        size: "paper" or "small".

    Returns:
        The shape, checked; pixels on a side of the crop; pixels on a side that are binned.
    """
    shape = image_shape(view_shape, at_least=SMALLEST_SIDE[size])
    return shape, CROP_PX, max(1, min(shape) // SMALL_SIDE_PX)


@keras.saving.register_keras_serializable(package="nanotilt")
class ScatteringCNN(TaggingNetwork):
    """The network of images of Lashley et al. 2017, which is AlexNet but for its widths.

    It sees log(1 + I) / log 65536 of the middle 227 x 227 pixels: convolutions of 96 filters of
    11 x 11 in steps of 4, 192 of 5 x 5, 384, 256 and 256 of 3 x 3, pools of 4 x 4 in steps of 2,
    dense layers of 4000 and 4000 with dropout of one half: 44,259,722 weights. The small one sees
    128 x 128 mean counts: 16 filters of 5 x 5, then 32, 48, 64 and 64, batch normalisation, 192
    units; 872,794 weights.

    Args:
        view_shape: (rows, columns) of the images, >= 131 each, or >= 32 of the small network.
        size: "paper" or "small".
        tag_names: The tags.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    def __init__(
        self,
        view_shape: Sequence[int] = (256, 256),
        *,
        size: str = PAPER,
        tag_names: Sequence[str] = TAGS,
        name: str = "scattering_cnn",
        trainable: bool = True,
    ) -> None:
        size = checked_size(size)
        shape, crop, factor = sizes_of(view_shape, size)

        def features(views: Any) -> Any:
            x = towers.image_features(views, size, crop, factor)
            if size == PAPER:
                return towers.dense(x, (4000, 4000), 0.5)
            return towers.dense(x, (192,), 0.3, before=True)

        shapes = {"views": (1, *shape)}
        self._built(features, shapes, tag_names=tag_names, name=name, trainable=trainable)
        self.view_shape, self.size = shape, size

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        return self._arguments(view_shape=list(self.view_shape), size=self.size)

    @classmethod
    def training_plan(
        cls, recipe: Any, budget: str | None = None, *, size: str = PAPER
    ) -> TrainingPlan:
        """The paper's, of 500,000 images; of the small network Adam's, of 512,000.

        The quick budget takes a quarter of the images, the full one four times as many.
        """
        return plan_of_size(size, 50, 20, budget)


def plan_of_size(size: str, paper: int, small: int, budget: str | None) -> TrainingPlan:
    """A plan by the network's size.

    Args:
        size: "paper" or "small".
        paper: Epochs of 10,000 images of the paper's network.
        small: Epochs of 25,600 images of the small one.
        budget: "quick": a quarter of them; "full": four times as many; None: as many.
    """
    times = {"quick": 0.25, "full": 4.0}.get(budget or "", 1.0)
    if checked_size(size) == PAPER:
        return as_the_paper(max(1, round(times * paper)))
    return as_here(max(1, round(times * small)))


@keras.saving.register_keras_serializable(package="nanotilt")
class ScatteringVGG(TaggingNetwork):
    """VGG-16 (Simonyan and Zisserman 2015) for one channel, with means over all places.

    The dense layers of VGG-16 would have 2.18 thousand million weights at 1000 x 1000 pixels. The
    mean over all places of the last maps takes their place, so that images of any size will do:
    14,718,666 weights. The small one has a convolution a stage of 12, 24, 32, 48 and 64 filters,
    with batch normalisation.

    Args:
        size: "paper" or "small".
        tag_names: The tags.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    def __init__(
        self,
        *,
        size: str = PAPER,
        tag_names: Sequence[str] = TAGS,
        name: str = "scattering_vgg",
        trainable: bool = True,
    ) -> None:
        size = checked_size(size)

        def features(views: Any) -> Any:
            x = towers.logarithms(views)
            for i, (width, depth) in enumerate(_VGG[size]):
                for j in range(depth):
                    x = _convolved(x, width, f"stage_{i}_{j}", size)
                x = layers.MaxPooling2D(2, padding="same", name=f"stage_{i}_pool", **CHANNELS_LAST)(
                    x
                )
            return layers.GlobalAveragePooling2D(name="everywhere", **CHANNELS_LAST)(x)

        shapes = {"views": (1, None, None)}
        self._built(features, shapes, tag_names=tag_names, name=name, trainable=trainable)
        self.size = size

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        return self._arguments(size=self.size)

    @classmethod
    def _sizes_for(cls, recipe: Any) -> dict[str, Any]:
        """Nothing: it takes images of any size."""
        integer("n_views", recipe.n_views, at_least=1)
        return {}

    @classmethod
    def training_plan(
        cls, recipe: Any, budget: str | None = None, *, size: str = PAPER
    ) -> TrainingPlan:
        """The paper's, of 200,000 images; of the small network Adam's, of 256,000.

        The quick budget takes a quarter of the images, the full one four times as many.
        """
        return plan_of_size(size, 20, 10, budget)


def _convolved(x: Any, width: int, name: str, size: str) -> Any:
    if size == SMALL:
        return convolution(x, width, "batch", name)
    return layers.Conv2D(
        width, 3, padding="same", activation="relu", kernel_initializer="he_normal", name=name,
        **CHANNELS_LAST,
    )(x)  # fmt: skip
