"""The network that tags scattering images by their polar cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from nanotilt._base.checks import integers, received
from nanotilt.models._arguments import unit_counts
from nanotilt.models._network import CHANNELS_LAST
from nanotilt.models.plan import TrainingPlan
from nanotilt.models.scattering.polar_layers import (
    Harmonics,
    PolarChannels,
    circular_convolution,
    profile,
    radial_convolution,
)
from nanotilt.models.scattering.tagging_network import TaggingNetwork, as_here
from nanotilt.models.scattering.towers import dense
from nanotilt.scenes.scattering_terms import TAGS

POLAR = (96, 32)
"""Radii, equally far apart in their logarithm, and azimuths of a half turn."""

_FEWEST_RADII, _FEWEST_AZIMUTHS = 16, 8
_MOST_ORDERS = 9
"""Orders 0, 2, ... 16 of a turn."""


@keras.saving.register_keras_serializable(package="nanotilt")
class PolarNet(TaggingNetwork):
    """A network of mean counts over logarithms of the radius and a half turn of the azimuth.

    By Friedel's law a pattern repeats after half a turn: two opposite cells are one, and what a
    beamstop hides on one side is seen on the other. Along the logarithm of the radius rings, their
    orders and their widths look alike wherever they are. A turn of the image moves its cells along
    the azimuth, which is closed to a circle: the answer to a turn by whole cells is the same,
    because of what the convolutions find only the absolute values of harmonics, means and maxima
    over the azimuth go on.

    Two branches are joined: convolutions over radius and azimuth whose harmonics tell the symmetry,
    and convolutions over the radius of what is left without the azimuth (means, maxima, spread and
    harmonics of the cells as counted), which tell shapes of profiles.

    Args:
        polar_shape: (2, radii, azimuths): mean counts and numbers of pixels; >= 16 radii, >= 8
            azimuths.
        filters: Of the circular convolutions. All but the last halve the radii.
        profile_filters: Of the two convolutions over the radius.
        units: Of the dense layer.
        tag_names: The tags.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    looks_at = ("polar",)

    def __init__(
        self,
        polar_shape: Sequence[int] = (2, *POLAR),
        *,
        filters: Sequence[int] = (16, 24, 32),
        profile_filters: Sequence[int] = (48, 64),
        units: int = 192,
        tag_names: Sequence[str] = TAGS,
        name: str = "polar_net",
        trainable: bool = True,
    ) -> None:
        shape = _checked_shape(polar_shape)
        filters = unit_counts("filters", filters, fewest_layers=1)
        first, second = _two("profile_filters", profile_filters)
        (units,) = unit_counts("units", (units,), fewest_layers=1)
        n_orders = min(_MOST_ORDERS, shape[2] // 2)

        def features(polar: Any) -> Any:
            channels = PolarChannels(name="channels", dtype="float32")(polar)
            x = channels
            for i, n in enumerate(filters):
                stride = 1 if i == len(filters) - 1 else 2
                x = circular_convolution(x, n, stride, f"circular_{i}")
            spots = Harmonics(n_orders, name="harmonics_found")(x)
            spots = radial_convolution(spots, 96, 1, "spots")
            counted = Harmonics(n_orders, name="harmonics_counted")(channels[..., :2])
            y = ops.concatenate([profile(channels), counted], axis=-1)
            y = radial_convolution(y, first, 5, "profile_0")
            for i in range(len(filters) - 1):
                y = layers.MaxPooling1D(
                    2, padding="same", name=f"profile_pool_{i}", **CHANNELS_LAST
                )(y)
                y = radial_convolution(y, second, 5, f"profile_{i + 1}")
            both = ops.concatenate([spots, y], axis=-1)
            both = radial_convolution(both, 96, 3, "joined")
            coarse = layers.MaxPooling1D(2, padding="same", name="joined_pool", **CHANNELS_LAST)(
                both
            )
            coarse = radial_convolution(coarse, 64, 3, "coarse")
            x = ops.concatenate(
                [
                    layers.Flatten(name="radii", **CHANNELS_LAST)(coarse),
                    ops.max(both, axis=1),
                    ops.mean(both, axis=1),
                ],
                axis=-1,
            )
            return dense(x, (units,), 0.2, before=True)

        shapes = {"polar": shape}
        self._built(features, shapes, tag_names=tag_names, name=name, trainable=trainable)
        self.polar_shape, self.filters = shape, filters
        self.profile_filters, self.units = (first, second), units

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        return self._arguments(
            polar_shape=list(self.polar_shape), filters=list(self.filters),
            profile_filters=list(self.profile_filters), units=self.units,
        )  # fmt: skip

    @classmethod
    def _sizes_for(cls, recipe: Any) -> dict[str, Any]:
        return {"polar_shape": tuple(recipe.spec["polar"].shape)}

    @classmethod
    def training_plan(
        cls, recipe: Any, budget: str | None = None, *, size: str = "small"
    ) -> TrainingPlan:
        """Adam, batches of 64, 1,024,000 images, a learning rate that rises, then falls to 0.

        The quick budget takes a quarter of the images, the full one four times as many.
        """
        return as_here({"quick": 10, "full": 160}.get(budget or "", 40))


def _checked_shape(shape: Any) -> tuple[int, int, int]:
    found = integers("polar_shape", shape, at_least=2)
    if len(found) != 3 or found[0] != 2:
        raise ValueError(
            "polar_shape must be (2, radii, azimuths), for mean counts and numbers of pixels. "
            f"{received('polar_shape', shape)}"
        )
    if found[1] < _FEWEST_RADII or found[2] < _FEWEST_AZIMUTHS:
        raise ValueError(
            f"polar_shape must have >= {_FEWEST_RADII} radii and >= {_FEWEST_AZIMUTHS} azimuths. "
            f"{received('polar_shape', shape)}"
        )
    return found[0], found[1], found[2]


def _two(field: str, value: Any) -> tuple[int, int]:
    counts = unit_counts(field, value, fewest_layers=2)
    if len(counts) != 2:
        raise ValueError(f"{field} must have two entries. {received(field, value)}")
    return counts[0], counts[1]
