"""Networks whose answers can be foreseen, and recipes that they answer."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

import nanotilt as nt

START = 2**41
BIN = 5
"""Lies in the large particles' shadow and outside the small ones'."""


def size_recipe(n_views: int = 2, noise: float = 0.001) -> nt.Recipe:
    """Small and large particles, which one bin of any view tells apart."""
    still: dict[str, Any] = {"radius_std": 0.0, "roughness": 0.0, "centre_std": (0.0, 0.0)}
    return nt.Recipe(
        {"small": nt.Particle(nt.Outline(0.4, **still)), "large": nt.Particle(nt.Outline(**still))},
        nt.Detector(
            n_bins=16,
            shift_std=0.0,
            angles_deg=tuple(180.0 * i / n_views for i in range(n_views)),
            noise=noise,
        ),
    )


class OneBin(keras.Model):  # type: ignore[misc]
    """Says "large" if one bin of one view is more than a quarter of the brightest."""

    def __init__(self, view: int) -> None:
        super().__init__()
        self.view = view

    def call(self, views: Any, training: bool = False) -> Any:
        """(n, n_views, n_bins) to (n, 2)."""
        large = 40.0 * (views[:, self.view, BIN] - 0.25)
        return ops.softmax(ops.stack([-large, large], axis=1))


class Linear(keras.Model):  # type: ignore[misc]
    """Softmaxes over linear functions of the views; with several, the products of what they give.

    Args:
        weights: For each softmax (n_views, n_bins, answers).
    """

    def __init__(self, *weights: npt.NDArray[np.float32]) -> None:
        super().__init__()
        self.tables = weights

    def call(self, views: Any, training: bool = False) -> Any:
        """(n, n_views, n_bins) to (n, product of the numbers of answers)."""
        joint = ops.ones_like(views[:, 0, :1])
        for table in self.tables:
            answers = ops.softmax(ops.einsum("nvb,vba->na", views, ops.convert_to_tensor(table)))
            pairs = joint[:, :, None] * answers[:, None, :]
            joint = ops.reshape(pairs, (-1, joint.shape[-1] * answers.shape[-1]))
        return joint
