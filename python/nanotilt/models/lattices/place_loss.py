"""The loss of networks that tell what stands at each place of a patch."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="nanotilt")
class PlaceLoss(keras.losses.Loss):  # type: ignore[misc]
    """Cross-entropy of the kinds at every place, added up over a patch.

    It is least where the answers are the probabilities of what stands at each place. Patches with
    many defects count more than such with few.

    Args:
        name: Name of the loss.
    """

    def __init__(self, name: str = "place_loss") -> None:
        super().__init__(name=name)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as JSON types."""
        return {"name": self.name}

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """(batch, rows, columns, n) shares and log probabilities to (batch,) losses in nats."""
        return -ops.sum(y_true * y_pred, axis=(1, 2, 3))
