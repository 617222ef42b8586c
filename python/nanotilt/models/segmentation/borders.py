"""The network for particles that overlap: foreground, depth, and the borders between particles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from nanotilt.models._arguments import unit_counts
from nanotilt.models.segmentation.blocks import u_net
from nanotilt.models.segmentation.loss import BorderLoss
from nanotilt.models.segmentation.networks import MapNetwork

_LARGEST_NUMBER = 1e9


@keras.saving.register_keras_serializable(package="nanotilt")
class SegmentationBorders(MapNetwork):
    """A `SegmentationUNet` with a third map: whether a pixel lies between two particles.

    Where particles overlap, one cannot tell to the pixel where one ends. A map of depth then shows
    the mean of what may be, without a dip between two middles; a map of borders still says that one
    is near. Particles that overlap freely are found so with an F1 of 0.79 where foreground and
    depth alone give 0.73 (docs/fields.md). The idea is that of the winners of the Data Science Bowl
    2018 (Caicedo et al. 2019), whose third class was the border between nuclei that touch.

    Args:
        widths: Filters of each level, from the finest; two levels at least.
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

    n_maps = 3
    readings: ClassVar[tuple[Mapping[str, float], ...]] = tuple(
        {"prominence": rise} for rise in (0.05, 0.1, 0.15, 0.2, 0.3)
    )

    def __init__(
        self,
        widths: Sequence[int] = (16, 32, 64),
        *,
        n_channels: int = 1,
        norm: str = "batch",
        masked: bool = False,
        reading: Mapping[str, float] | None = None,
        name: str = "segmentation_borders",
        trainable: bool = True,
    ) -> None:
        levels = unit_counts("widths", widths, fewest_layers=2)

        self._with_maps(
            "border", lambda x: u_net(x, levels, norm), n_channels=n_channels, norm=norm,
            masked=masked, reading=reading, name=name, trainable=trainable,
        )  # fmt: skip
        self.widths = levels

    @classmethod
    def truth(cls, targets: Mapping[str, Any]) -> Any:
        """(batch, rows, columns, 3): 1 where there is a particle; the depth; 1 at borders.

        A pixel of a particle is at a border if one of its eight neighbours is of another particle.
        """
        number = ops.cast(targets["instance"], "float32")[..., None]
        # Of a pixel and its neighbours, the largest and the smallest number of a particle.
        largest = ops.max_pool(number, 3, 1, "same", "channels_last")
        reversed_number = ops.where(number > 0, -number, -_LARGEST_NUMBER)
        smallest = -ops.max_pool(reversed_number, 3, 1, "same", "channels_last")
        border = ops.logical_and(number > 0, largest != smallest)
        maps = [ops.cast(number > 0, "float32"), targets["depth"][..., None]]
        return ops.concatenate([*maps, ops.cast(border, "float32")], axis=-1)

    @classmethod
    def new_loss(cls) -> BorderLoss:
        """That of `SegmentationUNet`, and the cross-entropy of the borders."""
        return BorderLoss()

    def instances_of(
        self, maps: npt.NDArray[np.float32], shape: tuple[int, ...], **options: Any
    ) -> npt.NDArray[np.int32]:
        """As `nanotilt.segmentation.instances` with borders, whose options it takes."""
        from nanotilt import segmentation

        options = {"prominence": 0.15, **options}
        return segmentation.instances(maps[..., 0], maps[..., 1], maps[..., 2], **options)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        return self._arguments(widths=list(self.widths))
