"""Stereo pairs into TensorFlow: views whose stereo angle is known and whose orientation is not.

    data = nanotilt.stream_pairs(nanotilt.recipes.square(stereo_deg=10), seed=7, batch_size=64)
    (first, second), stereo_rad = next(iter(data))

The true orientation is not in the data unless asked for, so that a network that is to do without
can't see it by mistake.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from nanotilt._base import checks as check
from nanotilt.recipes.recipe import Recipe
from nanotilt.streaming import routes
from nanotilt.streaming.stream import stream

if TYPE_CHECKING:
    from tensorflow import Tensor
    from tensorflow.data import Dataset

__all__ = ["stereo_angles_rad", "stream_pairs"]


def stereo_angles_rad(recipe: Recipe) -> tuple[float, ...]:
    """By how much each further view is turned against the first, radians, (n_views - 1,).

    Raises:
        TypeError: `recipe` is no Recipe.
        ValueError: the recipe has one view only.
    """
    if not isinstance(recipe, Recipe):
        raise TypeError(f"recipe must be a nanotilt.Recipe. {check.received('recipe', recipe)}")
    first, *further = recipe.detector.angles_deg
    if not further:
        raise ValueError(
            "recipe must have two views at least, a known angle apart. Received: a recipe whose "
            f"detector is {recipe.detector!r}"
        )
    return tuple(math.radians(angle - first) for angle in further)


def stream_pairs(
    recipe: Recipe,
    seed: int,
    batch_size: int,
    start: int = 0,
    count: int | None = None,
    with_angles: bool = False,
    **options: Any,
) -> Dataset:
    """Samples start, start + 1, ... of (recipe, seed) as stereo pairs, in a tf.data.Dataset.

    The views are those of `stream` and of ``recipe.sample``, bit by bit.

    Args:
        recipe: What to draw; two views at least.
        seed: The stream's seed, in [0, 2**64).
        batch_size: Pairs per batch, >= 1.
        start: Index of the first sample, >= 0.
        count: Number of samples; None for an endless dataset.
        with_angles: Give the true angles, too. Keras would take them for sample weights, so they
            are for validation by hand.
        **options: Those of `stream`: drop_remainder, num_parallel_calls, prefetch, route.

    Returns:
        A dataset of ((first view, second view), stereo angle): views (batch, n_pixels, n_pixels)
        float32, or (batch, n_bins) of projections; the angle (batch,) float32 in radians. With more
        than two views, as many in the inner tuple, and the further ones' angles against the first
        (batch, n_views - 1). With `with_angles` a third part: angle_rad (batch, n_views) float32,
        as in `Batch`.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value, or the recipe has one view only.
        ImportError: TensorFlow isn't installed.
        RuntimeError: the route asked for can't be had.
    """
    stereo_rad = stereo_angles_rad(recipe)
    angles = ("angle_rad",) if check.flag("with_angles", with_angles) else ()
    data = stream(recipe, seed, batch_size, start, count, give=("views", *angles), **options)
    tf = routes.tensorflow()
    known = tf.constant(stereo_rad[0] if len(stereo_rad) == 1 else stereo_rad, tf.float32)

    def pairs(views: Tensor, *angle_rad: Tensor) -> Any:
        shape = tf.concat([tf.shape(views)[:1], tf.shape(known)], axis=0)
        target = tf.ensure_shape(tf.broadcast_to(known, shape), (views.shape[0], *known.shape))
        return (tuple(tf.unstack(views, recipe.n_views, axis=1)), target, *angle_rad)

    return data.map(pairs, num_parallel_calls=1, deterministic=True).with_options(data.options())
