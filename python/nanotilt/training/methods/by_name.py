"""Ways to train by name: the methods of Laurie 2024, and one of our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nanotilt.training.methods import on_angles, on_images, on_pairs
from nanotilt.training.methods.job import Job


def _pretrained(job: Job) -> Any:
    return on_pairs.train_on_pairs(job, on_angles.encoder_on_labels(job))


def _expanding(job: Job) -> Any:
    encoder = on_angles.encoder_on_labels(job, on_angles.EXPANDING_SHARES)
    return on_pairs.train_on_pairs(job, encoder)


_METHODS: Mapping[str, Callable[[Job], Any]] = {
    "ground_truth": on_angles.ground_truth,
    "pretrained": _pretrained,
    "expanding": _expanding,
    "curriculum": on_pairs.curriculum,
    "label_free": on_pairs.label_free,
    "recovered": on_pairs.recovered,
    "u_net": on_images.u_net,
    "u_net_without_skips": on_images.u_net_without_skips,
}


def train(method: str, job: Job) -> Any:
    """Trains a network.

    Args:
        method: One of `nanotilt.experiments.experiment.METHODS`.
        job: With what.

    Returns:
        The trained Keras model, with `predict_angle_rad` of single views.

    Raises:
        RunStopped: Ctrl-C.
        ValueError: the stereo angle makes both views of a pair the same.
    """
    return _METHODS[method](job)
