"""The convolutions of the networks for scattering images and their coefficients, and their scales.

Layers have the same names wherever they stand, so that the joint network can take the weights of
the two that it is made of.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from keras import layers, ops

from nanotilt.models._dropout import HashDropout
from nanotilt.models._network import CHANNELS_LAST
from nanotilt.models.segmentation.blocks import convolution, halved

LARGEST_COUNT = 65536.0
"""What a detector's 16 bits hold."""

_LARGEST_LEVEL = 255.0
_TYPICAL = 0.2
"""Of scaled coefficients, their standard deviation over images."""

IMAGE = "image"
COEFFICIENT = "coefficient"


def logarithms(views: Any) -> Any:
    """Counted images (1, rows, columns) to (rows, columns, 1): log(1 + I) / log 65536."""
    counts = ops.maximum(ops.transpose(views, (0, 2, 3, 1)), 0.0)
    return ops.log1p(counts) / math.log(LARGEST_COUNT)


def cropped(x: Any, side: int) -> Any:
    """The middle of images (rows, columns, 1), `side` pixels at most."""
    rows, columns = x.shape[1:3]
    top, left = max(0, (rows - side) // 2), max(0, (columns - side) // 2)
    return x[:, top : top + side, left : left + side]


def image_features(views: Any, size: str, crop: int, factor: int) -> Any:
    """Features of counted images, laid out in a row.

    Args:
        views: (1, rows, columns).
        size: "paper" or "small".
        crop: Of the large network, pixels on a side that it looks at.
        factor: Of the small one, pixels on a side whose mean count is one of its own.
    """
    if size == "paper":
        x = _plain(cropped(logarithms(views), crop), 96, 11, IMAGE, 0, strides=4, padding="valid")
        x = _plain(_pooled(x, IMAGE, 0), 192, 5, IMAGE, 1)
        x = _plain(_pooled(x, IMAGE, 1), 384, 3, IMAGE, 2)
        x = _plain(_plain(x, 256, 3, IMAGE, 3), 256, 3, IMAGE, 4)
        x = _pooled(x, IMAGE, 2)
    else:
        x = _standardised(logarithms(_binned(views, factor)))
        x = convolution(x, 16, "batch", f"{IMAGE}_convolution_0", kernel=5, stride=2)
        x = halved(x, f"{IMAGE}_pool_0")
        x = halved(convolution(x, 32, "batch", f"{IMAGE}_convolution_1"), f"{IMAGE}_pool_1")
        x = halved(convolution(x, 48, "batch", f"{IMAGE}_convolution_2"), f"{IMAGE}_pool_2")
        x = convolution(x, 64, "batch", f"{IMAGE}_convolution_3")
        x = convolution(x, 64, "batch", f"{IMAGE}_convolution_4")
    return layers.Flatten(name=f"{IMAGE}_places", **CHANNELS_LAST)(x)


def coefficient_features(coefficients: Any, size: str) -> Any:
    """Features of Fourier-Bessel coefficients (n, m, 2), laid out in a row."""
    widths = (64, 128, 256, 256) if size == "paper" else (24, 32, 48, 48)
    x = scaled_coefficients(coefficients)
    for i, width in enumerate(widths):
        x = _pooled(x, COEFFICIENT, 0) if i == 2 else x
        x = _plain(x, width, 3, COEFFICIENT, i)
    return layers.Flatten(name=f"{COEFFICIENT}_places", **CHANNELS_LAST)(x)


def scaled_coefficients(coefficients: Any) -> Any:
    """The largest to 255, then signed logarithms, as in Lashley et al. 2017."""
    largest = ops.max(ops.abs(coefficients), axis=(1, 2, 3), keepdims=True)
    level = coefficients * (_LARGEST_LEVEL / ops.maximum(largest, 1e-12))
    scaled = ops.sign(level) * ops.log1p(ops.abs(level))
    return scaled / (math.log(_LARGEST_LEVEL + 1) * _TYPICAL)


def dense(x: Any, units: Sequence[int], dropout: float, *, before: bool = False) -> Any:
    """Dense layers with dropout after each, or, where `before`, before each and after the last."""
    if before:
        x = HashDropout(dropout, name="dropout_before")(x)
    for i, n in enumerate(units):
        x = layers.Dense(n, activation="relu", kernel_initializer="he_normal", name=f"dense_{i}")(x)
        if dropout:
            x = HashDropout(dropout, name=f"dropout_{i}")(x)
    return x


def _plain(
    x: Any, n: int, kernel: int, where: str, number: int, *, strides: int = 1, padding: str = "same"
) -> Any:
    """A convolution and a ReLU."""
    layer = layers.Conv2D(
        n, kernel, strides, padding=padding, activation="relu", kernel_initializer="he_normal",
        name=f"{where}_convolution_{number}", **CHANNELS_LAST,
    )  # fmt: skip
    return layer(x)


def _pooled(x: Any, where: str, number: int) -> Any:
    """The paper's pooling: the largest of 4 x 4, every second place."""
    return layers.MaxPooling2D(4, 2, name=f"{where}_pool_{number}", **CHANNELS_LAST)(x)


def _binned(views: Any, factor: int) -> Any:
    if factor == 1:
        return views
    pooled = layers.AveragePooling2D(factor, name="binned", dtype="float32", **CHANNELS_LAST)
    return ops.transpose(pooled(ops.transpose(views, (0, 2, 3, 1))), (0, 3, 1, 2))


def _standardised(x: Any) -> Any:
    mean = ops.mean(x, axis=(1, 2), keepdims=True)
    spread = ops.sqrt(ops.mean(ops.square(x - mean), axis=(1, 2), keepdims=True))
    return (x - mean) / (spread + 0.005)
