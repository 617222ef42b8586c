"""Orientations learned from stereo pairs alone: the Difference Model of Laurie 2024."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from nanotilt._base.checks import choice, integer, plain, received
from nanotilt._base.symmetry import checked_order, stereo_angle_rad
from nanotilt.models import _phase
from nanotilt.models._inputs import checked_views, shape_of, wrong_shape
from nanotilt.models._network import Network


@keras.saving.register_keras_serializable(package="nanotilt")
class CircularStereoLoss(keras.losses.Loss):  # type: ignore[misc]
    """1 - cos(symmetry x (predicted - known stereo angle)), the mean over the views.

    A period more or less changes nothing, and nothing jumps: 0 where the angle is right, 2 half a
    period away. Small errors e cost symmetry^2 e^2 / 2. A network that answers one angle for all
    costs 1 - cos(symmetry x stereo angle): 0.234 for squares at 10 degrees.

    Args:
        symmetry: The shape's rotational order, >= 1.
        reduction: How Keras sums up samples.
        name: Name of the loss.
        dtype: What Keras computes it in; None: float32.
    """

    def __init__(
        self,
        symmetry: int,
        reduction: str = "sum_over_batch_size",
        name: str = "circular_stereo_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.symmetry = checked_order(symmetry)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Known and predicted angles (batch, n_views - 1) in radians to (batch,)."""
        # (batch,) would spread over (batch, 1) as (batch, batch).
        y_true = ops.reshape(y_true, ops.shape(y_pred))
        return ops.mean(1 - ops.cos(self.symmetry * (y_pred - y_true)), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as JSON types."""
        return {**super().get_config(), "symmetry": self.symmetry}


@keras.saving.register_keras_serializable(package="nanotilt")
class DifferenceModel(Network, keras.Model):  # type: ignore[misc]
    """One encoder for all views of a shape; what it is trained on is how their angles differ.

    Its input are the views of each sample, (batch, n_views, *view_shape), or a tuple of arrays
    (batch, *view_shape), one for each view; at least two. Its output are the angles from the first
    view to each other, (batch, n_views - 1) radians. Targets are the known stereo angles, (batch,)
    or (batch, n_views - 1) radians, which may differ from sample to sample. No orientation is ever
    told; where 0 is stays free.

        model = DifferenceModel(OrientationEncoder((64, 64), symmetry=4), stereo_deg=10)
        model.compile("adam")                              # the loss comes with the model
        model.fit(pairs, model.stereo_angles(len(pairs)))  # pairs (n, 2, 64, 64)
        model.predict_angle_rad(images)                    # images (n, 64, 64)

    Source: Laurie 2024, sections 2.2 and 2.4, figures 2.2 and 2.10.

    Args:
        encoder: A built keras.Model from a view to (S, C), such as an OrientationEncoder. Views
            come without an axis of channels.
        loss: "circular": differences are taken the shorter way round, in [-pi / symmetry,
            pi / symmetry], and the loss is CircularStereoLoss. "paper": where the second phase is
            below the first, 2 pi is added, so that differences are in [0, 2 pi / symmetry], and the
            loss is their mean squared error. These jump by a whole period at 0, and targets
            outside of the interval can never be met: the paper's -10, 80 and 100 degrees never
            trained.
        symmetry: The shape's rotational order. None: the encoder's.
        stereo_deg: Stereo angle in degrees that all samples share, or one for each view but the
            first, for `stereo_angles`. None: known from the targets only.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value: among them a stereo angle that is a multiple of
            360 / symmetry, at which both views of a pair are the same.
    """

    def __init__(
        self,
        encoder: keras.Model,
        *,
        loss: str = "circular",
        symmetry: int | None = None,
        stereo_deg: Any = None,
        name: str = "difference_model",
        trainable: bool = True,
    ) -> None:
        super().__init__(name=name, trainable=trainable)
        _check_encoder(encoder)
        self.loss_kind = choice("loss", loss, ("circular", "paper"))
        self.symmetry = _symmetry_of(encoder, symmetry)
        self.stereo_rad = _stereo_angles(stereo_deg, self.symmetry)
        self._stereo_deg = np.asarray(stereo_deg).tolist()
        self.encoder = encoder
        self.built = True  # the encoder is, and nothing else has weights

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Views to the angles from the first to each other, (batch, n_views - 1) radians."""
        views = ops.stack(inputs, axis=1) if isinstance(inputs, (tuple, list)) else inputs
        single = ops.reshape(views, (-1, *self.encoder.input_shape[1:]))
        sine_cosine = self.encoder(single, training=training)
        sine_cosine = ops.reshape(sine_cosine, (-1, views.shape[1], 2))
        if self.loss_kind == "paper":
            return _phase.paper_difference(sine_cosine, self.symmetry)
        return _phase.shortest_difference(sine_cosine, self.symmetry)

    def compile(self, optimizer: Any = "adam", loss: Any = None, **options: Any) -> None:
        """As of any Keras model, but that ``loss=None`` stands for the loss chosen at the start.

        Args:
            optimizer: A Keras optimizer.
            loss: A Keras loss of known and predicted stereo angles in radians, or None.
            options: Further arguments of keras.Model.compile.
        """
        super().compile(
            optimizer=optimizer, loss=self.stereo_loss() if loss is None else loss, **options
        )

    def compile_from_config(self, config: Any) -> None:
        """Compiles a model that was loaded as it was compiled when it was saved."""
        self.compile(**keras.saving.deserialize_keras_object(config))
        self.optimizer.build(self.trainable_variables)

    def stereo_loss(self) -> keras.losses.Loss:
        """The loss chosen at the start, of known and predicted stereo angles in radians."""
        if self.loss_kind == "paper":
            return keras.losses.MeanSquaredError()
        return CircularStereoLoss(self.symmetry)

    def stereo_angles(self, count: int) -> npt.NDArray[np.float32]:
        """Targets for samples that share the stereo angle.

        Args:
            count: Number of samples.

        Returns:
            (count,) float32 radians; (count, n_views - 1) if ``stereo_deg`` was a sequence.

        Raises:
            TypeError: The count is not an integer.
            ValueError: It is negative, or the model was made without ``stereo_deg``.
        """
        count = integer("count", count, at_least=0)
        if self.stereo_rad is None:
            raise ValueError(
                f"stereo_deg must be given for targets. {received('stereo_deg', None)}"
            )
        known = np.asarray(self.stereo_rad, np.float32)
        return np.broadcast_to(known, (count, *known.shape)).copy()

    def predict_angle_rad(
        self, views: npt.ArrayLike, *, batch_size: int = 256
    ) -> npt.NDArray[np.float64]:
        """Orientations of single views, up to the one offset that training leaves free.

        Args:
            views: (n, *view_shape) real numbers; further axes may come first.
            batch_size: Views that the network sees at once.

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
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "loss": self.loss_kind,
            "symmetry": self.symmetry,
            "stereo_deg": self._stereo_deg,
            "name": self.name,
            "trainable": self.trainable,
        }
        return self._with_state(arguments)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The model that `get_config` describes, with new weights."""
        encoder = keras.saving.deserialize_keras_object(
            config["encoder"], custom_objects=custom_objects
        )
        return super().from_config({**config, "encoder": encoder}, custom_objects)

    def _checked(self, views: Any) -> Any:
        """One array, or a tuple of arrays, one for each view."""
        shape = _phase.view_shape(self.encoder)
        several, note = (None, *shape), ", n_views >= 2"
        if isinstance(views, (tuple, list)) and all(hasattr(view, "shape") for view in views):
            if len(views) < 2:
                raise wrong_shape((None, len(views), *shape), several, note)
            return tuple(checked_views(view, shape) for view in views)
        views = checked_views(views, several, note)
        found = shape_of(views)
        if found is not None and (found[1] or 0) < 2:
            raise wrong_shape(found, several, note)
        return views


def _check_encoder(encoder: Any) -> None:
    """A built Keras model of one input and two outputs.

    Raises:
        TypeError: It is no Keras model.
        ValueError: It is not built, or answers something else.
    """
    if not isinstance(encoder, keras.Model):
        raise TypeError(f"encoder must be a keras.Model. {received('encoder', encoder)}")
    try:
        shape = tuple(encoder.output_shape)
    except (AttributeError, ValueError) as error:  # subclassed, or a Sequential without an Input
        raise ValueError(
            f"encoder must know its input and output shapes. {received('encoder', encoder)}"
        ) from error
    if shape != (None, 2):
        raise ValueError(
            "encoder must answer (S, C), shape (None, 2). "
            f"{received('encoder.output_shape', encoder.output_shape)}"
        )


def _symmetry_of(encoder: Any, symmetry: Any) -> int:
    """The rotational order as given or, if none is, the encoder's own."""
    own = getattr(encoder, "symmetry", None)
    order = checked_order(own if symmetry is None else symmetry)
    if own is not None and order != own:
        raise ValueError(
            f"symmetry must be that of the encoder, {own}. {received('symmetry', symmetry)}"
        )
    return order


def _stereo_angles(stereo_deg: Any, symmetry: int) -> float | tuple[float, ...] | None:
    """Stereo angles in radians: one, one for each view but the first, or None."""
    if stereo_deg is None:
        return None
    stereo_deg = plain("stereo_deg", stereo_deg)
    if isinstance(stereo_deg, (tuple, list, np.ndarray)):
        return tuple(
            stereo_angle_rad(angle, symmetry, f"stereo_deg[{i}]")
            for i, angle in enumerate(stereo_deg)
        )
    return stereo_angle_rad(stereo_deg, symmetry)
