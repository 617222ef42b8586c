"""Networks that find particles: whether each pixel shows one, and how deep inside it lies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops

from nanotilt._base.checks import integer
from nanotilt.models._arguments import unit_counts
from nanotilt.models._network import CHANNELS_LAST
from nanotilt.models.segmentation.blocks import pyramid, u_net
from nanotilt.models.segmentation.loss import SegmentationLoss
from nanotilt.models.segmentation.particle_network import ParticleNetwork


class MapNetwork(ParticleNetwork):
    """A network with maps of the image: foreground and depth, and what else a kind of it adds."""

    n_maps: ClassVar[int] = 2

    readings: ClassVar[tuple[Mapping[str, float], ...]] = (
        {}, *({"prominence": rise} for rise in (0.1, 0.15, 0.2, 0.3)),
    )  # fmt: skip

    def _with_maps(self, kind: str, features: Callable[[Any], Any], **shared: Any) -> None:
        def heads(x: Any) -> Any:
            maps = layers.Conv2D(
                self.n_maps, 1, activation="sigmoid", name=f"{kind}_maps", **CHANNELS_LAST
            )
            return maps(features(x))

        self._built(heads, **shared)

    @classmethod
    def truth(cls, targets: Mapping[str, Any]) -> Any:
        """(batch, rows, columns, 2): 1 where there is a particle, and the depth."""
        return ops.stack([ops.cast(targets["instance"] > 0, "float32"), targets["depth"]], axis=-1)

    @classmethod
    def new_loss(cls) -> SegmentationLoss:
        """Cross-entropy and overlap of the foreground, squared error of the depth."""
        return SegmentationLoss()

    def instances_of(
        self, maps: npt.NDArray[np.float32], shape: tuple[int, ...], **options: Any
    ) -> npt.NDArray[np.int32]:
        """As `nanotilt.segmentation.instances`, whose options it takes."""
        from nanotilt import segmentation

        return segmentation.instances(maps[..., 0], maps[..., 1], **options)


@keras.saving.register_keras_serializable(package="nanotilt")
class SegmentationUNet(MapNetwork):
    """A U-Net with two maps: foreground, and depth, 1 in a particle's middle, 0 at its outline.

    Each image is brought to mean 0 and standard deviation 1, so neither dose nor contrast's scale
    matter. Levels are two convolutions of 3 x 3, each with normalisation and ReLU; between them
    max pooling and bilinear interpolation (Ronneberger et al. 2015). Widths (16, 32, 64) make
    118,962 weights, which a processor core trains in minutes; (16, 32, 64, 128) 489,138.

    Args:
        widths: Filters of each level, from the finest; two levels at least.
        n_channels: Images of one sample that are seen together: frames, and with ``masked`` the
            mask of the scan as the last.
        norm: "batch" or "group" normalisation, of 8 channels a group.
        masked: Whether the last channel tells which pixels were scanned; mean and standard
            deviation are of those alone.
        reading: Options of what makes particles of the maps, where `instances` is given none:
            training chooses them from `readings` on validation images. None: their defaults.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    def __init__(
        self,
        widths: Sequence[int] = (16, 32, 64),
        *,
        n_channels: int = 1,
        norm: str = "batch",
        masked: bool = False,
        reading: Mapping[str, float] | None = None,
        name: str = "segmentation_u_net",
        trainable: bool = True,
    ) -> None:
        levels = unit_counts("widths", widths, fewest_layers=2)
        self._with_maps(
            "u_net", lambda x: u_net(x, levels, norm), n_channels=n_channels, norm=norm,
            masked=masked, reading=reading,
            name=name, trainable=trainable,
        )  # fmt: skip
        self.widths = levels

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        return self._arguments(widths=list(self.widths))


@keras.saving.register_keras_serializable(package="nanotilt")
class SegmentationFPN(MapNetwork):
    """A feature pyramid with residual blocks, and the same two maps as `SegmentationUNet`.

    Each level halves the image and adds its input to what two convolutions make of it (He et al.
    2016). Levels are brought to one width, and each is added to the next finer one, interpolated
    (Lin et al. 2017).

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

    def __init__(
        self,
        widths: Sequence[int] = (16, 32, 64, 128),
        *,
        n_channels: int = 1,
        width: int = 32,
        norm: str = "batch",
        masked: bool = False,
        reading: Mapping[str, float] | None = None,
        name: str = "segmentation_fpn",
        trainable: bool = True,
    ) -> None:
        levels = unit_counts("widths", widths, fewest_layers=2)
        width = integer("width", width, at_least=1)

        self._with_maps(
            "fpn", lambda x: pyramid(x, levels, width, norm), n_channels=n_channels, norm=norm,
            masked=masked, reading=reading,
            name=name, trainable=trainable,
        )  # fmt: skip
        self.widths, self.width = levels, width

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        return self._arguments(widths=list(self.widths), width=self.width)
