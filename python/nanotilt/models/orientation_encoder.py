"""From one view to its orientation: the networks of Laurie 2024, and faster-learning ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

from nanotilt._base.arrays import finite_angles
from nanotilt._base.checks import choice, real, received
from nanotilt._base.symmetry import checked_order
from nanotilt.models import _phase
from nanotilt.models._alignment import AlignedFrame, PhaseOffset, turned_back, turned_on
from nanotilt.models._arguments import unit_counts
from nanotilt.models._dropout import HashDropout
from nanotilt.models._network import CHANNELS_LAST, Network
from nanotilt.pose.scores import orientation_scores

_FAST: dict[str, Any] = {"padding": "same", "use_bias": False, **CHANNELS_LAST}

_FRAME_SHARE = 0.6875
"""Samples across the frame of "aligned", for each pixel across the image: 44 for 64, enough for a
shape that fills half of the image. Twice 56 samples brought squares from 0.317 to 0.314 degrees."""

_LOOKS = 2
"""T's 13 to 22 pixels high, whose moment alone is right to 2.3 degrees, are right to 0.331 degrees
after 12,000 pairs and one look, to 0.305 after two. For squares one would do."""

_ZERO = "zero"

_FEWEST = {("paper", 1): 8, ("paper", 2): 22, ("fast", 1): 1, ("fast", 2): 1, ("aligned", 2): 8}
"""Bins of a projection, or pixels on a side of an image, of which pooling leaves something."""


@keras.saving.register_keras_serializable(package="nanotilt")
class OrientationEncoder(Network, keras.Model):  # type: ignore[misc]
    """One view to (S, C), which stand for the sine and cosine of symmetry x orientation.

    Only their ratio counts: the orientation is arctan2(S, C) / symmetry. So angles on both sides of
    a wrap-around, which look alike, have answers that lie close together.

    "paper", images: three blocks of Conv2D 3 x 3 "valid" with 16, 32 and 16 filters and ReLU,
    MaxPooling2D, Dropout 0.1; Dense 16 with ReLU, Dense 2. 18,690 parameters at 64 x 64 pixels.
    "paper", projections: the same with Conv1D 3 "same"; 5,282 parameters at 64 bins. Source: Laurie
    2024, section 2.2 and figures 2.1, 2.2, 2.9 and 2.10.

    "fast": batch normalisation, first of the views, then after every convolution, GELU, strides
    or means instead of the largest of neighbours, no dropout. Images: Conv2D with 16 filters of
    5 x 5 and stride 2, twice 32 of 3 x 3 and AveragePooling2D, Dense 64, Dense 2; 145,814
    parameters (145,652 trainable) at 64 x 64. Projections: Conv1D with 32, 64 and 64 filters of 5
    bins and stride 2, Dense 64, Dense 2; 64,486 parameters (64,164 trainable) at 64 bins.

    "aligned", images only: no angle is learned but what a guess leaves over. The image is looked at
    through a frame that moves, grows and turns with the shape, by moments of its pixels;
    in it the shape always stands alike, and a small network (Conv2D with 16 filters of 5 x 5 and 32
    of 3 x 3, strides of 2, Dense 32) tells by how much to turn on. It looks twice, the second time
    through the frame turned on, and at the frame's mirror image, too: so shapes that are mirror
    images of themselves get the same 0 at any size. Turning the image turns the answer along, also
    before any training, which therefore never ends up at one angle for all. 129,578 parameters
    (129,476 trainable) at 64 x 64. The background must be at 0, as after remove_background; angles
    grow clockwise, as everywhere in nanotilt. Squares with noise as strong as they are: standard
    deviation 0.41 degrees before training, 0.28 after 30,000 stereo pairs (84 seconds on one core),
    where "fast" had 0.335 after 100,000.

    Args:
        view_shape: (n_pixels, n_pixels) of an image, or (n_bins,) of a projection. No axis of
            channels.
        symmetry: The rotational order of what is seen, >= 1: orientations that differ by a multiple
            of 360 / symmetry degrees look alike. 4 for a square from above.
        architecture: "paper", "fast" or "aligned"; not the ways of training of ``nanotilt run``.
        dropout: Share of the numbers after each block that training sets to 0, in [0, 1); "paper"
            only, the others have none. 5,282 weights have little to spare: with 60,000 projections
            of an S, their angles and Muon it is the difference between 0.48 degrees and several.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    def __init__(
        self,
        view_shape: Sequence[int],
        symmetry: int,
        *,
        architecture: str = "paper",
        dropout: float = 0.1,
        name: str = "orientation_encoder",
        trainable: bool = True,
    ) -> None:
        architecture = choice("architecture", architecture, ("paper", "fast", "aligned"))
        shape = _checked_shape(view_shape, architecture)
        order = checked_order(symmetry)
        dropout = real("dropout", dropout, at_least=0)
        if dropout >= 1:
            raise ValueError(f"dropout must be < 1. {received('dropout', dropout)}")
        view = keras.Input(shape, name="view")
        if architecture == "aligned":
            sine_cosine = _aligned(view, order)
        else:
            x = layers.Reshape((*shape, 1), name="one_channel")(view)
            x = _paper(x, dropout) if architecture == "paper" else _fast(x)
            # In float32 also under mixed precision: half precision resolves some 0.1 degrees.
            sine_cosine = layers.Dense(2, dtype="float32", name="sine_cosine")(x)
        super().__init__(inputs=view, outputs=sine_cosine, name=name, trainable=trainable)
        self.view_shape, self.symmetry, self.architecture = shape, order, architecture
        self.dropout = dropout

    def predict_angle_rad(
        self, views: npt.ArrayLike, *, batch_size: int = 256
    ) -> npt.NDArray[np.float64]:
        """Orientations of single views.

        Args:
            views: (n, *view_shape) real numbers; further axes may come first.
            batch_size: Views that the network sees at once.

        Returns:
            (n,) float64 radians in [0, 2 pi / symmetry).

        Raises:
            TypeError: The views do not hold real numbers.
            ValueError: They have another shape, or are not finite.
        """
        return _phase.predicted_angles(self, views, self.symmetry, batch_size)

    def set_zero(self, views: npt.ArrayLike, angle_rad: npt.ArrayLike) -> None:
        """Counts angles from where known ones are counted from: "aligned" before training on them.

        An aligned encoder counts from the frame's own 0, which training can't move: for shapes that
        are mirror images of themselves any other would break the symmetry. After this its answers
        agree with the known angles on average. The other architectures learn where 0 is.

        Args:
            views: (n, *view_shape), some dozens.
            angle_rad: (n,) radians, their known orientations.

        Raises:
            TypeError: Views or angles do not hold real numbers.
            ValueError: They have another shape, are not finite, or there are none.
        """
        if self.architecture != "aligned":
            return
        found = self.predict_angle_rad(views)
        known = finite_angles("angle_rad", angle_rad)
        if known.shape != found.shape or not known.size:
            raise ValueError(
                "angle_rad must hold an angle for each view, one at least. "
                f"{received('angle_rad.shape', known.shape)}, views: {len(found)}"
            )
        ahead = self.symmetry * orientation_scores(found, known, self.symmetry).offset_rad
        zero = self.get_layer(_ZERO).offset
        sine, cosine = keras.ops.convert_to_numpy(zero)
        phase = np.arctan2(sine, cosine) - ahead
        zero.assign([np.sin(phase), np.cos(phase)])

    def sine_cosine(self, angle_rad: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Targets of training on known orientations, by mean squared error.

        Args:
            angle_rad: (...,) orientations in radians.

        Returns:
            (..., 2) float32: sine and cosine of symmetry x angle.

        Raises:
            TypeError: The angles are not real numbers.
            ValueError: One is not finite.
        """
        phase = self.symmetry * finite_angles("angle_rad", angle_rad)
        return np.stack([np.sin(phase), np.cos(phase)], axis=-1).astype(np.float32)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        arguments = {
            "view_shape": list(self.view_shape),
            "symmetry": self.symmetry,
            "architecture": self.architecture,
            "dropout": self.dropout,
            "name": self.name,
            "trainable": self.trainable,
        }
        return self._with_state(arguments)


def _checked_shape(view_shape: Any, architecture: str) -> tuple[int, ...]:
    """(n_bins,) or (height, width), large enough.

    Raises:
        TypeError: It is no sequence of integers.
        ValueError: It has more than two entries, or one is too small.
    """
    shape = unit_counts("view_shape", view_shape, fewest_layers=1)
    if len(shape) > 2:
        raise ValueError(
            f"view_shape must have one or two entries. {received('view_shape', view_shape)}"
        )
    if (architecture, len(shape)) not in _FEWEST:
        raise ValueError(
            f'view_shape must have two entries for architecture "{architecture}", images. '
            f"{received('view_shape', view_shape)}"
        )
    fewest = _FEWEST[architecture, len(shape)]
    if min(shape) < fewest:
        raise ValueError(
            f"view_shape must have entries >= {fewest}. {received('view_shape', view_shape)}"
        )
    return shape


def _paper(x: Any, dropout: float) -> Any:
    """(*view_shape, 1) to the 16 numbers that S and C are read from."""
    images = len(x.shape) == 4
    convolution, pooling, padding = (
        (layers.Conv2D, layers.MaxPooling2D, "valid")
        if images
        else (layers.Conv1D, layers.MaxPooling1D, "same")
    )
    for i, filters in enumerate((16, 32, 16)):
        name = f"convolution_{i}"
        x = convolution(filters, 3, padding=padding, activation="relu", name=name, **CHANNELS_LAST)(
            x
        )
        x = pooling(2, name=f"{name}_pool", **CHANNELS_LAST)(x)
        x = HashDropout(dropout, name=f"{name}_dropout")(x)
    x = layers.Flatten(name="flatten", **CHANNELS_LAST)(x)
    return layers.Dense(16, activation="relu", name="dense")(x)


def _fast(x: Any) -> Any:
    """(*view_shape, 1) to the 64 numbers that S and C are read from."""
    x = _normal("view_normal")(x)
    if len(x.shape) == 4:
        x = _fast_block(layers.Conv2D(16, 5, strides=2, **_FAST, name="convolution_0"), x)
        for i in (1, 2):
            pool = f"convolution_{i}_pool"
            pooling = layers.AveragePooling2D(2, padding="same", name=pool, **CHANNELS_LAST)
            x = _fast_block(layers.Conv2D(32, 3, **_FAST, name=f"convolution_{i}"), x, pooling)
    else:
        for i, filters in enumerate((32, 64, 64)):
            convolution = layers.Conv1D(filters, 5, strides=2, **_FAST, name=f"convolution_{i}")
            x = _fast_block(convolution, x)
    x = layers.Flatten(name="flatten", **CHANNELS_LAST)(x)
    return layers.Dense(64, activation="gelu", name="dense")(x)


def _fast_block(convolution: layers.Layer, x: Any, pooling: layers.Layer | None = None) -> Any:
    """A convolution, the pooling if any, normalisation and GELU, in this order."""
    x = convolution(x)
    if pooling is not None:
        x = pooling(x)
    x = _normal(f"{convolution.name}_normal")(x)
    return layers.Activation("gelu", name=f"{convolution.name}_gelu")(x)


def _aligned(view: Any, symmetry: int) -> Any:
    """(height, width) to S and C: an angle by moments, turned on twice."""
    size = max(8, round(_FRAME_SHARE * min(view.shape[1:])))
    frame = AlignedFrame(symmetry, size, name="frame")
    # So small that at first the answer is the moment's.
    small = keras.initializers.RandomNormal(stddev=1e-3)
    network = [
        _normal("frame_normal"),
        *_strided("convolution_0", 16, 5),
        *_strided("convolution_1", 32, 3),
        layers.Flatten(name="flatten", **CHANNELS_LAST),
        layers.Dense(32, activation="gelu", name="dense"),
        # A bias would cancel out with the mirror image's.
        layers.Dense(1, use_bias=False, kernel_initializer=small, dtype="float32", name="turn"),
    ]

    def turn(shown: Any) -> Any:
        for layer in network:
            shown = layer(shown)
        return shown

    shown, sine_cosine = frame(view)
    for look in range(_LOOKS):
        if look:
            shown, sine_cosine = frame(view, sine_cosine)
        sine_cosine = turned_on(sine_cosine, turn(shown) - turn(turned_back(shown)))
    return PhaseOffset(name=_ZERO)(sine_cosine)


def _strided(name: str, filters: int, width: int) -> list[layers.Layer]:
    """A convolution that halves the image, normalisation and GELU."""
    return [
        layers.Conv2D(filters, width, strides=2, **_FAST, name=name),
        _normal(f"{name}_normal"),
        layers.Activation("gelu", name=f"{name}_gelu"),
    ]


def _normal(name: str) -> layers.Layer:
    return layers.BatchNormalization(momentum=0.95, name=name)
