"""Encoders trained on angles, true or provisional."""

from __future__ import annotations

from typing import Any

import numpy as np

from nanotilt import models
from nanotilt.training.methods import data
from nanotilt.training.methods.data import Angles, Views
from nanotilt.training.methods.job import Job

EXPANDING_SHARES = (0.25, 0.5, 0.75, 1.0)
"""Of a period: ranges of true angles that the encoder is trained on, one after another."""

CHEAT_SHARES = (2 / 3, 1.0)
"""Likewise the paper's: 0 to 60 degrees of a square's 90, then all."""

_FOR_ZERO = 64
"""Views whose known angles tell an aligned encoder where 0 is."""


def new_encoder(job: Job) -> Any:
    """An untrained encoder for the job's views: the paper's, or the best there is for them."""
    shape = job.recipe.view_shape
    if job.settings.paper_network:
        # Dropout is part of the paper's training; without it the network reads angles far better.
        dropout = 0.0 if job.is_fast else 0.1
        return models.OrientationEncoder(shape, job.symmetry, dropout=dropout)
    architecture = "aligned" if len(shape) == 2 else "fast"
    return models.OrientationEncoder(shape, job.symmetry, architecture=architecture)


def ground_truth(job: Job) -> Any:
    """On true angles alone: the paper on its set, the fast network on fresh views."""
    if not job.is_fast:
        return encoder_on_labels(job, CHEAT_SHARES)
    encoder = new_encoder(job)
    pairs, angles = data.labelled_pairs(job.recipe, job.settings.seed, _FOR_ZERO)
    encoder.set_zero(pairs[:, 0], angles[:, 0])

    def views(start: int) -> Any:
        size, threads = job.spending.batch_size, job.settings.n_threads
        return data.labelled_fresh_views(
            job.recipe, job.symmetry, job.settings.seed, size, start, threads
        )

    job.train_on_fresh("true angles", encoder, views, "mse")
    return encoder


def encoder_on_labels(job: Job, shares: tuple[float, ...] = (1.0,)) -> Any:
    """A new encoder, trained on the fixed set's true angles within growing shares of a period."""
    encoder = new_encoder(job)
    pairs, angles = data.labelled_pairs(job.recipe, job.settings.seed, job.spending.fixed_pairs)
    period = 2 * np.pi / job.symmetry
    epochs = -(-job.spending.fixed_epochs // len(shares))
    for share in shares:
        inside = np.flatnonzero(np.mod(angles[:, 0], period) <= share * period)
        if inside.size:
            phase = f"true angles up to {share * 360 / job.symmetry:g} deg"
            train_on_angles(job, encoder, phase, pairs[inside], angles[inside], epochs)
    return encoder


def train_on_angles(
    job: Job, encoder: Any, phase: str, pairs: Views, angles: Angles, epochs: int
) -> None:
    """Trains an encoder on the sines and cosines of angles, both views of each pair on their own.

    Args:
        job: With what.
        encoder: An OrientationEncoder.
        phase: What to call it.
        pairs: (n, 2, ...) views.
        angles: (n, 2) radians.
        epochs: How often each view is seen.
    """
    encoder.set_zero(pairs[:_FOR_ZERO, 0], angles[:_FOR_ZERO, 0])
    views, targets = pairs.reshape(-1, *job.recipe.view_shape), angles.reshape(-1)
    batch_size = job.spending.batch_size
    job.compile(encoder, "mse", epochs * -(-len(views) // batch_size))
    job.trainer.fixed(
        phase, encoder, views, encoder.sine_cosine(targets), epochs=epochs, batch_size=batch_size
    )
