"""The stream into TensorFlow: batches that the C++ core draws while the network trains.

    data = nanotilt.stream(nanotilt.recipes.chirality(), seed=7, batch_size=256)
    model.fit(data, steps_per_epoch=400, shuffle=False)  # the order is random already

There are two routes to the same bits. The *op* route draws inside a TensorFlow op,
``NanotiltSample``: no Python runs per batch, a saved iterator can be restored in another process,
and the dataset can be sent to other processes (tf.data service). The *numpy* route calls
``Recipe.sample`` through ``tf.numpy_function``; it works wherever TensorFlow does, but only inside
the process that made the dataset.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from nanotilt._base.checks import (
    INDEX_LIMIT,
    choice,
    flag,
    integer,
    is_integer,
    plain,
    received,
    sample_range,
    seed_number,
)
from nanotilt.ops import projection
from nanotilt.recipes.recipe import Recipe
from nanotilt.streaming import routes

if TYPE_CHECKING:
    from tensorflow import Tensor
    from tensorflow.data import Dataset

__all__ = ["load_op", "stream"]

Default = TypeVar("Default", int, None)

AUTOTUNE = -1  # the value of tf.data.AUTOTUNE

PREFETCHED = 4

# Views drawn in one call when batches are smaller. Of chirality batches of 64, draws of 256 KiB by
# two threads bring 65 % of Recipe.sample's rate, 1 MiB 70 to 80 %, 2 MiB 70 to 90 %.
BYTES_PER_DRAW = 2**21

# So that the first batch does not wait long where a sample has few bytes.
SAMPLES_PER_DRAW = 8192


def stream(
    recipe: Recipe,
    seed: int,
    batch_size: int,
    start: int = 0,
    count: int | None = None,
    with_angles: bool = False,
    *,
    drop_remainder: bool = False,
    num_parallel_calls: int | None = None,
    prefetch: int | None = None,
    route: str = "auto",
) -> Dataset:
    """The samples start, start + 1, ... of (recipe, seed) in batches, as a tf.data.Dataset.

    Batches come in the order of the stream, whatever the number of parallel calls, and hold the
    same bits as ``recipe.sample(seed, start, count)``. An iterator that is saved with
    tf.train.Checkpoint and restored later continues with the next sample.

    Args:
        recipe: What to draw.
        seed: The stream's seed, in [0, 2**64).
        batch_size: Samples per batch, >= 1.
        start: Index of the first sample, >= 0.
        count: Number of samples, in [0, 2**63); or None for an endless dataset: its cardinality is
            infinite, and Keras needs ``steps_per_epoch``.
        with_angles: Give the tilt angles, too. Keras would take them for sample weights, so map the
            dataset to what the model needs, for example ``data.map(lambda views, label, angle_rad:
            ((views, angle_rad), label))``.
        drop_remainder: When count is not a multiple of batch_size: leave the last samples out
            (True), or give them in a smaller last batch (False). Only then, in the second case, is
            the batch size None in the static shapes.
        num_parallel_calls: Draws at the same time, one thread each, >= 1; None or tf.data.AUTOTUNE:
            as many as `nanotilt.build_info` has threads. A draw makes one batch, or several small
            ones.
        prefetch: Batches kept ready, >= 0, rounded up to whole draws; None or tf.data.AUTOTUNE: 4
            batches, or two draws if these are more.
        route: "op", "numpy", or "auto": the op, and where it can't be had, the numpy route with a
            RuntimeWarning.

    Returns:
        Dataset of (views, label), or of (views, label, angle_rad): views (batch, n_views, n_bins)
        float32, label (batch,) int32, angle_rad (batch, n_views) float32 in radians.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
        ImportError: TensorFlow isn't installed.
        RuntimeError: route is "op" and the op can't be had; the message tells why.
    """
    if not isinstance(recipe, Recipe):
        raise TypeError(f"recipe must be a nanotilt.Recipe. {received('recipe', recipe)}")
    seed = seed_number(seed)
    batch_size = integer("batch_size", batch_size, at_least=1, below=INDEX_LIMIT)
    first, total = _first_and_total(start, count)
    with_angles = flag("with_angles", with_angles)
    if flag("drop_remainder", drop_remainder) and total is not None:
        total -= total % batch_size
    num_parallel_calls = _unless_left_open(
        "num_parallel_calls", num_parallel_calls, projection.thread_count(None), at_least=1
    )
    prefetch = _unless_left_open("prefetch", prefetch, None, at_least=0)
    route = choice("route", route, ("auto", "op", "numpy"))

    draw = routes.draw_by(route, recipe, seed)
    batches = _Batches(recipe, draw, batch_size, first, with_angles, num_parallel_calls, prefetch)
    data = batches.endless() if total is None else batches.counted(total)
    return data.with_options(_without_tuning())


def load_op() -> None:
    """Makes TensorFlow know the stream's op in this process. Calling it again does nothing.

    ``stream`` does this itself. Another process that is to run a dataset made elsewhere has to call
    it before the dataset arrives, for instance a worker of tf.data service:

        import nanotilt
        import tensorflow as tf

        nanotilt.streaming.stream.load_op()
        config = tf.data.experimental.service.WorkerConfig(dispatcher_address="localhost:5000")
        tf.data.experimental.service.WorkerServer(config).join()

    Raises:
        ImportError: TensorFlow isn't installed.
        RuntimeError: The op can't be had; the message tells why.
    """
    problem = routes.problem_with_op()
    if problem:
        raise RuntimeError(problem)


def _first_and_total(start: Any, count: Any) -> tuple[int, int | None]:
    """The validated start and count. tf.data counts in int64, which ends one below 2**63."""
    if count is None:
        return sample_range(start, 0)[0], None
    first, total = sample_range(start, count)
    return first, integer("count", total, below=INDEX_LIMIT)


def _unless_left_open(field: str, value: Any, default: Default, *, at_least: int) -> int | Default:
    """The validated value; the default for None and for tf.data.AUTOTUNE."""
    value = plain(field, value)
    if value is None or (is_integer(value) and value == AUTOTUNE):
        return default
    return integer(field, value, at_least=at_least)


def _without_tuning() -> Any:
    """Options that leave numbers of calls and buffers as they are.

    With tuning on, an iterator takes up to 5 s to go away at the end of every ``fit`` (measured
    with TensorFlow 2.21): it waits for the tuning thread, whose naps double in length. There is
    nothing to tune either: simulation is far faster than training.
    """
    options = routes.tensorflow().data.Options()
    options.autotune.enabled = False
    return options


@dataclasses.dataclass(frozen=True)
class _Batches:
    """Builds the dataset from draws.

    A mapped element of tf.data costs some ten microseconds of bookkeeping, which is half the time
    of a small batch itself, and handing it from thread to thread costs as much again. So one draw
    makes several small batches, draws are what is kept ready, and whoever reads takes the batches
    out of them.
    """

    recipe: Recipe
    draw: routes.Draw
    batch_size: int
    first: int  # index of the first sample
    with_angles: bool
    num_parallel_calls: int
    prefetch: int | None  # batches; None: left open

    def endless(self) -> Dataset:
        """All full batches from the first sample on."""
        tf = routes.tensorflow()
        n_draws = (INDEX_LIMIT - 1 - self.first) // (self._per_draw * self.batch_size)
        endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
        return self._full_draws(tf.data.Dataset.range(n_draws).apply(endless))

    def counted(self, total: int) -> Dataset:
        """Batches of ``total`` samples; the last one has what is left."""
        dataset = routes.tensorflow().data.Dataset
        n_draws = total // (self._per_draw * self.batch_size)
        n_drawn = n_draws * self._per_draw
        n_batches = -(-total // self.batch_size)
        full = self._full_draws(dataset.range(n_draws))
        if n_drawn == n_batches:
            return full
        rest = self._single_batches(dataset.range(n_drawn, n_batches), total)
        return full.concatenate(rest) if n_drawn else rest

    @property
    def _per_draw(self) -> int:
        """Batches per draw."""
        bytes_per_sample = 4 * self.recipe.n_views * math.prod(self.recipe.view_shape)
        samples = min(BYTES_PER_DRAW // bytes_per_sample, SAMPLES_PER_DRAW)
        return max(1, samples // self.batch_size)

    def _full_draws(self, indices: Dataset) -> Dataset:
        """Full batches of the draws with these indices."""
        tf = routes.tensorflow()
        n_samples = self._per_draw * self.batch_size

        def several_batches(index: Tensor) -> tuple[Tensor, ...]:
            parts = self.draw(self.first + index * n_samples, tf.constant(n_samples, tf.int64))
            return tuple(
                tf.reshape(part, (self._per_draw, self.batch_size, *shape))
                for part, shape in self._wanted(parts)
            )

        if self._per_draw == 1:
            return self._single_batches(indices, None)
        ready = 2 if self.prefetch is None else -(-self.prefetch // self._per_draw)
        return self._ready(self._map(several_batches, indices), ready).unbatch()

    def _single_batches(self, indices: Dataset, total: int | None) -> Dataset:
        """The batches with these indices; the last of all ends with sample ``total``."""
        tf = routes.tensorflow()
        has_partial = total is not None and total % self.batch_size > 0
        static_size = None if has_partial else self.batch_size

        def one_batch(index: Tensor) -> tuple[Tensor, ...]:
            offset = index * self.batch_size
            size = tf.constant(self.batch_size, tf.int64)
            if has_partial:
                size = tf.minimum(size, total - offset)
            parts = self.draw(self.first + offset, size)
            return tuple(
                tf.ensure_shape(
                    tf.reshape(part, (-1, *shape)) if len(shape) > 2 else part,
                    (static_size, *shape),
                )
                for part, shape in self._wanted(parts)
            )

        return self._ready(self._map(one_batch, indices), self.prefetch)

    @staticmethod
    def _ready(elements: Dataset, number: int | None) -> Dataset:
        """Keeps so many elements ready."""
        if number == 0:
            return elements
        return elements.prefetch(PREFETCHED if number is None else number)

    def _wanted(self, parts: tuple[Any, Any, Any]) -> Iterator[tuple[Any, tuple[int, ...]]]:
        """The parts of a batch that are asked for, each with the shape of one sample."""
        n_views = self.recipe.n_views
        shapes = ((n_views, *self.recipe.view_shape), (), (n_views,))
        n_parts = 3 if self.with_angles else 2
        return zip(parts[:n_parts], shapes[:n_parts], strict=True)

    def _map(self, function: Callable[..., Any], indices: Dataset) -> Dataset:
        """Applies a function to indices, several at a time, in order."""
        tf = routes.tensorflow()
        return indices.map(
            tf.autograph.experimental.do_not_convert(function),
            num_parallel_calls=self.num_parallel_calls,
            deterministic=True,
        )
