"""A variational autoencoder of patches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops

from nanotilt.models._saving import SeededLayer
from nanotilt.models.lattices.autoencoders import drawing
from nanotilt.models.lattices.patch_autoencoder import PatchAutoencoder
from nanotilt.models.segmentation.blocks import convolution, doubled

N_LATENT = 32

_LARGEST = 10.0
"""Of the logarithm of a variance: its exponential stays far from what float32 can't hold."""


@keras.saving.register_keras_serializable(package="nanotilt")
class LatentSample(SeededLayer):
    """Draws a code from its distribution while training, and gives its mean else.

    Adds to the loss the divergence of the distribution from a standard normal one.

    Args:
        weight: What the divergence in nats is multiplied by.
        name: Name of the layer.
        kwargs: Further arguments of a Keras layer.
    """

    def __init__(self, weight: float, *, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.weight = weight

    def call(self, inputs: Any, training: bool = False) -> Any:
        """(mean, logarithm of the variance), (batch, n) each, to (batch, n)."""
        mean, log_variance = inputs
        self.add_loss(self.weight * ops.mean(divergence(mean, log_variance)))
        if not training:
            return mean
        normal = keras.random.normal(ops.shape(mean), dtype=mean.dtype, seed=self._generator)
        return mean + ops.exp(0.5 * log_variance) * normal

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the mean."""
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as JSON types."""
        return {**super().get_config(), "weight": self.weight}


def divergence(mean: Any, log_variance: Any) -> Any:
    """Kullback-Leibler divergence of normal distributions from the standard one, (batch,) nats."""
    return 0.5 * ops.sum(ops.exp(log_variance) + ops.square(mean) - 1 - log_variance, axis=-1)


@keras.saving.register_keras_serializable(package="nanotilt")
class VariationalAutoencoder(PatchAutoencoder):
    """An autoencoder whose code is a distribution that is held near a standard normal one.

    Five convolutions of 16, 32, 32, 64, 64 filters, all but the first with strides of 2, each with
    batch normalisation and ReLU; mean and logarithm of the variance of 32 numbers; a dense layer,
    then four doublings with convolutions of 64, 32, 32, 16 filters (Kingma and Welling 2014, with
    widths of ours as of `DenseAutoencoder`). What is trained is, up to a constant and a factor, the
    negative evidence lower bound with pixels of standard deviation 1. A patch of 48 x 48: 195,873
    weights.

    Args:
        view_shape: (rows, columns) of a patch, multiples of 16.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    multiple_of: ClassVar[int] = 16
    epochs: ClassVar[int] = 8

    def __init__(
        self,
        view_shape: Sequence[int],
        *,
        name: str = "variational_autoencoder",
        trainable: bool = True,
    ) -> None:
        def redraw(x: Any) -> Any:
            n_pixels = math.prod(x.shape[1:3])
            for i, n in enumerate((16, 32, 32, 64, 64)):
                x = convolution(x, n, "batch", f"encoder_{i}", stride=2 if i else 1)
            coarsest = x.shape[1:]
            y = layers.Flatten(name="places")(x)
            mean = layers.Dense(N_LATENT, dtype="float32", name="code_mean")(y)
            raw = layers.Dense(N_LATENT, dtype="float32", name="code_log_variance")(y)
            log_variance = _LARGEST * ops.tanh(raw / _LARGEST)
            # The loss is the squared error of a pixel: 2 / n_pixels of the bound in nats.
            y = LatentSample(2 / n_pixels, dtype="float32", name="code")([mean, log_variance])
            y = layers.Dense(math.prod(coarsest), activation="relu", name="decoder")(y)
            y = layers.Reshape(coarsest, name="coarsest")(y)
            for i, n in enumerate((64, 32, 32, 16)):
                y = convolution(doubled(y, f"doubled_{i}"), n, "batch", f"decoder_{i}")
            return drawing(y)

        self._built(redraw, view_shape=view_shape, name=name, trainable=trainable)

    def latent(
        self, views: npt.ArrayLike, batch_size: int = 256
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """What the network thinks of patches: the distributions of their codes.

        Args:
            views: (batch, 1, rows, columns).
            batch_size: Patches at a time.

        Returns:
            Means, and logarithms of the variances, (batch, 32) float32 each.
        """
        inputs = [self.get_layer(name).output for name in ("code_mean", "code_log_variance")]
        mean, raw = self._answers(keras.Model(self.inputs, inputs), views, batch_size)
        return mean, np.asarray(_LARGEST * np.tanh(raw / _LARGEST), dtype=np.float32)
