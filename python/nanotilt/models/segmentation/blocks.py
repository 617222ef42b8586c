"""What networks for images of any size are built of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from nanotilt.models._network import CHANNELS_LAST

_GROUPS = 8


@keras.saving.register_keras_serializable(package="nanotilt")
class Doubled(layers.Layer):  # type: ignore[misc]
    """Twice the rows and columns by bilinear interpolation, whatever their number.

    As keras.layers.UpSampling2D, which needs to know the size of images when it is built.
    """

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """(batch, rows, columns, channels) to twice as many rows and columns."""
        batch, rows, columns, channels = input_shape
        return (batch, rows and 2 * rows, columns and 2 * columns, channels)

    def call(self, x: Any) -> Any:
        """A pixel's two halves are 3/4 of it and 1/4 of the neighbour on their side."""
        _, rows, columns, channels = ops.shape(x)
        above, below = (
            ops.concatenate([x[:, :1], x[:, :-1]], 1),
            ops.concatenate([x[:, 1:], x[:, -1:]], 1),
        )
        x = ops.stack([0.75 * x + 0.25 * above, 0.75 * x + 0.25 * below], axis=2)
        x = ops.reshape(x, (-1, 2 * rows, columns, channels))
        left = ops.concatenate([x[:, :, :1], x[:, :, :-1]], 2)
        right = ops.concatenate([x[:, :, 1:], x[:, :, -1:]], 2)
        x = ops.stack([0.75 * x + 0.25 * left, 0.75 * x + 0.25 * right], axis=3)
        return ops.reshape(x, (-1, 2 * rows, 2 * columns, channels))


def standardised(x: Any, masked: bool) -> Any:
    """Every channel of (rows, columns, channels) to mean 0 and standard deviation 1."""
    if not masked:
        mean = ops.mean(x, axis=(1, 2), keepdims=True)
        spread = ops.sqrt(ops.mean(ops.square(x - mean), axis=(1, 2), keepdims=True))
        return (x - mean) / (spread + 1e-6)
    values, mask = x[..., :-1], x[..., -1:]
    n = ops.sum(mask, axis=(1, 2), keepdims=True) + 1e-6
    mean = ops.sum(values * mask, axis=(1, 2), keepdims=True) / n
    squares = ops.square(values - mean) * mask
    spread = ops.sqrt(ops.sum(squares, axis=(1, 2), keepdims=True) / n)
    return ops.concatenate([(values - mean) * mask / (spread + 1e-6), mask], axis=-1)


def _normal(norm: str, name: str, n_filters: int) -> layers.Layer:
    if norm == "batch":
        return layers.BatchNormalization(momentum=0.95, name=name)
    groups = _GROUPS if n_filters % _GROUPS == 0 else 1
    return layers.GroupNormalization(max(1, n_filters // groups), name=name)


def convolution(
    x: Any,
    n: int,
    norm: str,
    name: str,
    *,
    activate: bool = True,
    kernel: int = 3,
    stride: int = 1,
) -> Any:
    """A convolution of kernel x kernel, normalised, and a ReLU."""
    layer = layers.Conv2D(
        n, kernel, stride, padding="same", use_bias=False, name=name, **CHANNELS_LAST
    )
    x = _normal(norm, f"{name}_normal", n)(layer(x))
    return layers.ReLU(name=f"{name}_relu")(x) if activate else x


def halved(x: Any, name: str) -> Any:
    """Half the rows and columns: the largest of four."""
    return layers.MaxPooling2D(2, name=name, **CHANNELS_LAST)(x)


def doubled(x: Any, name: str) -> Any:
    """Twice the rows and columns, by bilinear interpolation."""
    return Doubled(name=name)(x)


def u_net(x: Any, widths: Sequence[int], norm: str, *, merges: int = 2) -> Any:
    """A U-Net's features: as many as the finest level has filters, at every pixel.

    Args:
        x: Images (rows, columns, channels).
        widths: Filters of each level, from the finest.
        norm: "batch" or "group" normalisation.
        merges: Convolutions where a level is joined with what comes up from the next.
    """
    skips = []
    for i, n in enumerate(widths):
        x = halved(x, f"down_{i}") if i else x
        x = convolution(convolution(x, n, norm, f"level_{i}_0"), n, norm, f"level_{i}_1")
        skips.append(x)
    for i in reversed(range(len(widths) - 1)):
        x = ops.concatenate([doubled(x, f"up_{i}"), skips[i]], axis=-1)
        for j in range(merges):
            x = convolution(x, widths[i], norm, f"merge_{i}_{j}")
    return x


def pyramid(x: Any, widths: Sequence[int], width: int, norm: str) -> Any:
    """Features of a pyramid of residual blocks: `width` of them, at every pixel."""
    found = []
    for i, n in enumerate(widths):
        x = halved(x, f"down_{i}") if i else x
        whole = layers.Conv2D(n, 1, use_bias=False, name=f"level_{i}_same", **CHANNELS_LAST)(x)
        y = convolution(x, n, norm, f"level_{i}_0")
        y = convolution(y, n, norm, f"level_{i}_1", activate=False)
        x = layers.ReLU(name=f"level_{i}_relu")(whole + y)
        found.append(layers.Conv2D(width, 1, name=f"level_{i}_width", **CHANNELS_LAST)(x))
    x = found[-1]
    for i in reversed(range(len(widths) - 1)):
        x = doubled(x, f"up_{i}") + found[i]
    return convolution(x, width, norm, "smooth")
