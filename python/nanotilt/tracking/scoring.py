"""How well particles were tracked: MOTA, IDF1, HOTA, and merges found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt._base.optional import needed_for
from nanotilt.tracking._tables import Table, column, numbers, structured
from nanotilt.tracking.counts import Counts, counted
from nanotilt.tracking.linking import Tracks
from nanotilt.tracking.video import Video, paired

with needed_for("nanotilt.tracking"):
    from scipy.optimize import linear_sum_assignment

TrackTable: TypeAlias = "npt.NDArray[np.void] | Tracks"


@dataclass(frozen=True)
class TrackingScores:
    """What `scores` gives. Shares are 1 where there is nothing and nothing was found.

    Attributes:
        mota: 1 - (misses + false positives + switches) / true detections (Bernardin 2008). NaN if
            there are no true ones but some were predicted.
        idf1: F1 of detections under the one best pairing of whole tracks (Ristani 2016).
        hota: Mean over 19 thresholds of the geometric mean of detection and association (Luiten
            2021).
        det_a: The detection part of HOTA, mean over the thresholds.
        ass_a: The association part of HOTA, mean over the thresholds.
        recall: True detections that were found.
        precision: Predicted detections that are true.
        mean_distance: Mean distance of pairs, in the unit of x; NaN without pairs.
        switches: How often a true track's detections change to another predicted track.
        fragments: How often a true track is found again after it was missed.
        n_true: Number of true detections.
        n_predicted: Number of predicted detections.
        n_matched: Number of pairs.
    """

    mota: float
    idf1: float
    hota: float
    det_a: float
    ass_a: float
    recall: float
    precision: float
    mean_distance: float
    switches: int
    fragments: int
    n_true: int
    n_predicted: int
    n_matched: int


@dataclass(frozen=True)
class MergeScores:
    """What `merge_scores` gives. Shares are 1 where there is nothing and nothing was found.

    Attributes:
        f1: 2 TP / (2 TP + FP + FN) of events.
        recall: True events that were found.
        precision: Predicted events that are true.
        n_true: Number of true events.
        n_predicted: Number of predicted events.
        n_matched: Number of pairs.
    """

    f1: float
    recall: float
    precision: float
    n_true: int
    n_predicted: int
    n_matched: int


def scores(
    true: TrackTable | Sequence[TrackTable],
    predicted: TrackTable | Sequence[TrackTable],
    *,
    max_distance: float = 5.0,
    rim: float = 0.0,
    width: float | None = None,
    height: float | None = None,
) -> TrackingScores:
    """Scores predicted tracks against true ones, over one video or several together.

    The definitions are those of TrackEval 1.3 with points instead of boxes: the similarity of two
    detections is 1 - distance / (2 max_distance), and not below 0. MOTA and IDF1 pair at 0.5, up to
    `max_distance`; HOTA averages over the thresholds 0.05, 0.10, ..., 0.95. Of several videos,
    counts are added up; tracks of one video never match those of another.

    Args:
        true: `Tracks`, or a structured array (n,) with the columns frame, track, x and y, in which
            a track appears at most once a frame; or a list of them, one a video.
        predicted: The same of what was found.
        max_distance: Largest distance of a pair, > 0, in the unit of x.
        rim: Detections closer to the field's rim are left out, true ones with what was predicted
            for them; >= 0. Needs width and height if not 0.
        width: Of the field, > 0, in the unit of x.
        height: Of the field, > 0, in the unit of x.

    Raises:
        ImportError: SciPy is not installed.
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """
    limit = check.real("max_distance", max_distance, above=0)
    margin = check.real("rim", rim, at_least=0)
    sides = None
    if width is not None or height is not None or margin:
        sides = (check.real("width", width, above=0), check.real("height", height, above=0))
    several = isinstance(true, (list, tuple))
    if several != isinstance(predicted, (list, tuple)):
        raise TypeError(
            "true and predicted must both be tables, or both be lists of tables. "
            f"Received: true of type {type(true).__name__}, predicted of {type(predicted).__name__}"
        )
    ones: Any = true if several else [true]
    others: Any = predicted if several else [predicted]
    if len(ones) != len(others):
        raise ValueError(
            "true and predicted must have as many videos. "
            f"Received: len(true)={len(ones)}, len(predicted)={len(others)}"
        )
    total = Counts()
    for i, (one, other) in enumerate(zip(ones, others, strict=True)):
        names = (f"true[{i}]", f"predicted[{i}]") if several else ("true", "predicted")
        videos = _video(names[0], one), _video(names[1], other)
        total = total + counted(paired(*videos, limit, margin if sides else 0.0, sides), limit)
    return _scores(total)


def merge_scores(
    true: npt.NDArray[np.void],
    predicted: npt.NDArray[np.void],
    *,
    max_distance: float = 5.0,
    max_frames: int = 1,
) -> MergeScores:
    """Scores predicted merges against true ones, by where and when they happened.

    Events are paired one to one, as many as possible, the closest first choice among equals.

    Args:
        true: Structured array (n,) with the columns frame, x and y of the merged particle when it
            is first seen, such as the `lineage` of `Tracks`.
        predicted: The same of what was found.
        max_distance: Largest distance of a pair, > 0, in the unit of x.
        max_frames: Largest difference of their frames, >= 0.

    Raises:
        ImportError: SciPy is not installed.
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """
    limit = check.real("max_distance", max_distance, above=0)
    late = check.integer("max_frames", max_frames, at_least=0)
    (t0, x0, y0), (t1, x1, y1) = (
        _events(name, table) for name, table in (("true", true), ("predicted", predicted))
    )
    distance = np.hypot(x0[:, None] - x1, y0[:, None] - y1)
    possible = (distance <= limit) & (np.abs(t0[:, None] - t1) <= late)
    gain = np.where(possible, 2.0 - distance / limit, 0.0)
    n = int(possible[linear_sum_assignment(gain, maximize=True)].sum())
    return MergeScores(
        f1=share(2 * n, len(t0) + len(t1)),
        recall=share(n, len(t0)),
        precision=share(n, len(t1)),
        n_true=len(t0),
        n_predicted=len(t1),
        n_matched=n,
    )


def share(part: float, whole: float) -> float:
    """A share, 1 of nothing."""
    return float(part / whole) if whole else 1.0


def _events(field: str, value: Any) -> tuple[Any, ...]:
    table = structured(field, value)
    places = (column(field, table, name) for name in ("x", "y"))
    return (numbers(field, table, "frame"), *places)


def _video(field: str, value: Any) -> Video:
    table: Table = structured(field, value.detections if isinstance(value, Tracks) else value)
    frame, track = (numbers(field, table, name) for name in ("frame", "track"))
    both = np.stack([frame, track], axis=1)
    again, n = np.unique(both, axis=0, return_counts=True)
    if (n > 1).any():
        at, which = again[n > 1][0].tolist()
        raise ValueError(
            f"{field} must hold a track at most once a frame. Received: track={which} twice in "
            f"frame={at}"
        )
    places = np.stack([column(field, table, name) for name in ("x", "y")], axis=1)
    return Video(frame, track, places)


def _scores(total: Counts) -> TrackingScores:
    n_true, n_predicted, n = total.n_true, total.n_predicted, total.n_matched
    errors = (n_true - n) + (n_predicted - n) + total.switches
    mota = math.nan if n_predicted and not n_true else 1 - errors / max(n_true, 1)
    detection = np.ones(len(total.hota_matched))
    association = np.ones_like(detection)
    if n_true or n_predicted:
        detection = total.hota_matched / (n_true + n_predicted - total.hota_matched)
        association = total.hota_association / np.maximum(total.hota_matched, 1)
    return TrackingScores(
        mota=mota,
        idf1=share(2 * total.id_matched, n_true + n_predicted),
        hota=float(np.sqrt(detection * association).mean()),
        det_a=float(detection.mean()),
        ass_a=float(association.mean()),
        recall=share(n, n_true),
        precision=share(n, n_predicted),
        mean_distance=total.distance / n if n else math.nan,
        switches=total.switches,
        fragments=total.fragments,
        n_true=n_true,
        n_predicted=n_predicted,
        n_matched=n,
    )
