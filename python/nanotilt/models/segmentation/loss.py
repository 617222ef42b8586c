"""The loss of networks that find particles."""

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
