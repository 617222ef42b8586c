"""Links particles from frame to frame: tracks by linear assignment, and merges of two into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt._base.arrays import same_contents
from nanotilt._base.optional import needed_for
from nanotilt.tracking._tables import Floats, Integers, Table, frames
from nanotilt.tracking.merging import LINEAGE, Merge, found_merges

with needed_for("nanotilt.tracking"):
    from scipy.optimize import linear_sum_assignment

DETECTIONS = (
    *(("frame", np.int32), ("detection", np.int32), ("track", np.int32)),
    *(("x", np.float64), ("y", np.float64), ("area", np.float64)),
)
TRACKS = (
    *((name, np.int32) for name in ("track", "first_frame", "last_frame", "n_detections")),
    *((name, np.float64) for name in ("path_length", "displacement", "mean_area")),
)


@dataclass(frozen=True, eq=False)
class Tracks:
    """What `link` gives. Lengths and areas are in the units of the detections.

    Attributes:
        detections: Structured array (n,), sorted by frame: frame, detection (its row in the frame's
            table; -1 where `filled` filled a gap), track, x, y, area (NaN if there was none).
        table: Structured array (n_tracks,), row k for track k: track, first_frame, last_frame,
            n_detections, path_length (of straight lines from detection to detection),
            displacement (from the first to the last), mean_area.
        lineage: Structured array (n_merges,): frame, x, y, child (the new track that begins there),
            and the tracks that end in it, larger_parent and smaller_parent. Empty without `merges`.
        n_frames: Number of frames.
    """

    detections: npt.NDArray[np.void]
    table: npt.NDArray[np.void]
    lineage: npt.NDArray[np.void]
    n_frames: int

    @property
    def ids(self) -> list[npt.NDArray[np.int32]]:
        """The track of each detection, an array for each frame."""
        first = np.searchsorted(self.detections["frame"], np.arange(self.n_frames + 1))
        track = self.detections["track"]
        return [track[a:b] for a, b in pairwise(first.tolist())]

    def __eq__(self, other: object) -> bool:
        return same_contents(self, other)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class _Rules:
    """The arguments of `link`, checked."""

    max_step: float
    size_weight: float
    gate_growth: float
    memory: int
    merges: bool
    merge_tolerance: float


@dataclass
class _Active:
    """Tracks that may go on: where each was seen last."""

    places: Floats
    areas: Floats
    frames: Integers
    tracks: Integers

    def only(self, keep: npt.NDArray[np.bool_]) -> _Active:
        return _Active(*(part[keep] for part in vars(self).values()))

    def joined(self, other: _Active) -> _Active:
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return _Active(*(np.concatenate(pair) for pair in pairs))


def link(
    tables: Sequence[npt.ArrayLike],
    max_step: float,
    *,
    size_weight: float = 0.0,
    gate_growth: float = 0.0,
    memory: int = 2,
    merges: bool = False,
    merge_tolerance: float = 0.3,
) -> Tracks:
    """Tracks of particles through frames, by the assignment of least cost from frame to frame.

    A detection goes on with a track at the cost of the squared distance, plus that of sizes,
    (size_weight log(d / d'))^2 for diameters d and d'; beginning a new track costs max_step^2, and
    so does ending one (Jaqaman 2008 without its second step). Each frame is solved exactly.

    Args:
        tables: One table of detections a frame: a structured array with the columns x, y and,
            where sizes matter, area, such as `nanotilt.segmentation.measure` gives; or an array
            (n, 2), x and y, or (n, 3) with the area. Empty ones are frames without particles.
        max_step: Largest step from a frame to the next, > 0, in the unit of x. A good value is 3.5
            times the root mean square of the steps, and no less than 4 pixels.
        size_weight: What a difference in log diameter of 1 counts for, as a distance; >= 0. It
            helps where particles are fast and their sizes well known, and harms at low dose.
        gate_growth: Growth of max_step^2 with each frame that a track was missed in, as a share of
            it; >= 0. For diffusion, 1.
        memory: Number of frames that a track may be missed in and still go on, >= 0.
        merges: Whether to look for two tracks that end in one particle, which has the place and the
            area of both. It begins a new track then. Only for particles that do merge: where fast
            ones just pass over each other, it finds merges that are none.
        merge_tolerance: Share by which the area of a merged particle may be below that of a sphere
            with both volumes, or above the sum of both areas; in [0, 1).

    Raises:
        ImportError: SciPy is not installed.
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value, or areas are needed and a table has none.
    """
    given = frames("tables", tables)
    rules = _Rules(
        max_step=check.real("max_step", max_step, above=0),
        size_weight=check.real("size_weight", size_weight, at_least=0),
        gate_growth=check.real("gate_growth", gate_growth, at_least=0),
        memory=check.integer("memory", memory, at_least=0),
        merges=check.flag("merges", merges),
        merge_tolerance=check.real("merge_tolerance", merge_tolerance, at_least=0),
    )
    if rules.merge_tolerance >= 1:
        raise ValueError(
            f"merge_tolerance must be < 1. {check.received('merge_tolerance', merge_tolerance)}"
        )
    for t, (_, areas) in enumerate(given):
        if areas is None and (rules.size_weight or rules.merges):
            raise ValueError(
                f"tables[{t}] must have areas, which size_weight and merges need. "
                f"{check.received('size_weight', rules.size_weight)}, merges={rules.merges}"
            )
    return _linked(given, rules)


def _linked(given: list[tuple[Floats, Floats | None]], rules: _Rules) -> Tracks:
    found: list[Table] = [np.zeros(0, list(DETECTIONS))]
    events: list[Table] = [np.zeros(0, list(LINEAGE))]
    active = _Active(np.zeros((0, 2)), np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64))
    n_tracks = 0
    for t, (places, maybe_areas) in enumerate(given):
        areas = np.full(len(places), np.nan) if maybe_areas is None else maybe_areas
        active = active.only(t - active.frames <= rules.memory + 1)
        goes_on = _assigned(active, places, areas, t, rules)
        merged = _merged(active, places, areas, goes_on, t, rules)
        for merge in merged:
            goes_on[merge.child] = -1
        new = goes_on < 0
        tracks = n_tracks + np.cumsum(new) - 1
        tracks[~new] = active.tracks[goes_on[~new]]
        n_tracks += int(new.sum())
        found.append(_rows(t, places, areas, tracks))
        if merged:
            events.append(_lineage(t, merged, places, tracks, active.tracks))
        ended = np.zeros(len(active.tracks), np.bool_)
        ended[goes_on[~new]] = True  # as what they were
        ended[[parent for merge in merged for parent in merge.parents]] = True
        seen = _Active(places, areas, np.full(len(places), t), tracks)
        active = active.only(~ended).joined(seen)
    detections = np.concatenate(found)
    table = track_table(detections, n_tracks)
    return Tracks(detections, table, np.concatenate(events), len(given))


def _assigned(active: _Active, places: Floats, areas: Floats, t: int, rules: _Rules) -> Integers:
    """For each detection, which of the active tracks goes on with it; -1: none."""
    goes_on = np.full(len(places), -1)
    if not len(places) or not len(active.tracks):
        return goes_on
    cost = ((active.places[:, None] - places) ** 2).sum(axis=2)
    missed = t - active.frames - 1
    cost /= (1 + rules.gate_growth * missed)[:, None]
    if rules.size_weight:
        log_ratio = 0.5 * (np.log(active.areas)[:, None] - np.log(areas))
        cost += (rules.size_weight * log_ratio) ** 2
    # Less what it costs to end one track and begin another: where nothing is gained, no link.
    gain = np.minimum(cost - rules.max_step**2, 0.0)
    rows, columns = linear_sum_assignment(gain)
    linked = gain[rows, columns] < 0
    goes_on[columns[linked]] = rows[linked]
    return goes_on


def _merged(
    active: _Active, places: Floats, areas: Floats, goes_on: Integers, t: int, rules: _Rules
) -> list[Merge]:
    if not rules.merges:
        return []
    return found_merges(
        (active.places, active.areas, active.frames == t - 1),
        (places, areas, goes_on),
        rules.max_step,
        rules.merge_tolerance,
    )


def _rows(t: int, places: Floats, areas: Floats, tracks: Integers) -> Table:
    rows: Table = np.zeros(len(places), list(DETECTIONS))
    rows["frame"], rows["detection"], rows["track"] = t, np.arange(len(places)), tracks
    rows["x"], rows["y"] = places.T
    rows["area"] = areas
    return rows


def _lineage(
    t: int, merged: list[Merge], places: Floats, tracks: Integers, before: Integers
) -> Table:
    rows: Table = np.zeros(len(merged), list(LINEAGE))
    for row, merge in zip(rows, merged, strict=True):
        row["frame"], row["child"] = t, tracks[merge.child]
        row["x"], row["y"] = places[merge.child]
        row["larger_parent"], row["smaller_parent"] = before[list(merge.parents)]
    return rows


def track_table(detections: Table, n_tracks: int) -> Any:
    """The table of `Tracks`, of detections whose order within a track is that of their frames."""
    table: Table = np.zeros(n_tracks, list(TRACKS))
    table["track"] = np.arange(n_tracks)
    rows = detections[np.argsort(detections["track"], kind="stable")]
    counts = np.bincount(rows["track"], minlength=n_tracks)
    last = np.cumsum(counts) - 1
    first = last - counts + 1
    table["n_detections"] = counts
    table["first_frame"], table["last_frame"] = rows["frame"][first], rows["frame"][last]
    steps = np.hypot(np.diff(rows["x"]), np.diff(rows["y"]))
    steps = steps * (np.diff(rows["track"]) == 0)
    table["path_length"] = np.bincount(rows["track"][1:], steps, n_tracks)
    x, y = (rows[name][last] - rows[name][first] for name in ("x", "y"))
    table["displacement"] = np.hypot(x, y)
    table["mean_area"] = np.bincount(rows["track"], rows["area"], n_tracks) / counts
    return table
