"""The loss of a task: its questions' cross-entropies, weighted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nanotilt._base.optional import needed_for
from nanotilt.tasks.metrics import SMALLEST_PROBABILITY
from nanotilt.tasks.task import Task

with needed_for("Training"):
    import keras
    from keras import ops

PLAIN = "sparse_categorical_crossentropy"


@keras.saving.register_keras_serializable(package="nanotilt")
class TaskLoss(keras.losses.Loss):  # type: ignore[misc]
    """Weighted sum of the cross-entropies of several questions.

    The network's outputs are the probabilities of all combinations of answers, or their logits, the
    last question's changing fastest.

    Args:
        n_answers: Answers to each question.
        weights: What each cross-entropy is multiplied by.
        fading: Number of the question whose weight is multiplied by 1 - (a - c) / (1 - c), between
            0 and 1, where a is the share of the batch that is answered rightly and c = 1 / answers:
            the better it is learned, the less it counts. None: no question. Sullivan 2020, section
            4.5, describes it in words only.
        name: Name of the loss.
        from_logits: Whether outputs are logits.
    """

    def __init__(
        self,
        n_answers: Sequence[int],
        weights: Sequence[float],
        fading: int | None = None,
        name: str = "task_loss",
        from_logits: bool = False,
    ) -> None:
        super().__init__(name=name)
        self.from_logits = from_logits
        self.n_answers, self.weights, self.fading = tuple(n_answers), tuple(weights), fading

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as JSON types."""
        return {
            "n_answers": list(self.n_answers),
            "weights": list(self.weights),
            "fading": self.fading,
            "name": self.name,
            "from_logits": self.from_logits,
        }

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """(n,) outputs that are right and (n, n_outputs) values to (n,) losses in nats."""
        right = ops.cast(ops.reshape(y_true, (-1,)), "int32")
        joint = ops.softmax(y_pred) if self.from_logits else y_pred
        joint = ops.reshape(joint, (-1, *self.n_answers))
        total: Any = 0.0
        stride = 1
        for question in reversed(range(len(self.n_answers))):
            n = self.n_answers[question]
            others = tuple(a + 1 for a in range(len(self.n_answers)) if a != question)
            answers = ops.sum(joint, axis=others)
            total = total + self._weighted(question, (right // stride) % n, answers)
            stride *= n
        return total

    def _weighted(self, question: int, right: Any, answers: Any) -> Any:
        """One question's (n,) cross-entropies, times its weight."""
        n = self.n_answers[question]
        of_right = ops.sum(ops.one_hot(right, n, dtype=answers.dtype) * answers, axis=-1)
        losses = -ops.log(ops.clip(of_right, SMALLEST_PROBABILITY, 1.0))
        weight = self.weights[question]
        if question == self.fading:
            hits = ops.cast(ops.equal(ops.argmax(answers, axis=-1), right), losses.dtype)
            above_chance = (ops.mean(hits) - 1 / n) / (1 - 1 / n)
            weight = weight * ops.stop_gradient(1.0 - ops.clip(above_chance, 0.0, 1.0))
        return weight * losses


def loss_of(task: Task) -> str | TaskLoss:
    """What to compile a network with."""
    if task.loss_weights is None and task.fading is None:
        return PLAIN  # the cross-entropy of products is the sum of cross-entropies
    weights = task.loss_weights or (1.0,) * len(task.questions)
    return TaskLoss(task.n_answers, weights, task.fading)
