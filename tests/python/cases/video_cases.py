"""Videos of moving particles, as tables, for tests of tracking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Table: TypeAlias = npt.NDArray[np.void]

COLUMNS = [
    *((name, np.int32) for name in ("frame", "track")),
    *((name, np.float64) for name in ("x", "y", "area")),
]
SIDE = 128.0


@dataclass(frozen=True)
class Walks:
    """True tracks, and detections of each frame in any order.

    Attributes:
        true: frame, track, x, y, area; sorted by frame.
        tables: For each frame (n, 3): x, y, area.
    """

    true: Table
    tables: list[npt.NDArray[np.float64]]


def table(rows: Any) -> Table:
    """Rows of frame, track, x, y, area."""
    return np.array([tuple(row) for row in rows], COLUMNS)


def tables(true: Table, n_frames: int) -> list[npt.NDArray[np.float64]]:
    """What is seen in each frame."""
    frames = [true[true["frame"] == t] for t in range(n_frames)]
    return [np.stack([f["x"], f["y"], f["area"]], axis=1) for f in frames]


def walks(
    rng: np.random.Generator,
    *,
    n: int = 35,
    n_frames: int = 20,
    step: float = 1.4,
    birth: float = 0.2,
    death: float = 0.003,
    missed: float = 0.0,
) -> Walks:
    """Particles that walk at random; `step` is the root mean square step, `missed` unseen ones."""
    places = rng.uniform(0, SIDE, (n, 2))
    areas = np.pi * (5 * np.exp(0.25 * rng.normal(size=n))) ** 2
    tracks, n_tracks = np.arange(n), n
    rows: list[tuple[Any, ...]] = []
    for t in range(n_frames):
        inside = ((places >= 0) & (places <= SIDE)).all(axis=1)
        seen = inside & (rng.random(len(places)) >= missed)
        order = rng.permutation(np.flatnonzero(seen))
        rows += [(t, tracks[k], *places[k], areas[k]) for k in order]
        keep = inside & (rng.random(len(places)) >= death)
        places, areas, tracks = places[keep], areas[keep], tracks[keep]
        places = places + rng.normal(0, step / np.sqrt(2), places.shape)
        for _ in range(rng.poisson(birth)):
            places = np.concatenate([places, rng.uniform(0, SIDE, (1, 2))])
            areas = np.append(areas, np.pi * 25)
            tracks, n_tracks = np.append(tracks, n_tracks), n_tracks + 1
    true = table(rows)
    return Walks(true, tables(true, n_frames))
