"""A network that answers with each particle's outline: distances along rays, as StarDist has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops

from nanotilt.models._arguments import unit_counts
from nanotilt.models._network import CHANNELS_LAST
from nanotilt.models.segmentation.blocks import convolution, halved, u_net
from nanotilt.models.segmentation.loss import StarLoss
from nanotilt.models.segmentation.particle_network import ParticleNetwork
from nanotilt.scenes.field_terms import N_RAYS, STAR_GRID


@keras.saving.register_keras_serializable(package="nanotilt")
class SegmentationStar(ParticleNetwork):
    """A U-Net at half resolution that gives, for every place, an outline by 32 rays.

    Its maps are the depth, 1 in a particle's middle and 0 at its outline, and the distances to the
    outline along 32 directions, in pixels (Schmidt et al. 2018, StarDist; its probability is our
    depth). Of the outlines that belong to one particle, that of the deepest place is kept. Outlines
    must be seen from the middle; rods of five times their width still are, but one place's rays
    set the whole shape.

    Args:
        widths: Filters of each level, from the finest, which has half the image's resolution; two
            levels at least. (32, 64, 128) makes 498,225 weights.
        n_channels: As for `SegmentationUNet`.
        norm: "batch" or "group" normalisation.
        masked: As for `SegmentationUNet`.
        reading: As for `SegmentationUNet`.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    learns_from: ClassVar[tuple[str, ...]] = ("depth", "rays")
    stride: ClassVar[int] = STAR_GRID
    readings: ClassVar[tuple[Mapping[str, float], ...]] = tuple(
        {"depth_above": least} for least in (0.2, 0.3, 0.4, 0.5)
    )

    def __init__(
        self,
        widths: Sequence[int] = (32, 64, 128),
        *,
        n_channels: int = 1,
        norm: str = "batch",
        masked: bool = False,
        reading: Mapping[str, float] | None = None,
        name: str = "segmentation_star",
        trainable: bool = True,
    ) -> None:
        levels = unit_counts("widths", widths, fewest_layers=2)

        def heads(x: Any) -> Any:
            x = halved(convolution(x, levels[0] // 2 or 1, norm, "whole"), "half")
            x = u_net(x, levels, norm)
            x = convolution(x, 2 * levels[0], norm, "shared")
            depth = layers.Conv2D(1, 1, activation="sigmoid", name="star_depth", **CHANNELS_LAST)
            # Distances are positive, and a particle's some pixels long: softplus of 4 is 4.02.
            rays = layers.Conv2D(
                N_RAYS, 1, activation="softplus", name="star_rays",
                bias_initializer=keras.initializers.Constant(4.0), **CHANNELS_LAST,
            )  # fmt: skip
            return ops.concatenate([depth(x), rays(x)], axis=-1)

        self._built(
            heads,
            n_channels=n_channels,
            norm=norm,
            masked=masked,
            reading=reading,
            name=name,
            trainable=trainable,
        )
        self.widths = levels

    @classmethod
    def truth(cls, targets: Mapping[str, Any]) -> Any:
        """(batch, rows / 2, columns / 2, 33): depth and rays of every second pixel."""
        depth = targets["depth"][:, ::STAR_GRID, ::STAR_GRID]
        rays = targets["rays"]
        depth = depth[:, : ops.shape(rays)[1], : ops.shape(rays)[2]]
        return ops.concatenate([depth[..., None], rays], axis=-1)

    @classmethod
    def new_loss(cls) -> StarLoss:
        """Cross-entropy of the depth, absolute error of the rays."""
        return StarLoss()

    def instances_of(
        self, maps: npt.NDArray[np.float32], shape: tuple[int, ...], **options: Any
    ) -> npt.NDArray[np.int32]:
        """As `nanotilt.segmentation.star_instances`, whose options it takes."""
        from nanotilt import segmentation

        return segmentation.star_instances(maps[..., 0], maps[..., 1:], shape, **options)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        return self._arguments(widths=list(self.widths))
