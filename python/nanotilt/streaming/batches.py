"""The stream as NumPy batches, for training on any backend of Keras."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nanotilt._base.checks import INDEX_LIMIT, flag, integer, received, sample_range, seed_number
from nanotilt.ops.projection import thread_count
from nanotilt.recipes.recipe import Recipe
from nanotilt.streaming.give import VIEWS_AND_LABEL, Given, checked_give

__all__ = ["batches"]


def batches(
    recipe: Recipe,
    seed: int,
    batch_size: int,
    start: int = 0,
    count: int | None = None,
    *,
    drop_remainder: bool = False,
    n_threads: int | None = None,
    give: Any = VIEWS_AND_LABEL,
) -> Iterator[Any]:
    """The samples start, start + 1, ... of (recipe, seed) in batches, as NumPy arrays.

    The samples are those of `stream` and of ``recipe.sample``, bit by bit. `stream` needs
    TensorFlow; this needs nothing, and ``model.fit`` takes it whatever Keras runs on:

        data = nt.batches(recipe, seed=7, batch_size=256)
        model.fit(data, steps_per_epoch=400, epochs=10)

    To go on after n batches, begin at ``start + n * batch_size``.

    Args:
        recipe: What to draw.
        seed: The stream's seed, in [0, 2**64).
        batch_size: Samples per batch, >= 1.
        start: Index of the first sample, >= 0.
        count: Number of samples, in [0, 2**63); None: batches without end.
        drop_remainder: When count is not a multiple of batch_size: leave the last samples out
            (True), or give them in a smaller last batch (False).
        n_threads: Threads that draw a batch; None: as `Recipe.sample` has it.
        give: Which outputs of ``recipe.spec`` a batch has, and how they are nested, as in `stream`:
            ``give=({"views", "angle_rad"}, "label")``. Only what is given is computed.

    Returns:
        An iterator over (views, label), or over what `give` asks for, each with the shape (batch,
        ...) as the spec has it: views (batch, n_views, n_bins) float32, or a camera's; label
        (batch,) int32.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """
    if not isinstance(recipe, Recipe):
        raise TypeError(f"recipe must be a nanotilt.Recipe. {received('recipe', recipe)}")
    seed = seed_number(seed)
    size = integer("batch_size", batch_size, at_least=1, below=INDEX_LIMIT)
    first, total = sample_range(start, 0 if count is None else count)
    end = INDEX_LIMIT - 1 if count is None else first + total
    if flag("drop_remainder", drop_remainder) or count is None:
        end -= (end - first) % size
    given = checked_give(give, recipe.spec)
    return _drawn(recipe, given, seed, (first, end), size, thread_count(n_threads))


def _drawn(
    recipe: Recipe, given: Given, seed: int, samples: tuple[int, int], size: int, n_threads: int
) -> Iterator[Any]:
    first, end = samples
    # Not a range, whose length must fit into an index.
    while first < end:
        count = min(size, end - first)
        yield given.arranged(recipe._drawn(given.names, seed, first, count, n_threads))
        first += size
