"""What the network of polar cells is built of: its channels, circular convolutions, harmonics."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from nanotilt.models._network import CHANNELS_LAST

CHANNELS = ("logarithm", "along azimuth", "along radius", "seen")
"""What `PolarChannels` makes of the cells."""

_DARK = 0.02
"""Counts a pixel that are added to a variance, so that dark cells are not infinitely significant.
"""

_WINDOW = (1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0)
"""What neighbouring radii count in the mean that a radius is compared with."""


@keras.saving.register_keras_serializable(package="nanotilt")
class PolarChannels(layers.Layer):  # type: ignore[misc]
    """Mean counts of polar cells to four channels.

    The logarithm of the mean count, log(1 + I); how significant it differs from the mean of its
    radius, and that one from its neighbours at other radii, in standard deviations of counting, as
    signed logarithms sign(z) log(1 + |z|); and whether the cell is seen. Cells that no pixel sees
    are 0 in all four.
    """

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Makes the window as a product with radii."""
        n = int(input_shape[2] or 0)
        half = len(_WINDOW) // 2
        window = np.zeros((n, n), np.float32)
        for shift, weight in zip(range(-half, half + 1), _WINDOW, strict=True):
            window += weight * np.eye(n, k=shift, dtype=np.float32)
        self._window = window
        super().build(input_shape)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """(batch, 2, radii, azimuths) to (batch, radii, azimuths, 4)."""
        batch, _, n_radii, n_azimuths = input_shape
        return (batch, n_radii, n_azimuths, len(CHANNELS))

    def call(self, polar: Any) -> Any:
        """Channels of the cells.

        Args:
            polar: (batch, 2, radii, azimuths): mean counts a pixel, whatever they are where no
                pixel is, and numbers of pixels.
        """
        count = ops.maximum(polar[:, 1], 0.0)
        seen = ops.cast(count > 0, polar.dtype)
        mean = seen * ops.maximum(polar[:, 0], 0.0)
        pixels = ops.sum(count, axis=-1, keepdims=True)
        ring = ops.sum(mean * count, axis=-1, keepdims=True) / ops.maximum(pixels, 1.0)
        along_azimuth = seen * (mean - ring) * ops.sqrt(count / (ring + _DARK))
        window = ops.convert_to_tensor(self._window, polar.dtype)
        near = ops.matmul(window, pixels)
        around = ops.matmul(window, ring * pixels) / ops.maximum(near, 1e-9)
        along_radius = (ring - around) * ops.sqrt(pixels / (around + _DARK))
        # One number a radius, the same at all azimuths that are seen.
        channels = [
            ops.log1p(mean),
            _signed_log(along_azimuth),
            _signed_log(along_radius) * seen,
            seen,
        ]
        return ops.stack(channels, axis=-1)


@keras.saving.register_keras_serializable(package="nanotilt")
class Harmonics(layers.Layer):  # type: ignore[misc]
    """Absolute values of the Fourier coefficients over the azimuth, as logarithms.

    A turn of the image multiplies the coefficients by phases, and leaves these numbers as they are.
    The transform is a product with cosines and sines: exact, and for 32 azimuths faster than an
    FFT.

    Args:
        n_orders: Orders 0 ... n_orders - 1 of the half turn, which are the even orders of the turn.
        kwargs: Further arguments of a Keras layer.
    """

    def __init__(self, n_orders: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n_orders = n_orders

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Makes cosines and sines."""
        n = int(input_shape[2] or 0)
        angle = np.outer(np.arange(self.n_orders), np.arange(n)) * (2 * math.pi / n)
        waves = np.concatenate([np.cos(angle), np.sin(angle)]) / math.sqrt(n)
        self._waves = waves.astype(np.float32)
        super().build(input_shape)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """(batch, radii, azimuths, channels) to (batch, radii, n_orders * channels)."""
        batch, n_radii, _, n = input_shape
        return (batch, n_radii, self.n_orders * int(n or 0))

    def call(self, x: Any) -> Any:
        """Logarithms of the amplitudes of each channel.

        Args:
            x: (batch, radii, azimuths, channels).
        """
        _, n_radii, _, n = x.shape
        waves = ops.convert_to_tensor(self._waves, x.dtype)
        both = ops.matmul(waves, x)  # (batch, radii, 2 n_orders, channels)
        power = ops.square(both[:, :, : self.n_orders]) + ops.square(both[:, :, self.n_orders :])
        amplitude = ops.log(0.02 + ops.sqrt(power + 1e-6))
        return ops.reshape(amplitude, (-1, n_radii, self.n_orders * n))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as JSON types."""
        return {**super().get_config(), "n_orders": self.n_orders}


def circular_convolution(x: Any, n: int, stride: int, name: str) -> Any:
    """A convolution of 3 x 3 over radius and azimuth, the latter closed to a circle.

    Args:
        x: (radii, azimuths, channels).
        n: Filters.
        stride: From one radius to the next.
        name: Name of the layer.
    """
    closed = ops.concatenate([x[:, :, -1:], x, x[:, :, :1]], axis=2)
    closed = layers.ZeroPadding2D(((1, 1), (0, 0)), name=f"{name}_edge", **CHANNELS_LAST)(closed)
    layer = layers.Conv2D(n, 3, (stride, 1), use_bias=False, name=name, **CHANNELS_LAST)
    return activated(layer(closed), name)


def radial_convolution(x: Any, n: int, kernel: int, name: str) -> Any:
    """A convolution over the radius, normalised, and a ReLU.

    Args:
        x: (radii, channels).
        n: Filters.
        kernel: Radii.
        name: Name of the layer.
    """
    layer = layers.Conv1D(n, kernel, padding="same", use_bias=False, name=name, **CHANNELS_LAST)
    return activated(layer(x), name)


def activated(x: Any, name: str) -> Any:
    """Normalised over the batch, and a ReLU."""
    x = layers.BatchNormalization(momentum=0.95, name=f"{name}_normal")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def profile(channels: Any) -> Any:
    """What is left of the channels where the azimuth is given up: (radii, 8).

    Means over the azimuths that are seen, the share of them, and largest values.
    """
    seen = channels[..., -1:]
    share = ops.mean(seen, axis=2)
    means = ops.sum(channels[..., :-1], axis=2) / ops.maximum(ops.sum(seen, axis=2), 1.0)
    largest = ops.max(channels[..., :-1], axis=2)
    spread = ops.sqrt(
        ops.sum(ops.square(channels[..., 1:2]), axis=2) / ops.maximum(ops.sum(seen, axis=2), 1.0)
    )
    return ops.concatenate([means, largest, spread, share], axis=-1)


def _signed_log(x: Any) -> Any:
    return ops.sign(x) * ops.log1p(ops.abs(x))
