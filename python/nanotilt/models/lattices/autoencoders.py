"""Autoencoders of patches: one of dense layers, one of convolutions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import layers

from nanotilt.models._network import CHANNELS_LAST
from nanotilt.models.lattices.patch_autoencoder import PatchAutoencoder
from nanotilt.models.segmentation.blocks import convolution, doubled


@keras.saving.register_keras_serializable(package="nanotilt")
class DenseAutoencoder(PatchAutoencoder):
    """Dense layers of 256, 32, 256 units between a patch's pixels and its drawing.

    The report on defects of graphene (AI4SD 2022) gives no widths: these are ours. A patch of 48 x
    48: 1,198,880 weights. What it never saw it can hardly copy, which makes its residuals tell.

    Args:
        view_shape: (rows, columns) of a patch, >= 4 each.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    highest_rate: ClassVar[float] = 1e-3
    epochs: ClassVar[int] = 60

    def __init__(
        self,
        view_shape: Sequence[int],
        *,
        name: str = "dense_autoencoder",
        trainable: bool = True,
    ) -> None:
        def redraw(x: Any) -> Any:
            shape = x.shape[1:]
            y = layers.Flatten(name="pixels", **CHANNELS_LAST)(x)
            y = layers.Dense(256, activation="relu", name="encoder")(y)
            y = layers.Dense(32, name="code")(y)
            y = layers.Dense(256, activation="relu", name="decoder")(y)
            y = layers.Dense(math.prod(shape), dtype="float32", name="drawing")(y)
            return layers.Reshape(shape, name="patch")(y)

        self._built(redraw, view_shape=view_shape, name=name, trainable=trainable)


@keras.saving.register_keras_serializable(package="nanotilt")
class ConvolutionalAutoencoder(PatchAutoencoder):
    """Three convolutions that halve a patch, and three that follow its doubling.

    16, 32, 64 filters with strides of 2, then 32, 16, 16 filters, each layer with batch
    normalisation and ReLU, and doubling by bilinear interpolation. The widths are ours, as of
    `DenseAutoencoder`. 49,377 weights.

    Args:
        view_shape: (rows, columns) of a patch, multiples of 8.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    multiple_of: ClassVar[int] = 8

    def __init__(
        self,
        view_shape: Sequence[int],
        *,
        name: str = "convolutional_autoencoder",
        trainable: bool = True,
    ) -> None:
        def redraw(x: Any) -> Any:
            for i, n in enumerate((16, 32, 64)):
                x = convolution(x, n, "batch", f"encoder_{i}", stride=2)
            for i, n in enumerate((32, 16, 16)):
                x = doubled(convolution(x, n, "batch", f"decoder_{i}"), f"doubled_{i}")
            return drawing(x)

        self._built(redraw, view_shape=view_shape, name=name, trainable=trainable)


def drawing(x: Any) -> Any:
    """The last layer of networks of convolutions: patches (rows, columns, 1)."""
    return layers.Conv2D(
        1, 3, padding="same", dtype="float32", name="drawing", **CHANNELS_LAST
    )(x)  # fmt: skip
