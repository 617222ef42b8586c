"""A trained network at work: probabilities for ranges of the stream, drawn piece by piece."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base.optional import needed_for
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.records import Predictions
from nanotilt.tasks.task import Task
from nanotilt.training.own_network import answering

with needed_for("Training"):
    import keras
    import tensorflow as tf

MOST_SAMPLES_AT_ONCE = 2_000
MOST_BYTES_AT_ONCE = 2**24

Views = npt.NDArray[np.float32]


class Classifier:
    """Predicts with a network in its present state, whatever was trained since it was made.

    Args:
        model: Takes views, returns probabilities, or the user's own network, logits.
        recipe: What the views are drawn from.
        n_threads: Threads that draw samples, or None: all that may be used.
        task: What the network is asked, or None: which class it is. Labels are then the outputs
            that are right.
    """

    def __init__(
        self,
        model: keras.Model,
        recipe: Recipe,
        n_threads: int | None = None,
        task: Task | None = None,
    ) -> None:
        self._task = task or Task.of(recipe)
        self._recipe = recipe
        self._n_threads = n_threads
        shape = (None, recipe.n_views, *recipe.view_shape)
        answer = answering(model, recipe)
        self._forward: Any = tf.function(
            lambda views: answer(views, training=False),
            input_signature=[tf.TensorSpec(shape, tf.float32)],
        )

    def predict(
        self,
        seed: int,
        start: int,
        count: int,
        *,
        change: Callable[[Views], Views] | None = None,
        advance: Callable[[float], None] | None = None,
    ) -> Predictions:
        """Predicts the classes of samples start ... start + count - 1.

        Args:
            seed: The stream.
            start: The first sample.
            count: Number of samples, >= 1.
            change: What to do to the views before the network sees them.
            advance: Is told the share that is done.
        """
        labels, probabilities = [], []
        at_once = samples_at_once(self._recipe)
        for done in range(0, count, at_once):
            n = min(at_once, count - done)
            batch = self._recipe.sample(seed, start + done, n, n_threads=self._n_threads)
            views = batch.views if change is None else change(batch.views)
            labels.append(self._task.labels(batch.label))
            probabilities.append(self._forward(tf.convert_to_tensor(views)).numpy())
            if advance is not None:
                advance((done + n) / count)
        return Predictions(seed, start, np.concatenate(labels), np.concatenate(probabilities))


def samples_at_once(recipe: Recipe) -> int:
    """Samples that are drawn in one piece: memory does not grow with their number."""
    return max(1, min(MOST_SAMPLES_AT_ONCE, MOST_BYTES_AT_ONCE // (4 * recipe.detector.n_values)))


def first_view_only(views: Views) -> Views:
    """All views replaced by the first: what a network that needs several must fail on."""
    return np.repeat(views[:, :1], views.shape[1], axis=1)
