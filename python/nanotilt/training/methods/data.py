"""Pairs to train and test on. Only the functions with "labelled" in their names give true angles.

Ranges of one stream, as everywhere in nanotilt: training from sample 0 on, validation and test from
far beyond. Views are float32, (count, 2, 64, 64) of images or (count, 2, 64) of projections; angles
are in radians.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base.optional import needed_for
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.orientation_configuration import FRESH_START
from nanotilt.runs.settings import TEST_START, TRAINING_START, VALIDATION_START
from nanotilt.streaming import stream as streaming
from nanotilt.streaming.pairs import stream_pairs

Views = npt.NDArray[np.float32]
Angles = npt.NDArray[np.float64]


def fixed_pairs(recipe: Recipe, seed: int, count: int) -> Views:
    """The fixed set, (count, 2, ...) views and nothing else."""
    data = stream_pairs(recipe, seed, count, TRAINING_START, count)
    ((first, second), _) = next(iter(data))
    return np.stack([first.numpy(), second.numpy()], axis=1)


def fresh_pairs(recipe: Recipe, seed: int, batch_size: int, start: int, threads: int | None) -> Any:
    """An endless dataset of ((first, second), stereo angle), from fresh sample `start` on."""
    return stream_pairs(
        recipe, seed, batch_size, FRESH_START + start, num_parallel_calls=threads or 1
    )


def labelled_pairs(recipe: Recipe, seed: int, count: int) -> tuple[Views, Angles]:
    """The fixed set with its true angles, (count, 2) radians."""
    return _sampled(recipe, seed, TRAINING_START, count)


def labelled_fresh_views(
    recipe: Recipe, symmetry: int, seed: int, batch_size: int, start: int, threads: int | None
) -> Any:
    """An endless dataset of single views and (sin, cos) of symmetry x true angle.

    Each pair gives two views, so that batches hold 2 x batch_size of them.
    """
    with needed_for("Training"):
        import tensorflow as tf

    def separate(views: Any, label: Any, angle_rad: Any) -> Any:
        phase = symmetry * tf.reshape(angle_rad, (-1,))
        single = tf.reshape(views, (2 * batch_size, *recipe.view_shape))
        return single, tf.stack([tf.sin(phase), tf.cos(phase)], axis=-1)

    data = streaming.stream(
        recipe,
        seed,
        batch_size,
        FRESH_START + start,
        with_angles=True,
        num_parallel_calls=threads or 1,
    )
    return data.map(separate, num_parallel_calls=1, deterministic=True)


def labelled_validation(recipe: Recipe, seed: int, count: int) -> tuple[Views, Angles]:
    """First views of unseen pairs and their true angles, for scoring only."""
    views, angles = _sampled(recipe, seed, VALIDATION_START, count)
    return views[:, 0], angles[:, 0]


def labelled_test(recipe: Recipe, seed: int, count: int) -> tuple[Views, Angles]:
    """The same of the test set: pairs that no training and no validation has seen."""
    views, angles = _sampled(recipe, seed, TEST_START, count)
    return views[:, 0], angles[:, 0]


def _sampled(recipe: Recipe, seed: int, start: int, count: int) -> tuple[Views, Angles]:
    batch = recipe.sample(seed, start=start, count=count)
    return batch.views, batch.angle_rad.astype(np.float64)
