"""Batches out of tf.data, as a training loop takes them.

A dataset has to be consumed to be timed, and the consumer's own time counts. ``for batch in data``
in Python makes two Python objects per batch; one call of a tf.function per batch costs some
hundred microseconds before it does anything. What a training loop does that wants to be fast
(Keras: ``steps_per_execution``) is a loop inside one tf.function: ``next(iterator)`` is then an op
among others, and nothing but the pipeline is timed. `Stream` does that. It iterates an endless
dataset, so starting an iterator is not timed either.

Both ends of a turn are in the midst of work: before the clock starts, as many batches are drawn as
may lie ready in buffers, after a pause in which other streams fill theirs.
"""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np

from nanotilt._base.backend import silent_stderr
from nanotilt.benchmarking.lines.drawing import SEED
from nanotilt.benchmarking.timing import Work
from nanotilt.recipes.recipe import Recipe
from nanotilt.streaming import stream as streaming
from nanotilt.streaming.draws import batches_per_draw
from nanotilt.streaming.give import VIEWS_AND_LABEL
from nanotilt.streaming.routes import tensorflow

REST_SECONDS = 0.01
PREFETCHED_DRAWS = 4
"""At most as many draws lie ready, beside those that parallel calls have just made."""


def load_tensorflow() -> Any:
    """TensorFlow, imported without its greetings.

    Raises:
        ImportError: TensorFlow isn't installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # errors only
    with silent_stderr():
        tf = tensorflow()
        tf.constant(0)  # looks for GPUs now, while its remarks are kept back
    return tf


def rest() -> None:
    """Waits while streams that nobody reads from fill their buffers."""
    time.sleep(REST_SECONDS)


class Stream:
    """An endless stream of batches that can be drained from C++ and from Python.

    Args:
        recipe: What to draw.
        batch_size: Samples per batch.
        threads: Parallel calls.

    Raises:
        RuntimeError: the first batch is not what `Recipe.sample` draws.
    """

    def __init__(self, recipe: Recipe, batch_size: int, threads: int) -> None:
        tf = load_tensorflow()
        data = streaming.stream(recipe, SEED, batch_size, num_parallel_calls=threads)
        self._batches = iter(data)
        drained = tf.function(_drained, autograph=False)
        self._drain = drained.get_concrete_function(self._batches, tf.TensorSpec((), tf.int32))
        per_draw = batches_per_draw(recipe, VIEWS_AND_LABEL, batch_size)
        self._n_buffered = (PREFETCHED_DRAWS + 2 * threads) * per_draw
        self._check_first(recipe, batch_size)

    def drain(self, n_batches: int) -> int:
        """Draws batches in a loop inside a tf.function; returns how many."""
        tf = tensorflow()
        return int(self._drain(self._batches, tf.constant(n_batches)))

    def drain_in_python(self, n_batches: int) -> None:
        """Draws batches in a Python loop."""
        for _ in range(n_batches):
            next(self._batches)

    def work(self, batches_per_repetition: int = 1, *, in_python: bool = False) -> Work:
        """Draining as work to be timed."""
        drain = self.drain_in_python if in_python else self.drain
        return Work(lambda times: drain(times * batches_per_repetition), self._settle)

    def _settle(self) -> None:
        rest()
        self.drain(self._n_buffered)

    def _check_first(self, recipe: Recipe, batch_size: int) -> None:
        views, label = next(self._batches)
        expected = recipe.sample(SEED, 0, batch_size)
        same_views = np.array_equal(views.numpy(), expected.views)
        if not same_views or not np.array_equal(label.numpy(), expected.label):
            raise RuntimeError("nanotilt.stream and Recipe.sample must draw the same samples")


def _drained(batches: Any, n_batches: Any) -> Any:
    """The loop: draws batches one after another and counts them."""
    tf = tensorflow()

    def draw_one(i: Any) -> tuple[Any]:
        next(batches)
        return (i + 1,)

    (count,) = tf.while_loop(lambda i: i < n_batches, draw_one, (tf.constant(0),))
    return count
