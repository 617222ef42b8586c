"""A training loop that keeps every loss, and samples laid out for it."""

from __future__ import annotations

import operator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import tree

from network_cases import Array, Network, Samples


class Training:
    """A network's training, traced once, and begun anew from first weights of any seed.

    Args:
        network: Which.
        optimizer: Its optimizer.
    """

    def __init__(self, network: Network, optimizer: Any) -> None:
        keras.utils.set_random_seed(0)
        self._make, self._optimizer = network.make, optimizer
        self._model = network.make()
        weights = self._model.trainable_variables
        optimizer.build(weights)
        self._weights: dict[int, list[Array]] = {}
        self._first = [keras.ops.convert_to_numpy(v) for v in optimizer.variables]
        loss = keras.losses.get(network.loss)

        shapes = tree.map_structure(
            lambda one: tf.TensorSpec((None, None, *one.shape[1:]), one.dtype),
            network.recipe_samples(1),
        )

        @tf.function(input_signature=shapes)  # type: ignore[untyped-decorator]
        def losses(views: Any, targets: Any) -> Any:
            found = tf.TensorArray(tf.float32, size=tf.shape(targets)[0])
            for step in tf.range(tf.shape(targets)[0]):
                seen = tree.map_structure(operator.itemgetter(step), views)
                with tf.GradientTape() as tape:
                    each = loss(targets[step], self._model(seen, training=True))
                    now = tf.reduce_mean(each)
                optimizer.apply(tape.gradient(now, weights), weights)
                found = found.write(step, now)
            return found.stack()

        self._losses = losses

    def losses(self, seed: int, batches: Samples, rate: float | None = None) -> Array:
        """The loss at every step, before it is taken.

        Args:
            seed: Of the first weights.
            batches: Views (n_steps, batch, ...) and targets (n_steps, batch, ...).
            rate: Learning rate; None: the optimizer's own.
        """
        if seed not in self._weights:
            keras.utils.set_random_seed(seed)
            self._weights[seed] = self._make().get_weights()
        self._model.set_weights(self._weights[seed])
        for variable, first in zip(self._optimizer.variables, self._first, strict=True):
            variable.assign(first)
        if rate is not None:
            self._optimizer.learning_rate.assign(rate)
        found: Array = self._losses(*batches).numpy()
        return found


def fresh(samples: Samples, n_steps: int) -> Samples:
    """Samples as batches that are each seen once."""
    found: Samples = tree.map_structure(
        lambda one: one.reshape(n_steps, -1, *one.shape[1:]), samples
    )
    return found


def again(samples: Samples, n_steps: int) -> Samples:
    """All samples as one batch, seen at every step."""
    found: Samples = tree.map_structure(
        lambda one: np.broadcast_to(one, (n_steps, *one.shape)), samples
    )
    return found
