"""The losses of networks that find particles."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="nanotilt")
class SegmentationLoss(keras.losses.Loss):  # type: ignore[misc]
    """Cross-entropy and overlap of the foreground, and squared error of the depth.

    Mean cross-entropy + dice_weight (1 - Dice) + depth_weight mean squared error; Dice is that of
    all pixels of a batch together.

    Args:
        dice_weight: >= 0.
        depth_weight: >= 0.
        name: Name of the loss.
    """

    def __init__(
        self, dice_weight: float = 0.5, depth_weight: float = 5.0, name: str = "segmentation_loss"
    ) -> None:
        super().__init__(name=name)
        self.dice_weight, self.depth_weight = dice_weight, depth_weight

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as JSON types."""
        weights = {"dice_weight": self.dice_weight, "depth_weight": self.depth_weight}
        return {**weights, "name": self.name}

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """(batch, rows, columns, 2) true and predicted maps to (batch,) losses."""
        true, found = y_true[..., 0], y_pred[..., 0]
        cross = ops.mean(ops.binary_crossentropy(true, found), axis=(1, 2))
        both = 2 * ops.sum(true * found) + 1
        dice = 1 - both / (ops.sum(true) + ops.sum(found) + 1)
        depth = ops.mean(ops.square(y_true[..., 1] - y_pred[..., 1]), axis=(1, 2))
        return cross + self.dice_weight * dice + self.depth_weight * depth


@keras.saving.register_keras_serializable(package="nanotilt")
class BorderLoss(keras.losses.Loss):  # type: ignore[misc]
    """That of foreground and depth, and the cross-entropy of the borders between particles.

    Pixels at a border, some in a hundred, count 1 + emphasis times as much as the others.

    Args:
        border_weight: >= 0.
        emphasis: >= 0.
        name: Name of the loss.
    """

    def __init__(
        self, border_weight: float = 2.0, emphasis: float = 4.0, name: str = "border_loss"
    ) -> None:
        super().__init__(name=name)
        self.border_weight, self.emphasis = border_weight, emphasis
        self._of_both = SegmentationLoss()

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as JSON types."""
        weights = {"border_weight": self.border_weight, "emphasis": self.emphasis}
        return {**weights, "name": self.name}

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """(batch, rows, columns, 3) true and predicted maps to (batch,) losses."""
        border = y_true[..., 2]
        cross = ops.binary_crossentropy(border, y_pred[..., 2])
        borders = ops.mean((1 + self.emphasis * border) * cross, axis=(1, 2))
        both = self._of_both.call(y_true[..., :2], y_pred[..., :2])
        return both + self.border_weight * borders


@keras.saving.register_keras_serializable(package="nanotilt")
class StarLoss(keras.losses.Loss):  # type: ignore[misc]
    """Cross-entropy of the depth, and absolute error of the rays.

    Mean cross-entropy + ray_weight times the mean error of the rays, each place weighed by its
    depth: outlines are read in the middle of particles (Schmidt et al. 2018).

    Args:
        ray_weight: >= 0, per pixel.
        name: Name of the loss.
    """

    def __init__(self, ray_weight: float = 0.2, name: str = "star_loss") -> None:
        super().__init__(name=name)
        self.ray_weight = ray_weight

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as JSON types."""
        return {"ray_weight": self.ray_weight, "name": self.name}

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """(batch, rows, columns, 33) true and predicted depth and rays to (batch,) losses."""
        depth = y_true[..., 0]
        cross = ops.mean(ops.binary_crossentropy(depth, y_pred[..., 0]), axis=(1, 2))
        apart = ops.mean(ops.abs(y_true[..., 1:] - y_pred[..., 1:]), axis=-1)
        rays = ops.sum(depth * apart, axis=(1, 2)) / (ops.sum(depth, axis=(1, 2)) + 1)
        return cross + self.ray_weight * rays


@keras.saving.register_keras_serializable(package="nanotilt")
class DetectionLoss(keras.losses.Loss):  # type: ignore[misc]
    """Cross-entropy of the foreground, focal loss of the middles, and relative error of boxes.

    The focal loss weighs each pixel's cross-entropy by the squared difference of truth and answer,
    and divides by the sum of the truth, so that a particle counts the same in empty and in full
    images (Li et al. 2020, equation 5, for truths between 0 and 1). The error of a box is that of
    its sides' distances over their mean, weighed by how near to the middle a pixel is.

    Args:
        centre_weight: >= 0.
        box_weight: >= 0.
        name: Name of the loss.
    """

    def __init__(
        self, centre_weight: float = 1.0, box_weight: float = 1.0, name: str = "detection_loss"
    ) -> None:
        super().__init__(name=name)
        self.centre_weight, self.box_weight = centre_weight, box_weight

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as JSON types."""
        weights = {"centre_weight": self.centre_weight, "box_weight": self.box_weight}
        return {**weights, "name": self.name}

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """(batch, rows, columns, 6) true and predicted maps to (batch,) losses."""
        pixels = (1, 2)
        cross = ops.mean(ops.binary_crossentropy(y_true[..., 0], y_pred[..., 0]), axis=pixels)
        middle, found = y_true[..., 1], y_pred[..., 1]
        mass = ops.sum(middle, axis=pixels) + 1
        focal = ops.square(middle - found) * ops.binary_crossentropy(middle, found)
        true, sides = y_true[..., 2:], y_pred[..., 2:]
        weight = middle * ops.cast(y_true[..., 0] > 0, middle.dtype)
        apart = ops.sum(ops.abs(true - sides), axis=-1) / (ops.sum(true, axis=-1) + 1)
        boxes = ops.sum(weight * apart, axis=pixels) / (ops.sum(weight, axis=pixels) + 1)
        centres = ops.sum(focal, axis=pixels) / mass
        return cross + self.centre_weight * centres + self.box_weight * boxes
