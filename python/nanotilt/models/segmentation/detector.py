"""A network that answers with a box around each particle, found by its middle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops

from nanotilt._base.checks import integer
from nanotilt.models._arguments import unit_counts
from nanotilt.models._network import CHANNELS_LAST
from nanotilt.models.segmentation.blocks import pyramid
from nanotilt.models.segmentation.loss import DetectionLoss
from nanotilt.models.segmentation.particle_network import ParticleNetwork
from nanotilt.scenes.field_terms import COLUMNS

_ID = list(COLUMNS).index("id")


@keras.saving.register_keras_serializable(package="nanotilt")
class ParticleDetector(ParticleNetwork):
    """A feature pyramid that finds middles, and the box around each.

    Its maps are the foreground; the middles, as peaks; and the distances to the left, top, right
    and bottom of the particle's box, in pixels. A peak is a particle, and its box that which is
    read there (Zhou et al. 2019, CenterNet, with four distances instead of a size and an offset,
    since boxes at the image's rim do not lie about the middle; Tian et al. 2019). It stands in
    place of a region proposal network: particles are small and many, and proposals would find
    nothing more than peaks do.

    Args:
        widths: Filters of each level, from the finest; two levels at least.
        n_channels: As for `SegmentationUNet`.
        width: Filters of the pyramid.
        norm: "batch" or "group" normalisation.
        masked: As for `SegmentationUNet`.
        reading: As for `SegmentationUNet`.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    learns_from: ClassVar[tuple[str, ...]] = ("instance", "centres", "boxes", "table")
    readings: ClassVar[tuple[Mapping[str, float], ...]] = tuple(
        {"centre_above": least} for least in (0.2, 0.3, 0.4, 0.5)
    )

    def __init__(
        self,
        widths: Sequence[int] = (16, 32, 64, 128),
        *,
        n_channels: int = 1,
        width: int = 32,
        norm: str = "batch",
        masked: bool = False,
        reading: Mapping[str, float] | None = None,
        name: str = "particle_detector",
        trainable: bool = True,
    ) -> None:
        levels = unit_counts("widths", widths, fewest_layers=2)
        width = integer("width", width, at_least=1)

        def heads(x: Any) -> Any:
            x = pyramid(x, levels, width, norm)
            # Peaks are rare: first answers of 0.1 keep the first losses small (Lin et al. 2017).
            likely = layers.Conv2D(
                2, 1, activation="sigmoid", name="detector_maps",
                bias_initializer=keras.initializers.Constant(-2.2), **CHANNELS_LAST,
            )  # fmt: skip
            sides = layers.Conv2D(
                4, 1, activation="softplus", name="detector_sides",
                bias_initializer=keras.initializers.Constant(4.0), **CHANNELS_LAST,
            )  # fmt: skip
            return ops.concatenate([likely(x), sides(x)], axis=-1)

        self._built(
            heads,
            n_channels=n_channels,
            norm=norm,
            masked=masked,
            reading=reading,
            name=name,
            trainable=trainable,
        )
        self.widths, self.width = levels, width

    @classmethod
    def truth(cls, targets: Mapping[str, Any]) -> Any:
        """(batch, rows, columns, 6): foreground, middles, distances to the sides of the box."""
        number = ops.cast(targets["instance"], "int32")
        _, rows, columns = ops.shape(number)
        # Instances have the particles' numbers; boxes are rows of those that can be seen.
        known = ops.cast(targets["table"][..., _ID], "int32")[:, None]
        row = ops.argmax(ops.reshape(number, (-1, rows * columns, 1)) == known, axis=-1)
        of_pixel = ops.take_along_axis(
            ops.cast(targets["boxes"], "float32"), row[..., None], axis=1
        )
        left, top, right, bottom = (
            ops.reshape(of_pixel[..., k], (-1, rows, columns)) for k in range(4)
        )
        x = ops.arange(columns, dtype="float32") + 0.5
        y = (ops.arange(rows, dtype="float32") + 0.5)[:, None]
        inside = ops.cast(number > 0, "float32")
        sides = [inside * side for side in (x - left, y - top, right - x, bottom - y)]
        return ops.stack([inside, targets["centres"], *sides], axis=-1)

    @classmethod
    def new_loss(cls) -> DetectionLoss:
        """Cross-entropy of the foreground, focal loss of the middles, relative error of boxes."""
        return DetectionLoss()

    def boxes(self, images: npt.ArrayLike, **options: Any) -> list[npt.NDArray[np.float32]]:
        """The boxes around the particles in images of any size.

        Args:
            images: (batch, n_channels, rows, columns).
            options: Further arguments of `nanotilt.segmentation.boxes`.

        Returns:
            For each image (n, 5) float32: left, top, right, bottom, in pixels from the image's
            corner, and how sure the network is, in [0, 1]; the surest one first.

        Raises:
            ImportError: SciPy is not installed.
            ValueError: the images have another shape.
        """
        from nanotilt import segmentation

        maps = self.maps(images)
        return [segmentation.boxes(one[..., 1], one[..., 2:], **options) for one in maps]

    def instances_of(
        self, maps: npt.NDArray[np.float32], shape: tuple[int, ...], **options: Any
    ) -> npt.NDArray[np.int32]:
        """As `nanotilt.segmentation.box_instances`, whose options it takes."""
        from nanotilt import segmentation

        return segmentation.box_instances(maps[..., 0], maps[..., 1], maps[..., 2:], **options)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        return self._arguments(widths=list(self.widths), width=self.width)
