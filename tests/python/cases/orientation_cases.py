"""Stereo pairs of shapes seen from above, and angles, to test orientations with."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import nanotilt as nt
from nanotilt.runs.orientation_configuration import OrientationSettings, Spending

Floats = npt.NDArray[np.floating[Any]]

N_PIXELS = 64

TINY = {
    (model, budget): Spending(64, 1, fresh, 32, 64)
    for model, fresh in (("fast", 64), ("paper", 0))
    for budget in ("quick", "full")
}


def settings_of(model: str, budget: str = "quick", paper_network: bool | None = None) -> Any:
    """Those of a tiny run on pairs 10 degrees apart."""
    as_the_paper = model == "paper" if paper_network is None else paper_network
    spent = TINY[model, budget]
    return OrientationSettings(model, as_the_paper, "label_free", 10.0, 0, 1, spent)


def some_views(*shape: int) -> Floats:
    return np.random.default_rng(3).random(shape, dtype=np.float32)


def polygon(n_corners: int) -> Floats:
    """A regular polygon whose sides are 1 away from the origin: (n_corners, 2)."""
    angle = 2 * np.pi * (np.arange(n_corners) + 0.5) / n_corners
    corners = np.stack([np.cos(angle), np.sin(angle)], axis=-1) / np.cos(np.pi / n_corners)
    return np.asarray(corners)


def turned(ring: Floats, angle_rad: float) -> Floats:
    """The ring turned from +x towards +y."""
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    return np.asarray(ring @ np.array([[cosine, sine], [-sine, cosine]]))


def stereo_pairs(
    n_pairs: int,
    stereo_deg: float,
    *,
    n_corners: int = 4,
    antialias: Any = "exact",
    seed: int = 1,
) -> tuple[Floats, Floats]:
    """Polygons of random sizes, places and orientations: (n_pairs, 2, 64, 64), (n_pairs,) radians.

    The angles are those of the first images.
    """
    rng = np.random.default_rng(seed)
    angles = rng.uniform(0, 2 * np.pi, n_pairs)
    sizes = rng.uniform(0.3, 0.6, n_pairs)
    places = rng.uniform(-0.15, 0.15, (n_pairs, 2))
    images = np.empty((n_pairs, 2, N_PIXELS, N_PIXELS), np.float32)
    for i, view in np.ndindex(n_pairs, 2):
        ring = turned(sizes[i] * polygon(n_corners), angles[i] + view * np.deg2rad(stereo_deg))
        images[i, view] = nt.rasterise(
            [ring + places[i]], n_pixels=N_PIXELS, field_of_view=2.2, antialias=antialias
        )
    return images, angles


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "results.csv").open(newline="") as file:
        return list(csv.DictReader(file))
