"""What an epoch trains on: fresh samples of the stream, or the same set in a new order."""

from __future__ import annotations

from typing import Any

import numpy as np

from nanotilt._base.optional import needed_for
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.settings import TRAINING_START, Settings
from nanotilt.streaming.stream import stream
from nanotilt.tasks.task import Task

with needed_for("Training"):
    import tensorflow as tf

DataSet = Any
"""A tf.data.Dataset of (views (batch, n_views, n_bins), label (batch,))."""


class TrainingData:
    """The training samples of a run, epoch by epoch.

    Args:
        recipe: What they are drawn from.
        settings: How many, and whether they are fresh.
        task: What the labels answer.
    """

    def __init__(self, recipe: Recipe, settings: Settings, task: Task) -> None:
        self._recipe = recipe
        self._settings = settings
        self._task = task
        self._set: Any = None

    def epoch(self, n_done: int, n_tried: int) -> DataSet:
        """One epoch's batches.

        Args:
            n_done: Epochs done.
            n_tried: How often training was begun before.
        """
        if self._settings.fixed_set:
            return self._shuffled(n_done, n_tried)
        n_samples = self._settings.samples_per_epoch
        fresh = stream(
            self._recipe,
            self._settings.seed,
            self._settings.batch_size,
            start=TRAINING_START + n_done * n_samples,
            count=n_samples,
            drop_remainder=True,
            num_parallel_calls=self._settings.n_threads,
        )
        outputs = self._task.right_output
        if outputs == tuple(range(len(outputs))):
            return fresh
        right = tf.constant(outputs, dtype=tf.int32)
        return fresh.map(lambda views, classes: (views, tf.gather(right, classes)))

    def _shuffled(self, n_done: int, n_tried: int) -> DataSet:
        """The fixed set in an order that seed, try and epoch decide."""
        settings = self._settings
        n = settings.samples_per_epoch
        if self._set is None:
            self._set = self._recipe.sample(
                settings.seed, TRAINING_START, n, n_threads=settings.n_threads
            )
        order = np.random.default_rng([settings.seed, n_tried, n_done]).permutation(n)
        batches = (settings.steps_per_epoch, settings.batch_size)
        views = self._set.views[order].reshape(*batches, *self._set.views.shape[1:])
        labels = self._task.labels(self._set.label)[order].reshape(batches)
        return tf.data.Dataset.from_tensor_slices((views, labels))
