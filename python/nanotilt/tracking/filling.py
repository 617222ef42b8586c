"""Fills the frames in which a track was missed, and drops tracks too short to be believed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt.tracking._tables import Table
from nanotilt.tracking.linking import DETECTIONS, Tracks, track_table

FILLED_IN = -1
"""The detection of rows that stand for none."""

_MEASURED = ("x", "y", "area")


def filled(tracks: Tracks, *, min_detections: int = 1, max_distance: float | None = None) -> Tracks:
    """Tracks without gaps: where one was missed, it goes straight from detection to detection.

    A particle that noise or another particle hid for a frame is where its track says: what MOTA
    counts as missed is found so. Places and areas change linearly over a gap, which `link` keeps
    no longer than its ``memory``. Nothing is added before a track's first detection or after its
    last one.

    Args:
        tracks: What `link` gave.
        min_detections: Tracks of fewer detections are dropped, >= 1: at low dose most tracks of
            one detection or two are noise. Those that merge, and what they become, stay.
        max_distance: Gaps between detections that lie farther apart stay open; > 0, in the unit of
            x. None: all are closed. Where particles go farther than to their neighbours, long
            links are often wrong.

    Returns:
        The tracks, numbered anew in their order. Rows of `detections` that were filled in have the
        detection -1; `n_detections` counts them, too.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """
    if not isinstance(tracks, Tracks):
        raise TypeError(
            f"tracks must be what nanotilt.tracking.link gives. {check.received('tracks', tracks)}"
        )
    least = check.integer("min_detections", min_detections, at_least=1)
    furthest = np.inf
    if max_distance is not None:
        furthest = check.real("max_distance", max_distance, above=0)
    kept = tracks.table["n_detections"] >= least
    for name in ("child", "larger_parent", "smaller_parent"):
        kept[tracks.lineage[name]] = True
    number = np.cumsum(kept) - 1
    order = np.lexsort((tracks.detections["frame"], tracks.detections["track"]))
    rows = tracks.detections[order]
    rows = rows[kept[rows["track"]]]
    rows["track"] = number[rows["track"]]
    whole = _without_gaps(rows, furthest)
    last = np.where(whole["detection"] == FILLED_IN, np.iinfo(np.int32).max, whole["detection"])
    whole = whole[np.lexsort((whole["track"], last, whole["frame"]))]
    lineage = tracks.lineage.copy()
    for name in ("child", "larger_parent", "smaller_parent"):
        lineage[name] = number[lineage[name]]
    return Tracks(whole, track_table(whole, int(kept.sum())), lineage, tracks.n_frames)


def _without_gaps(rows: Table, furthest: float) -> Table:
    """Detections sorted by track and frame, and one more for each frame between two of a track."""
    distance = np.hypot(*(np.diff(rows[name], append=np.inf) for name in ("x", "y")))
    near = (np.diff(rows["track"], append=-1) == 0) & (distance <= furthest)
    steps = np.where(near, np.diff(rows["frame"], append=0), 1)
    before = np.repeat(np.arange(len(rows)), steps)
    missed = np.arange(len(before)) - (np.cumsum(steps) - steps)[before]
    whole: npt.NDArray[np.void] = np.zeros(len(before), list(DETECTIONS))
    whole["track"], whole["frame"] = rows["track"][before], rows["frame"][before] + missed
    whole["detection"] = np.where(missed > 0, FILLED_IN, rows["detection"][before])
    share, after = missed / steps[before], np.minimum(before + 1, len(rows) - 1)
    for name in _MEASURED:
        here, there = rows[name][before], rows[name][after]
        whole[name] = np.where(missed > 0, here + share * (there - here), here)
    return whole
