"""The second image of a stereo pair from the first, through an angle: the U-Net of Laurie 2024."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops

from nanotilt._base.checks import choice, flag, integer, real, received
from nanotilt._base.symmetry import checked_order, stereo_angle_rad
from nanotilt.models import _phase
from nanotilt.models._dropout import HashDropout
from nanotilt.models._network import CHANNELS_LAST, Network

_FILTERS = (4, 8, 16, 32)
_DROPOUT = 0.1
_SAME: dict[str, Any] = {"padding": "same", "activation": "relu", **CHANNELS_LAST}


@keras.saving.register_keras_serializable(package="nanotilt")
class OrientationUNet(Network, keras.Model):  # type: ignore[misc]
    """The paper's U-Net: 79,923 parameters at 64 x 64 without skip connections, 81,399 with them.

    Encoder: Conv2D 3 x 3 "same" with 4, 8, 16 and 32 filters, pooling and dropout after the first
    three, Dense 16, Dense 2: (S, C), whose arctan2, divided by the symmetry, is the orientation.
    The stereo angle is added, and a period taken off where it is passed. Decoder: this one number
    through Dense 16 and Dense 2,048, then Conv2DTranspose 3 x 3 with 16, 8, 4 and 1 filters,
    upsampling and dropout after the first three; ReLU throughout. Train it with ``compile("adam",
    "mse")`` on first images as inputs, second images as targets.

    The paper's did not learn orientations: with skip connections the image gets across without
    its angle. Without them it is an autoencoder, the mend that the paper suggests (section 5).

    Source: Laurie 2024, section 2.3 and figure 2.4. The figure's text and its shapes differ in the
    encoder's numbers of filters; the shapes are taken. It does not print the skip connections:
    here each encoder level, before its pooling, is joined to the decoder's after upsampling.

    Args:
        n_pixels: Pixels on each side of an image, a multiple of 8.
        symmetry: The shape's rotational order, >= 1.
        stereo_deg: Angle from the first to the second image, in degrees.
        skips: Whether there are skip connections.
        bottleneck: What the decoder gets: "angle", as in the paper, the angle in radians, which
            jumps by a period between two orientations that look alike; or "sine_cosine", of
            symmetry times the angle, which does not (16 parameters more).
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    def __init__(
        self,
        n_pixels: int = 64,
        *,
        symmetry: int,
        stereo_deg: float,
        skips: bool = True,
        bottleneck: str = "angle",
        name: str = "orientation_unet",
        trainable: bool = True,
    ) -> None:
        n_pixels = integer("n_pixels", n_pixels, at_least=8)
        if n_pixels % 8:
            raise ValueError(f"n_pixels must be a multiple of 8. {received('n_pixels', n_pixels)}")
        order, stereo_deg = checked_order(symmetry), real("stereo_deg", stereo_deg)
        stereo_rad = stereo_angle_rad(stereo_deg, order)
        skips = flag("skips", skips)
        bottleneck = choice("bottleneck", bottleneck, ("angle", "sine_cosine"))
        image = keras.Input((n_pixels, n_pixels), name="first_image")
        sine_cosine, levels = _encoded(image)
        angle = _second_angle(sine_cosine, order, stereo_rad)
        if bottleneck == "sine_cosine":
            angle = ops.concatenate([ops.sin(order * angle), ops.cos(order * angle)], axis=-1)
        super().__init__(
            inputs=image,
            outputs=_decoded(angle, n_pixels, levels if skips else []),
            name=name,
            trainable=trainable,
        )
        self.n_pixels, self.symmetry, self.stereo_deg = n_pixels, order, stereo_deg
        self.skips, self.bottleneck = skips, bottleneck

    @property
    def encoder(self) -> keras.Model:
        """The part from an image to (S, C), with the same weights."""
        return keras.Model(self.input, self.get_layer("sine_cosine").output, name="encoder")

    def predict_angle_rad(
        self, views: npt.ArrayLike, *, batch_size: int = 256
    ) -> npt.NDArray[np.float64]:
        """Orientations of single images, by the encoder alone.

        Args:
            views: (n, n_pixels, n_pixels) real numbers; further axes may come first.
            batch_size: Images that the network sees at once.

        Returns:
            (n,) float64 radians in [0, 2 pi / symmetry).

        Raises:
            TypeError: The views do not hold real numbers.
            ValueError: They have another shape, or are not finite.
        """
        return _phase.predicted_angles(self.encoder, views, self.symmetry, batch_size)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        arguments = {
            "n_pixels": self.n_pixels,
            "symmetry": self.symmetry,
            "stereo_deg": self.stereo_deg,
            "skips": self.skips,
            "bottleneck": self.bottleneck,
            "name": self.name,
            "trainable": self.trainable,
        }
        return self._with_state(arguments)


def _encoded(image: Any) -> tuple[Any, list[Any]]:
    """(S, C), and what the levels hold before they are pooled, the finest first."""
    x = layers.Reshape((*image.shape[1:], 1), name="one_channel")(image)
    levels = []
    for i, filters in enumerate(_FILTERS):
        x = layers.Conv2D(filters, 3, name=f"encoder_{i}", **_SAME)(x)
        if i < len(_FILTERS) - 1:
            levels.append(x)
            x = layers.MaxPooling2D(2, name=f"encoder_{i}_pool", **CHANNELS_LAST)(x)
            x = HashDropout(_DROPOUT, name=f"encoder_{i}_dropout")(x)
    x = layers.Flatten(name="flatten", **CHANNELS_LAST)(x)
    x = layers.Dense(16, activation="relu", name="encoder_dense")(x)
    return layers.Dense(2, name="sine_cosine")(x), levels


def _second_angle(sine_cosine: Any, symmetry: int, stereo_rad: float) -> Any:
    """The second image's orientation: (1,) radians in [0, 2 pi / symmetry)."""
    turn = 2 * math.pi
    first = ops.expand_dims(_phase.phase(sine_cosine), -1)
    first = ops.where(first < 0, first + turn, first)
    second = first + symmetry * stereo_rad % turn
    return ops.where(second >= turn, second - turn, second) / symmetry


def _decoded(angle: Any, n_pixels: int, levels: list[Any]) -> Any:
    """The image (n_pixels, n_pixels) of an angle."""
    side = n_pixels // 8
    x = layers.Dense(16, activation="relu", name="decoder_dense")(angle)
    x = layers.Dense(side * side * _FILTERS[-1], activation="relu", name="decoder_pixels")(x)
    x = layers.Reshape((side, side, _FILTERS[-1]), name="decoder_image")(x)
    for i, filters in enumerate((*_FILTERS[-2::-1], 1)):
        x = layers.Conv2DTranspose(filters, 3, name=f"decoder_{i}", **_SAME)(x)
        if filters > 1:
            x = layers.UpSampling2D(2, name=f"decoder_{i}_up", **CHANNELS_LAST)(x)
            x = HashDropout(_DROPOUT, name=f"decoder_{i}_dropout")(x)
            if levels:
                x = layers.Concatenate(name=f"skip_{i}")([x, levels[-1 - i]])
    return layers.Reshape((n_pixels, n_pixels), name="second_image")(x)
