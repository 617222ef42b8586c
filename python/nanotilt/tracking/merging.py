"""Two particles that become one: found from what ended, and what there is in its place."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from nanotilt.tracking._tables import Floats, Integers, Table, numbers, structured

Bits: TypeAlias = npt.NDArray[np.bool_]

LINEAGE = (
    *(("frame", np.int32), ("x", np.float64), ("y", np.float64)),
    *((name, np.int32) for name in ("child", "larger_parent", "smaller_parent")),
)


class Merge(NamedTuple):
    """One event: the detection that came of it, and the two tracks before, the larger first."""

    child: int
    parents: tuple[int, int]


def found_merges(
    before: tuple[Floats, Floats, Bits],
    now: tuple[Floats, Floats, Integers],
    max_step: float,
    tolerance: float,
) -> list[Merge]:
    """The merges between two frames, those with the best fitting place first.

    Of two tracks that were seen in the frame before, at least one has no detection now. The other
    may go on with the merged particle, or both may have been lost. They count as merged if a step
    could have brought them together, the particle lies within a step of their centre of mass
    (volumes as of spheres), and its area is nearer to that of a sphere of both volumes than to that
    of the larger alone. Without the last, a particle that vanishes near another looks like a merge.

    Args:
        before: Places (n, 2) and areas (n,) of tracks, and whether each was seen a frame ago.
        now: Places (m, 2) and areas (m,) of detections, and which track each goes on with, or -1.
        max_step: Largest step of a particle between frames.
        tolerance: Share by which areas may be wrong.
    """
    places, areas, just_seen = before
    at, area, linked = now
    radii = np.sqrt(areas / np.pi)
    lost = just_seen & ~np.isin(np.arange(len(places)), linked)
    detection = np.full(len(places), -1)
    detection[linked[linked >= 0]] = np.flatnonzero(linked >= 0)
    new = np.flatnonzero(linked < 0)
    fitting: list[tuple[float, Merge]] = []
    for a in np.flatnonzero(lost):
        apart = np.hypot(*(places - places[a]).T)
        partners = just_seen & (apart <= radii[a] + radii + max_step)
        partners[a] = False
        partners[:a] &= ~lost[:a]  # a pair of lost ones is looked at once
        for b in np.flatnonzero(partners):
            pair = [a, b] if areas[a] >= areas[b] else [b, a]
            volumes = radii[pair] ** 3
            centre = volumes @ places[pair] / volumes.sum()
            sphere = np.pi * volumes.sum() ** (2 / 3)
            grown = areas[pair[0]] + 0.5 * (sphere - areas[pair[0]])
            least = max((1 - tolerance) * sphere, grown)
            most = (1 + tolerance) * areas[pair].sum()
            for k in new if lost[b] else [detection[b]]:
                off = float(np.hypot(*(centre - at[k])))
                if off <= max_step and least <= area[k] <= most:
                    fitting.append((off, Merge(int(k), (int(pair[0]), int(pair[1])))))
    chosen: list[Merge] = []
    used: set[int] = set()
    children: set[int] = set()
    for _, merge in sorted(fitting):
        if merge.child not in children and used.isdisjoint(merge.parents):
            chosen.append(merge)
            used.update(merge.parents)
            children.add(merge.child)
    return chosen


def continued(
    detections: npt.NDArray[np.void], lineage: npt.NDArray[np.void]
) -> npt.NDArray[np.void]:
    """The same detections, in which a merged particle goes on with its larger parent's track.

    Trackers that do not look for merges number particles so; a truth with new numbers after a merge
    is to be brought to that before it is compared with them.

    Args:
        detections: Structured array (n,) with the column track.
        lineage: Structured array with the columns child and larger_parent, as `Tracks` has it.

    Raises:
        TypeError: An argument is no table.
        ValueError: A column is missing, or holds no whole numbers, or a track descends from itself.
    """
    table = structured("detections", detections).copy()
    events = structured("lineage", lineage)
    children, parents = (numbers("lineage", events, name) for name in ("child", "larger_parent"))
    parent = dict(zip(children.tolist(), parents.tolist(), strict=True))
    tracks = numbers("detections", table, "track")
    table["track"] = [_eldest(int(track), parent) for track in tracks]
    result: Table = table
    return result


def _eldest(track: int, parent: dict[int, int]) -> int:
    seen = {track}
    while track in parent:
        track = parent[track]
        if track in seen:
            raise ValueError(f"lineage must have no circles. Received: child={track}")
        seen.add(track)
    return track
