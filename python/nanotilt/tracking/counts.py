"""What MOTA, IDF1 and HOTA are computed from, counted in one video."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np

from nanotilt._base.optional import needed_for
from nanotilt.tracking._tables import Floats
from nanotilt.tracking.video import Pairing

with needed_for("nanotilt.tracking"):
    from scipy.optimize import linear_sum_assignment

THRESHOLDS = np.arange(1, 20) / 20
"""Similarities from which HOTA takes detections for a pair."""

PAIRED = 0.5
"""Similarity from which MOTA and IDF1 do: `max_distance`."""

_ROUNDING = float(np.finfo(np.float64).eps)


def _per_threshold() -> Floats:
    return np.zeros(len(THRESHOLDS))


@dataclass(frozen=True)
class Counts:
    """Sums over a video or several.

    Attributes:
        n_true: True detections.
        n_predicted: Predicted detections.
        n_matched: Pairs of MOTA.
        switches: Changes of the predicted track within a true one.
        fragments: Times that a true track was found again.
        distance: Sum of the pairs' distances.
        id_matched: Detections that agree under the best pairing of whole tracks.
        hota_matched: Pairs at each of HOTA's thresholds.
        hota_association: Sum over these pairs of how well their tracks agree.
    """

    n_true: int = 0
    n_predicted: int = 0
    n_matched: int = 0
    switches: int = 0
    fragments: int = 0
    distance: float = 0.0
    id_matched: int = 0
    hota_matched: Floats = field(default_factory=_per_threshold)
    hota_association: Floats = field(default_factory=_per_threshold)

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Counts)))


def counted(video: Pairing, max_distance: float) -> Counts:
    """Everything that is counted in one video."""
    lengths = np.zeros(video.n_true), np.zeros(video.n_predicted)
    for frame in video.frames:
        lengths[0][frame.true] += 1
        lengths[1][frame.predicted] += 1
    n, switches, fragments, distance = _followed(video, max_distance)
    matched, association = _higher_order(video, *lengths)
    return Counts(
        n_true=int(lengths[0].sum()),
        n_predicted=int(lengths[1].sum()),
        n_matched=n,
        switches=switches,
        fragments=fragments,
        distance=distance,
        id_matched=_agreeing(video),
        hota_matched=matched,
        hota_association=association,
    )


def _followed(video: Pairing, max_distance: float) -> tuple[int, int, int, float]:
    """CLEAR MOT: pairs, switches, fragments, sum of distances.

    In each frame, as many pairs as possible go on from the frame before, then similarity decides.
    """
    last = np.full(video.n_true, -1)  # the predicted track that each was found as at last
    current = np.full(video.n_true, -1)  # and in the frame before
    pieces = np.zeros(video.n_true, np.int64)
    n, switches, distance = 0, 0, 0.0
    for frame in video.frames:
        if not len(frame.true) or not len(frame.predicted):
            continue
        goes_on = current[frame.true][:, None] == frame.predicted
        possible = frame.similarity >= PAIRED - _ROUNDING
        value = np.where(possible, frame.similarity + 1000.0 * goes_on, 0.0)
        rows, columns = linear_sum_assignment(value, maximize=True)
        good = possible[rows, columns]
        rows, columns = rows[good], columns[good]
        true, found = frame.true[rows], frame.predicted[columns]
        switches += int(((last[true] >= 0) & (last[true] != found)).sum())
        pieces[true] += current[true] < 0
        last[true] = found
        current[:] = -1
        current[true] = found
        n += len(rows)
        distance += float((1 - frame.similarity[rows, columns]).sum()) * 2 * max_distance
    return n, switches, int(np.maximum(pieces - 1, 0).sum()), distance


def _agreeing(video: Pairing) -> int:
    """Detections that agree if each true track is paired with at most one predicted track."""
    together = np.zeros((video.n_true, video.n_predicted))
    for frame in video.frames:
        together[np.ix_(frame.true, frame.predicted)] += frame.similarity >= PAIRED
    # Pairing tracks of i and j detections, k of them in common, leaves i + j - 2 k errors; not
    # pairing them leaves i + j. So the sum of k is to be as large as possible.
    return int(together[linear_sum_assignment(together, maximize=True)].sum())


def _higher_order(video: Pairing, of_true: Floats, of_predicted: Floats) -> tuple[Floats, Floats]:
    """HOTA: for each threshold, the pairs, and the sum of their association.

    Detections are paired so that tracks which agree in the whole video are preferred.
    """
    agreement = np.zeros((video.n_true, video.n_predicted))
    for frame in video.frames:
        s = frame.similarity
        either = s.sum(axis=1)[:, None] + s.sum(axis=0) - s
        shared = np.divide(s, either, out=np.zeros_like(s), where=either > _ROUNDING)
        agreement[np.ix_(frame.true, frame.predicted)] += shared
    both = of_true[:, None] + of_predicted
    agreement = agreement / np.maximum(both - agreement, _ROUNDING)
    pairs, similar = [np.zeros(0, np.int64)], [np.zeros(0)]
    for frame in video.frames:
        value = agreement[np.ix_(frame.true, frame.predicted)] * frame.similarity
        rows, columns = linear_sum_assignment(value, maximize=True)
        pairs.append(frame.true[rows] * video.n_predicted + frame.predicted[columns])
        similar.append(frame.similarity[rows, columns])
    of_tracks, which = np.unique(np.concatenate(pairs), return_inverse=True)
    lengths = both.ravel()[of_tracks]
    matched, association = _per_threshold(), _per_threshold()
    for k, threshold in enumerate(THRESHOLDS):
        good = np.concatenate(similar) >= threshold - _ROUNDING
        times = np.bincount(which[good], minlength=len(of_tracks))
        matched[k] = times.sum()
        association[k] = (times * times / (lengths - times)).sum()
    return matched, association
