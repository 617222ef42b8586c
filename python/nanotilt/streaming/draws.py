"""Datasets of batches, made of draws.

An element that tf.data maps costs some ten microseconds of bookkeeping, which is half the time of a
small batch itself, and handing it from thread to thread costs as much again. So one draw makes
several small batches, draws are what is kept ready, and whoever reads cuts the batches out of them,
which copies nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nanotilt._base.checks import INDEX_LIMIT
from nanotilt.recipes.recipe import Recipe
from nanotilt.streaming import routes
from nanotilt.streaming.give import Given

if TYPE_CHECKING:
    from tensorflow import Tensor
    from tensorflow.data import Dataset

PREFETCHED = 4

# Drawn in one call when batches are smaller. Of chirality batches of 64, draws of 256 KiB by two
# threads bring 65 % of Recipe.sample's rate, 1 MiB 70 to 80 %, 2 MiB 70 to 90 %.
BYTES_PER_DRAW = 2**21

# So that the first batch does not wait long where a sample has few bytes.
SAMPLES_PER_DRAW = 8192


def batches_per_draw(recipe: Recipe, names: tuple[str, ...], batch_size: int) -> int:
    """How many batches one draw makes; one if they are large."""
    n_bytes = sum(recipe.spec[name].n_bytes for name in names)
    samples = min(BYTES_PER_DRAW // n_bytes, SAMPLES_PER_DRAW)
    return max(1, samples // batch_size)


@dataclass(frozen=True)
class Batches:
    """Builds the dataset.

    Attributes:
        recipe: What to draw.
        given: Which outputs, and how they are nested.
        draw: Draws samples.
        batch_size: Samples per batch.
        first: Index of the first sample.
        num_parallel_calls: Draws at the same time.
        prefetch: Batches kept ready; None: left open.
    """

    recipe: Recipe
    given: Given
    draw: routes.Draw
    batch_size: int
    first: int
    num_parallel_calls: int
    prefetch: int | None

    def endless(self) -> Dataset:
        """All full batches from the first sample on."""
        n_draws = (INDEX_LIMIT - 1 - self.first) // self._samples_per_draw
        return self._cut(self._draws(n_draws, None), None)

    def counted(self, total: int) -> Dataset:
        """Batches of ``total`` samples; the last one has what is left."""
        n_draws = -(-total // self._samples_per_draw)
        return self._cut(self._draws(n_draws, total), total)

    @property
    def _per_draw(self) -> int:
        return batches_per_draw(self.recipe, self.given.names, self.batch_size)

    @property
    def _samples_per_draw(self) -> int:
        return self._per_draw * self.batch_size

    def _draws(self, number: int, total: int | None) -> Dataset:
        """So many draws, some of them kept ready; the last one ends with sample ``total``."""
        tf = routes.tensorflow()
        n_samples = self._samples_per_draw
        shorter = total is not None and total % n_samples > 0

        def one_draw(index: Tensor) -> Any:
            offset = index * n_samples
            size = tf.constant(n_samples, tf.int64)
            if shorter:
                size = tf.minimum(size, total - offset)
            outputs = self.draw(self.first + offset, size)
            for name, output in outputs.items():
                output.set_shape((None if shorter else n_samples, *self.recipe.spec[name].shape))
            return self.given.arranged(outputs)

        return self._ready(self._map(one_draw, tf.data.Dataset.range(number)))

    def _cut(self, draws: Dataset, total: int | None) -> Dataset:
        """Batches out of draws; with a partial one at the end, their size is not static."""
        tf = routes.tensorflow()
        if self._per_draw > 1:
            all_full = total is None or total % self.batch_size == 0
            draws = draws.rebatch(self.batch_size, drop_remainder=all_full)
        n_batches = tf.data.INFINITE_CARDINALITY if total is None else -(-total // self.batch_size)
        return draws.apply(tf.data.experimental.assert_cardinality(n_batches))

    def _ready(self, draws: Dataset) -> Dataset:
        """Keeps some draws ready."""
        if self.prefetch == 0:
            return draws
        if self.prefetch is not None:
            return draws.prefetch(-(-self.prefetch // self._per_draw))
        return draws.prefetch(PREFETCHED if self._per_draw == 1 else 2)

    def _map(self, function: Callable[..., Any], indices: Dataset) -> Dataset:
        """Applies a function to indices, several at a time, in order."""
        tf = routes.tensorflow()
        return indices.map(
            tf.autograph.experimental.do_not_convert(function),
            num_parallel_calls=self.num_parallel_calls,
            deterministic=True,
        )
