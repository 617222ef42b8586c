"""Encoders trained on stereo pairs, inside a Difference Model; no function here sees a label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nanotilt import models, pose
from nanotilt.pose.start import provisional_angles
from nanotilt.training.methods import data
from nanotilt.training.methods.data import Angles, Views
from nanotilt.training.methods.job import Job
from nanotilt.training.methods.on_angles import new_encoder, train_on_angles
from nanotilt.training.methods.spending import PROVISIONAL_PAIRS, RECOVERED_PAIRS, STUDENT_EPOCHS

CURRICULUM_SHARES = (0.02, 0.10, 0.25, 0.33, 1.0, 1.0)
"""Of the images, the closest to one of them first; the paper trains five epochs on each share."""

CURRICULUM_EPOCHS = 5

_CURRICULUM_RATE = 1e-3


def train_on_pairs(job: Job, encoder: Any) -> Any:
    """Trains an encoder on stereo pairs: fresh ones if fast, else those of the fixed set.

    Returns:
        The same encoder.
    """
    model, size = _difference_model(job, encoder), job.spending
    if job.is_fast:
        job.train_on_fresh("fresh stereo pairs", model, job.fresh_pairs, None)
        return encoder
    pairs = data.fixed_pairs(job.recipe, job.settings.seed, size.fixed_pairs)
    job.compile(model, None, 1)
    job.trainer.fixed(
        "stereo pairs", model, pairs, model.stereo_angles(len(pairs)),
        epochs=size.fixed_epochs, batch_size=size.batch_size,
    )  # fmt: skip
    return encoder


def curriculum(job: Job) -> Any:
    """Pairs that look alike first; then, if fast, fresh ones."""
    model = _difference_model(job, new_encoder(job))
    pairs = data.fixed_pairs(job.recipe, job.settings.seed, job.spending.fixed_pairs)
    unlike = difference_to_one(pairs[:, 0], job.settings.seed)
    job.found["std_of_difference"] = unlike
    order = np.argsort(unlike, kind="stable")
    counts = [max(1, round(share * len(pairs))) for share in CURRICULUM_SHARES]
    batch_size = job.spending.batch_size
    n_steps = CURRICULUM_EPOCHS * sum(-(-count // batch_size) for count in counts)
    job.compile(model, None, n_steps, _CURRICULUM_RATE)
    for share, count in zip(CURRICULUM_SHARES, counts, strict=True):
        job.trainer.fixed(
            f"closest {100 * share:.0f} %", model, pairs[order[:count]],
            model.stereo_angles(count), epochs=CURRICULUM_EPOCHS, batch_size=batch_size,
        )  # fmt: skip
    return train_on_pairs(job, model.encoder) if job.is_fast else model.encoder


def label_free(job: Job) -> Any:
    """Stereo pairs; before them, for encoders that need a start, provisional angles.

    These come from a diffusion map, and the encoder learns them first. An aligned encoder needs no
    start: its answers turn along with the image before any training.
    """
    encoder = new_encoder(job)
    if encoder.architecture == "aligned":
        return train_on_pairs(job, encoder)
    count = min(PROVISIONAL_PAIRS, job.spending.fixed_pairs)
    pairs = data.fixed_pairs(job.recipe, job.settings.seed, count)
    start = job.trainer.once(lambda: _provisional(job, pairs))
    job.found["resultant_length"] = length = float(start["resultant_length"])
    job.trainer.note(
        f"provisional angles of {count} pairs agree with the stereo angle to a resultant "
        f"length of {length:.3f} (1: everywhere)"
    )
    angles = np.stack([start["first_rad"], start["second_rad"]], axis=1)
    train_on_angles(job, encoder, "provisional angles", pairs, angles, job.spending.fixed_epochs)
    return train_on_pairs(job, encoder)


def recovered(job: Job) -> Any:
    """The encoder on angles that projection matching finds in stereo pairs of projections."""
    count = min(RECOVERED_PAIRS, job.spending.fixed_pairs)
    pairs = data.fixed_pairs(job.recipe, job.settings.seed, count)
    found = job.trainer.once(lambda: _recovered(job, pairs))
    job.found["confidence"] = confidence = float(found["confidence"])
    job.found["recovered_rad"] = first = found["first_rad"]
    job.trainer.note(
        f"recovered the angles of {count} pairs; {100 * confidence:.0f} % of the starts agree with "
        "them"
    )
    encoder = new_encoder(job)
    angles = np.stack([first, first + np.radians(job.settings.stereo_deg)], axis=1)
    epochs = STUDENT_EPOCHS * job.spending.fixed_epochs
    train_on_angles(job, encoder, "recovered angles", pairs, angles, epochs)
    return encoder


def _provisional(job: Job, pairs: Views) -> Mapping[str, Any]:
    found = provisional_angles(
        pairs[:, 0], pairs[:, 1], stereo_deg=job.settings.stereo_deg, symmetry=job.symmetry
    )
    return {
        "first_rad": found.first_rad,
        "second_rad": found.second_rad,
        "resultant_length": found.resultant_length,
    }


def _recovered(job: Job, pairs: Views) -> Mapping[str, Any]:
    settings = job.settings
    with job.trainer.stage(f"Recovering the angles of {len(pairs)} pairs") as advance:
        found = pose.recover(
            pairs, settings.stereo_deg, job.symmetry, settings.seed, n_threads=settings.n_threads,
            progress=lambda _, share: advance(share),
        )  # fmt: skip
    return {"first_rad": found.angle_rad, "confidence": found.confidence}


def difference_to_one(images: Views, seed: int) -> Angles:
    """How unlike all images are to one of them, picked at random: the paper's curriculum.

    Args:
        images: (n, height, width).
        seed: Decides which one.

    Returns:
        (n,) float64: the standard deviation over the pixels of image - picked image.
    """
    picked = images[np.random.default_rng(seed).integers(len(images))]
    return np.array([np.std(image - picked, dtype=np.float64) for image in images])


def _difference_model(job: Job, encoder: Any) -> Any:
    return models.DifferenceModel(
        encoder, stereo_deg=job.settings.stereo_deg, loss="circular" if job.is_fast else "paper"
    )
