"""Tracks of particles through videos: their scores, and pictures of them beside the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.report import style
from nanotilt.report._matplotlib import Axes
from nanotilt.report.markup import figure, paragraph, section, table
from nanotilt.runs.fields.tracks import (
    HOTA,
    IDF1,
    KNOWN_IDF1,
    KNOWN_MOTA,
    MERGES_F1,
    MOTA,
    TrackResults,
)
from nanotilt.tasks.metrics import Metric

TRACK_WORDS = {
    MOTA: "MOTA",
    IDF1: "IDF1",
    HOTA: "HOTA",
    KNOWN_MOTA: "MOTA of true masks",
    KNOWN_IDF1: "IDF1 of true masks",
    MERGES_F1: "F1 of merges",
}
"""What scores of tracks are called."""

_FEWEST_COLUMNS = 3


@dataclass(frozen=True)
class Followed:
    """A video to look at.

    Attributes:
        image: (rows, columns) its last frame.
        true: Its true detections: frame, track, x, y.
        found: Those of the network, linked.
        title: A line above it.
    """

    image: npt.NDArray[Any]
    true: npt.NDArray[np.void]
    found: npt.NDArray[np.void]
    title: str


def shown_track(metric: Metric | None) -> str:
    """A score of tracks with its standard error, as pages show it."""
    if metric is None or not np.isfinite(metric.value):
        return "-"
    error = "" if metric.standard_error is None else f" ± {metric.standard_error:.3f}"
    return f"{metric.value:.3f}{error}"


def told_tracks(tracks: TrackResults) -> list[str]:
    """Scores of tracks in a line for each dose, for the terminal."""
    lines = []
    for dose in tracks.doses:
        scores = tracks.at_dose(dose)
        words = ", ".join(
            f"{TRACK_WORDS[name]} {scores[name].value:.3f}"
            for name in TRACK_WORDS
            if name in scores
        )
        lines.append(
            f"tracks: {words}" if np.isnan(dose) else f"tracks, {dose:g} electrons/px: {words}"
        )
    return lines


def track_section(
    tracks: TrackResults | None, followed: Sequence[Followed], pixel_nm: float | None
) -> str:
    """Scores of tracks, and some videos with theirs; empty where the test was of images."""
    if tracks is None:
        return ""
    words = (
        "Particles found in each frame are linked by the assignment of least cost, and compared "
        "with the true tracks; five pixels at the rim do not count. MOTA counts misses, false "
        "positives and switches, IDF1 how long a track stays the same particle, HOTA both. True "
        "masks, linked in the same way, show what is lost by linking alone."
    )
    names = [name for name in TRACK_WORDS if name in tracks.scores()]
    rows = [
        (
            "-" if np.isnan(dose) else f"{dose:g}",
            *(shown_track(tracks.at_dose(dose).get(name)) for name in names),
        )
        for dose in tracks.doses
    ]
    parts = [paragraph(words), table(("dose", *(TRACK_WORDS[name] for name in names)), rows)]
    if followed:
        parts.append(figure(_paths(followed, pixel_nm)))
    return section("tracks", "Tracks", *parts)


def _paths(followed: Sequence[Followed], pixel_nm: float | None) -> str:
    """Last frames with the true tracks above, those found below."""
    unit, scale = ("px", 1.0) if pixel_nm is None else ("nm", pixel_nm)
    n = max(len(followed), _FEWEST_COLUMNS)
    with style.styled():
        drawing = style.new_figure(2.7 * n, 5.6)
        grid = drawing.subplots(2, n, squeeze=False)
        for empty in grid[:, len(followed) :].flat:
            empty.set_axis_off()
        for column, video in enumerate(followed):
            for row, tracks in enumerate((video.true, video.found)):
                _lines(grid[row][column], video.image, tracks, scale)
                grid[row][column].tick_params(labelleft=column == 0, labelbottom=row == 1)
            grid[0][column].set_title(style.shown(video.title), fontsize=8)
            grid[1][column].set_xlabel(f"x / {unit}")
        for row, name in enumerate(("truth", "found")):
            grid[row][0].set_ylabel(f"{name}\ny / {unit}")
    return style.inline_svg(drawing, "Last frames of videos with true tracks, and tracks found.")


def _lines(axes: Axes, image: npt.NDArray[Any], tracks: npt.NDArray[np.void], scale: float) -> None:
    rows, columns = (scale * side for side in image.shape)
    low, high = np.percentile(image, (0.5, 99.5))
    axes.imshow(
        image, cmap="gray", vmin=low, vmax=max(float(high), float(low) + 1e-6),
        interpolation="nearest", extent=(0, columns, rows, 0),
    )  # fmt: skip
    for number in np.unique(tracks["track"]):
        one = tracks[tracks["track"] == number]
        colour = style.series_colour(int(number))
        axes.plot(scale * one["x"], scale * one["y"], color=colour, linewidth=1.0)
    axes.set(xlim=(0, columns), ylim=(rows, 0))
    axes.grid(visible=False)
