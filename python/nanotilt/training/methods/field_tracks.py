"""Particles that a network found in the frames of videos, linked into tracks and scored."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.fields.tracks import TrackResults
from nanotilt.scenes.field_terms import COLUMNS
from nanotilt.scenes.fields import Field
from nanotilt.training.watcher import Advance

RIM_PX = 5.0
"""Particles so near to the image's rim count neither as found nor as missed."""

GAP_PX = 5.0
"""Gaps of tracks are filled in between detections no farther apart: as far as a detection may be
from the true particle that it is scored with."""

FEWEST_DETECTIONS = 3
"""Tracks of fewer are taken for noise, where a network found them."""

_ID, _X, _Y = (list(COLUMNS).index(name) for name in ("id", "x", "y"))
_TRACK = [("frame", np.int64), ("track", np.int64), ("x", np.float64), ("y", np.float64)]


@dataclass(frozen=True)
class Videos:
    """Videos of a test, with their truth.

    Attributes:
        true: (n, n_frames, rows, columns) instances.
        tracks: For each video the true detections: frame, track, x, y.
        merges: For each video where particles became one: frame, x, y.
        dose: (n,) electrons per pixel of background; NaN: no noise.
    """

    true: npt.NDArray[Any]
    tracks: tuple[npt.NDArray[np.void], ...]
    merges: tuple[npt.NDArray[np.void], ...]
    dose: npt.NDArray[np.float64]

    @classmethod
    def of(cls, batch: Any, dose: float) -> Videos:
        """The videos of a batch with the targets of tracks."""
        tables, lengths = batch["table"], batch["n_table"]
        tracks, merges = [], []
        for i in range(len(tables)):
            rows = [
                (t, int(row[_ID]), row[_X], row[_Y])
                for t in range(tables.shape[1])
                for row in tables[i, t, : lengths[i, t]]
            ]
            tracks.append(np.array(rows, _TRACK))
            merges.append(_merges(tracks[-1], batch["lineage"][i, : batch["n_lineage"][i]]))
        true = batch["instance"].astype(np.int32)
        return cls(true, tuple(tracks), tuple(merges), np.full(len(true), dose))

    @classmethod
    def joined(cls, some: list[Videos]) -> Videos:
        """Several as one."""
        return cls(
            np.concatenate([one.true for one in some]),
            tuple(table for one in some for table in one.tracks),
            tuple(table for one in some for table in one.merges),
            np.concatenate([one.dose for one in some]),
        )


def largest_step(recipe: Recipe) -> float:
    """How far a particle may go from frame to frame: 3.5 root mean square steps, 4 pixels at least.

    What all particles share moves them, too.
    """
    steps = [4.0]
    for scene in recipe.classes.values():
        if isinstance(scene, Field):
            both = np.hypot(scene.step_px, scene.stage_step_px)
            steps.append(float(3.5 * np.sqrt(2.0) * both + np.hypot(*scene.flow_px)))
    return max(steps)


def tracked(
    videos: Videos, found: npt.NDArray[Any], recipe: Recipe, advance: Advance
) -> tuple[TrackResults, list[npt.NDArray[np.void]]]:
    """Links the particles found in videos, and the true ones, and scores both, gaps filled in.

    Args:
        videos: The truth.
        found: (n, n_frames, rows, columns) instances that a network found.
        recipe: What the videos were drawn from.
        advance: Is told which share is done.

    Returns:
        The scores, and for each video the detections found: frame, track, x, y.
    """
    from nanotilt import tracking

    rows, columns = found.shape[2:]
    merging = any(
        isinstance(scene, Field) and scene.coalescing for scene in recipe.classes.values()
    )
    max_step = largest_step(recipe)
    table: dict[str, list[float]] = {
        field.name: [] for field in fields(TrackResults) if field.name != "dose"
    }
    detections = []
    for i, (true, merges) in enumerate(zip(videos.tracks, videos.merges, strict=True)):
        of_network = _linked(found[i], max_step, merging, FEWEST_DETECTIONS)
        of_truth = _linked(videos.true[i], max_step, merging, 1)
        for prefix, tracks in (("", of_network), ("known_", of_truth)):
            scores = tracking.scores(true, tracks, rim=RIM_PX, width=columns, height=rows)
            for name in ("mota", "idf1", "hota"):
                if prefix + name in table:
                    table[prefix + name].append(float(getattr(scores, name)))
        events = tracking.merge_scores(merges, of_network.lineage, max_frames=2)
        for name, n in zip(
            ("true_merges", "found_merges", "right_merges"),
            (events.n_true, events.n_predicted, events.n_matched),
            strict=True,
        ):
            table[name].append(n)
        detections.append(of_network.detections)
        advance((i + 1) / len(videos.tracks))
    values: dict[str, Any] = {
        name: np.array(kept, np.int64 if name.endswith("merges") else np.float64)
        for name, kept in table.items()
    }
    return TrackResults(dose=videos.dose, **values), detections


def _linked(instances: npt.NDArray[Any], max_step: float, merges: bool, fewest: int) -> Any:
    from nanotilt import segmentation, tracking

    frames = segmentation.measure(instances)
    tables = [frames[frames["image"] == t] for t in range(len(instances))]
    tracks = tracking.link(tables, max_step, merges=merges)
    return tracking.filled(tracks, min_detections=fewest, max_distance=GAP_PX)


def _merges(tracks: npt.NDArray[np.void], lineage: npt.NDArray[Any]) -> npt.NDArray[np.void]:
    """Where and when merged particles are seen first; what is never seen is no event."""
    rows = []
    for _, child, _, _ in lineage:
        seen = tracks[tracks["track"] == child]
        if len(seen):
            first = seen[np.argmin(seen["frame"])]
            rows.append((first["frame"], first["x"], first["y"]))
    return np.array(rows, [("frame", np.int64), ("x", np.float64), ("y", np.float64)])
