"""Pictures of x-ray scattering: counts in false colour on a logarithmic scale, with their tags."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.instruments.area_detector import AreaDetector
from nanotilt.recipes.recipe import Recipe
from nanotilt.report import style
from nanotilt.report._matplotlib import Axes, Figure
from nanotilt.scenes.scattering_terms import TAGS

PANEL = 2.9
"""Inches."""

MOST_PER_ROW = 4
TAGS_PER_LINE = 3

LARGEST = float(np.log10(65536))
"""Counts of a full pixel, as a power of ten."""


def is_scattering(recipe: Recipe) -> bool:
    """Whether a recipe's samples are x-ray scattering."""
    return isinstance(recipe.detector, AreaDetector)


def draw_scattering(recipe: Recipe, indices: Sequence[int], seed: int) -> Figure:
    """A picture a sample, all on one scale, with its tags in words.

    Args:
        recipe: Scattering seen by an area detector.
        indices: Indices of the samples.
        seed: The stream.
    """
    detector = recipe.detector
    assert isinstance(detector, AreaDetector)
    shown = dataclasses.replace(recipe, normalise="log", targets=("label", "tags"))
    columns = min(MOST_PER_ROW, len(indices))
    rows = -(-len(indices) // columns)
    side = detector.n_pixels * detector.pixel_um * 1e-3
    with style.styled():
        figure = style.new_figure(PANEL * columns + 1.0, (PANEL + 0.55) * rows)
        grid = figure.subplots(rows, columns, squeeze=False)
        image = None
        for axes, index in zip(grid.flat, indices, strict=False):
            batch = shown.sample(seed, index, 1)
            # log(1 + counts) / log(65536), as powers of ten.
            image = draw_counts(axes, batch.views[0, 0] * np.float32(LARGEST), side)
            axes.set_title(_title(index, batch["tags"][0]), fontsize=8)
        _finish([*map(list, grid)], len(indices))
        if image is not None:
            bar = figure.colorbar(image, ax=list(grid.flat), shrink=0.8)
            bar.set_label("log10(1 + counts)")
    return figure


def draw_counts(axes: Axes, powers: npt.NDArray[np.float32], side_mm: float) -> Any:
    """Counts of an image in false colour; all images have the same scale.

    Args:
        axes: Where.
        powers: (rows, columns) log10(1 + counts).
        side_mm: Of the frame.
    """
    axes.grid(visible=False)
    return axes.imshow(
        powers, cmap="inferno", vmin=0.0, vmax=LARGEST, interpolation="nearest",
        extent=(0.0, side_mm, side_mm, 0.0),
    )  # fmt: skip


def _title(index: int, tags: Sequence[int]) -> str:
    """Its number, and the tags in lines of three."""
    names = [name for name, there in zip(TAGS, tags, strict=True) if there] or ["no tag"]
    lines = [", ".join(names[i : i + TAGS_PER_LINE]) for i in range(0, len(names), TAGS_PER_LINE)]
    return "\n".join([f"sample {index}", *lines])


def _finish(grid: Sequence[Sequence[Axes]], n: int) -> None:
    """Words at the axes; those without a picture are left out."""
    columns = len(grid[0])
    for i, axes in enumerate(axes for row in grid for axes in row):
        if i >= n:
            axes.set_axis_off()
            continue
        if i % columns == 0:
            axes.set_ylabel("y / mm")
        if i + columns >= n:
            axes.set_xlabel("x / mm")
