"""What networks that tag lose: the cross-entropy of each tag by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from nanotilt._base.checks import real, received


@keras.saving.register_keras_serializable(package="nanotilt")
class TaggingLoss(keras.losses.Loss):  # type: ignore[misc]
    """Sigmoid cross-entropy of log odds, the mean over tags.

    Args:
        weights: What each tag's cross-entropy is multiplied by, > 0; None: all by 1.
        name: Name of the loss.
        reduction: As of any Keras loss.

    Raises:
        TypeError: A weight is no number.
        ValueError: There are none, or one is not positive.
    """

    def __init__(
        self,
        weights: Sequence[float] | None = None,
        *,
        name: str = "tagging_loss",
        reduction: str = "sum_over_batch_size",
    ) -> None:
        super().__init__(name=name, reduction=reduction)
        self.weights = None
        if weights is not None:
            found = [real(f"weights[{i}]", one, above=0) for i, one in enumerate(weights)]
            if not found:
                raise ValueError(
                    f"weights must have an entry a tag. {received('weights', weights)}"
                )
            self.weights = found

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each sample, in nats.

        Args:
            y_true: (batch, n_tags) 1 where a sample carries a tag, else 0.
            y_pred: (batch, n_tags) log odds.

        Returns:
            (batch,)
        """
        odds = ops.cast(y_pred, "float32")
        each = ops.softplus(odds) - ops.cast(y_true, "float32") * odds
        if self.weights is not None:
            each = each * ops.convert_to_tensor(self.weights, "float32")
        return ops.mean(each, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as JSON types."""
        return {"weights": self.weights, "name": self.name, "reduction": self.reduction}
