"""A trained network at work on given views: probabilities, and gradients of log-odds."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base.optional import needed_for
from nanotilt.recipes.recipe import Recipe
from nanotilt.tasks.task import Probabilities, Task
from nanotilt.training.classifier import Views, samples_at_once
from nanotilt.training.own_network import answering

with needed_for("Training"):
    import keras
    import tensorflow as tf

_SMALLEST = 1e-30
"""Probabilities count as this much at least, well within float32."""


class Network:
    """A network, its task, and how many views it takes at once.

    Args:
        model: Takes views, returns probabilities, or the user's own network, logits.
        recipe: Tells the views' shape.
        task: What the network is asked.
    """

    def __init__(self, model: keras.Model, recipe: Recipe, task: Task) -> None:
        self._model = answering(model, recipe)
        self._task = task
        self._at_once = samples_at_once(recipe)
        self._shape = (None, recipe.n_views, *recipe.view_shape)
        self._forward = self._compiled(lambda views: self._model(views, training=False))
        self._gradients: dict[int, Any] = {}

    def probabilities(self, views: Views) -> Probabilities:
        """(n, n_views, ...) views to (n, n_outputs) probabilities."""
        return np.concatenate([self._forward(part).numpy() for part in self._parts(views)])

    def gradients(self, question: int, views: Views) -> npt.NDArray[np.float32]:
        """Gradients of the log-odds of each sample's likeliest answer to one question.

        The log-odds are log p - log of the sum of the others' probabilities, nats; unused outputs
        count among the others.

        Args:
            question: Its number.
            views: (n, n_views, ...).

        Returns:
            (n, n_views, ...), per unit of the views' values.
        """
        if question not in self._gradients:
            self._gradients[question] = self._compiled(lambda v: self._gradient(question, v))
        gradient = self._gradients[question]
        return np.concatenate([gradient(part).numpy() for part in self._parts(views)])

    def _gradient(self, question: int, views: Any) -> Any:
        # Samples don't act on one another outside training, so the gradient of a sum holds each
        # sample's own.
        with tf.GradientTape() as tape:
            tape.watch(views)
            p = self._answers(question, self._model(views, training=False))
            chosen = tf.one_hot(tf.argmax(p, axis=1), p.shape[1])
            odds = _log(tf.reduce_sum(chosen * p, axis=1)) - _log(
                tf.reduce_sum((1.0 - chosen) * p, axis=1)
            )
            total = tf.reduce_sum(odds)
        return tape.gradient(total, views, unconnected_gradients="zero")

    def _answers(self, question: int, p: Any) -> Any:
        """(n, n_outputs) to (n, answers) probabilities: `Task.answers_of`, in TensorFlow."""
        if len(self._task.questions) == 1:
            return p
        n = self._task.n_answers
        others = [axis + 1 for axis in range(len(n)) if axis != question]
        return tf.reduce_sum(tf.reshape(p, (-1, *n)), axis=others)

    def _compiled(self, function: Any) -> Any:
        return tf.function(function, input_signature=[tf.TensorSpec(self._shape, tf.float32)])

    def _parts(self, views: Views) -> list[Any]:
        starts = range(0, len(views), self._at_once)
        return [tf.convert_to_tensor(views[i : i + self._at_once]) for i in starts]


def _log(p: Any) -> Any:
    return tf.math.log(tf.maximum(p, _SMALLEST))
