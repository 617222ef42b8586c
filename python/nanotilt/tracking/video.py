"""True and predicted tracks of one video, frame by frame, with the similarity of detections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from nanotilt.tracking._tables import Floats, Integers

Bits: TypeAlias = npt.NDArray[np.bool_]


class Video(NamedTuple):
    """Detections of a video.

    Attributes:
        frames: (n,) in which each was made.
        tracks: (n,) that each belongs to.
        places: (n, 2).
    """

    frames: Integers
    tracks: Integers
    places: Floats


class Frame(NamedTuple):
    """One frame's detections.

    Attributes:
        true: (n,) true tracks, numbered from 0 in the video.
        predicted: (m,) predicted tracks, numbered from 0 in the video.
        similarity: (n, m) in [0, 1].
    """

    true: Integers
    predicted: Integers
    similarity: Floats


@dataclass(frozen=True)
class Pairing:
    """A video as it is scored.

    Attributes:
        frames: Those with detections, in order.
        n_true: Number of true tracks.
        n_predicted: Number of predicted tracks.
    """

    frames: list[Frame]
    n_true: int
    n_predicted: int


def paired(
    true: Video,
    predicted: Video,
    max_distance: float,
    rim: float,
    sides: tuple[float, float] | None,
) -> Pairing:
    """Brings the detections of each frame together, without those at the rim."""
    found = []
    true_names, true_numbers = np.unique(true.tracks, return_inverse=True)
    names, predicted_numbers = np.unique(predicted.tracks, return_inverse=True)
    for t in np.union1d(true.frames, predicted.frames):
        i, j = np.flatnonzero(true.frames == t), np.flatnonzero(predicted.frames == t)
        here, there = true.places[i], predicted.places[j]
        offset = here[:, None] - there
        distance = np.hypot(offset[..., 0], offset[..., 1])
        if rim and sides is not None:
            at_rim = _near(here, rim, sides), _near(there, rim, sides)
            keep, keep_predicted = _within(distance <= max_distance, distance, *at_rim)
            i, j = i[keep], j[keep_predicted]
            distance = distance[np.ix_(keep, keep_predicted)]
        similarity = np.maximum(0.0, 1 - distance / (2 * max_distance))
        found.append(Frame(true_numbers[i], predicted_numbers[j], similarity))
    return Pairing(found, len(true_names), len(names))


def _near(places: Floats, rim: float, sides: tuple[float, float]) -> Bits:
    """Which places are closer to the rim, or outside."""
    return np.asarray(((places < rim) | (places > np.array(sides) - rim)).any(axis=1))


def _within(near: Bits, distance: Floats, true: Bits, predicted: Bits) -> tuple[Bits, Bits]:
    """Which detections count, if predicted ones share the fate of the closest true one.

    Args:
        near: (n, m) whether they could be a pair.
        distance: (n, m).
        true: (n,) whether true ones are at the rim.
        predicted: (m,) the same of predicted ones.
    """
    if not len(true) or not len(predicted):
        return ~true, ~predicted
    closest = distance.argmin(axis=0)
    has_partner = near.any(axis=0)
    return ~true, ~np.where(has_partner, true[closest], predicted)
