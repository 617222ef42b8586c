"""Pictures of fields: image, instances and depth side by side; of videos frames with tracks."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base.files import write_whole
from nanotilt.instruments.scanning_camera import ScanningCamera
from nanotilt.recipes.recipe import Recipe
from nanotilt.report import style
from nanotilt.report._matplotlib import Axes, Figure
from nanotilt.scenes.field_terms import COLUMNS

PANEL = 2.6
"""Inches."""

MOST_FRAMES_SHOWN = 5
FRAMES_PER_SECOND = 5
_X, _Y, _ID = (list(COLUMNS).index(name) for name in ("x", "y", "id"))


def is_field(recipe: Recipe) -> bool:
    """Whether a recipe's samples are fields of particles."""
    return isinstance(recipe.detector, ScanningCamera)


def draw_fields(recipe: Recipe, samples: int, seed: int, start: int) -> Figure:
    """Samples one below the other: image, instances, depth; of videos some frames with tracks.

    Args:
        recipe: Fields seen by a scanning camera.
        samples: Samples, the first ones of the stream from `start` on.
        seed: The stream.
        start: Index of the first sample.
    """
    camera = recipe.detector
    assert isinstance(camera, ScanningCamera)
    targets = ("instance", "depth", "table", "n_table", "dose")
    batch = dataclasses.replace(recipe, targets=targets).sample(seed, start, samples)
    n_columns = 3 if camera.n_frames == 1 else min(MOST_FRAMES_SHOWN, camera.n_frames)
    with style.styled():
        figure = style.new_figure(PANEL * n_columns + 0.5, (PANEL + 0.35) * samples)
        grid = figure.subplots(samples, n_columns, squeeze=False)
        for i, row in enumerate(grid):
            if camera.n_frames == 1:
                _still_row(row, camera, batch, i)
            else:
                _frame_row(row, camera, batch, i)
            row[0].set_ylabel(f"sample {start + i}\ny / nm")
            for axes in row:
                axes.grid(visible=False)
                if i == samples - 1:
                    axes.set_xlabel("x / nm")
    return figure


def save_animation(recipe: Recipe, seed: int, index: int, path: Path) -> None:
    """A video with the track of every particle, as an animated GIF or PNG.

    Args:
        recipe: Videos of fields.
        seed: The stream.
        index: The sample.
        path: A file ending in .gif or .png.

    Raises:
        ImportError: Pillow isn't installed, which Matplotlib brings along.
        OSError: the file can't be written.
    """
    from PIL import Image

    camera = recipe.detector
    assert isinstance(camera, ScanningCamera)
    batch = dataclasses.replace(recipe, targets=("table", "n_table")).sample(seed, index, 1)
    pictures = []
    for frame in range(camera.n_frames):
        with style.styled():
            figure = style.new_figure(4.2, 4.2)
            axes = figure.subplots()
            _frame(axes, camera, batch, 0, frame)
            axes.set(xlabel="x / nm", ylabel="y / nm")
            axes.grid(visible=False)
        pictures.append(Image.open(io.BytesIO(style.png(figure, dpi=100))).convert("RGB"))

    def write(partial: Path) -> None:
        pictures[0].save(
            partial, format="GIF" if path.suffix.lower() == ".gif" else "PNG", save_all=True,
            append_images=pictures[1:], duration=1000 // FRAMES_PER_SECOND, loop=0,
        )  # fmt: skip

    write_whole(path, write)


def _still_row(row: Any, camera: ScanningCamera, batch: Any, i: int) -> None:
    reach = camera.n_pixels * camera.pixel_nm
    extent = (0.0, reach, reach, 0.0)
    _show(row[0], batch.views[i, 0], extent)
    dose = float(batch["dose"][i])
    row[0].set_title("no noise" if dose == 0 else f"{dose:.3g} electrons/px")
    row[1].imshow(coloured(batch["instance"][i]), interpolation="nearest", extent=extent)
    row[1].set_title(f"{int(batch['n_table'][i])} particles")
    row[2].imshow(batch["depth"][i], cmap="viridis", interpolation="nearest", extent=extent)
    row[2].set_title("depth: 1 in the middle, 0 at the outline")
    for axes in row[1:]:
        axes.tick_params(labelleft=False)


def _frame_row(row: Any, camera: ScanningCamera, batch: Any, i: int) -> None:
    frames = np.linspace(0, camera.n_frames - 1, len(row)).astype(int)
    for axes, frame in zip(row, frames, strict=True):
        _frame(axes, camera, batch, i, int(frame))
        axes.tick_params(labelleft=bool(axes is row[0]))


def _frame(axes: Axes, camera: ScanningCamera, batch: Any, i: int, frame: int) -> None:
    """One frame, and where its particles have come from."""
    scale = camera.pixel_nm
    reach = camera.n_pixels * scale
    _show(axes, batch.views[i, frame], (0.0, reach, reach, 0.0))
    places: dict[int, list[tuple[float, float]]] = {}
    for t in range(frame + 1):
        for row in batch["table"][i, t, : batch["n_table"][i, t]]:
            places.setdefault(int(row[_ID]), []).append((scale * row[_X], scale * row[_Y]))
    present = {int(row[_ID]) for row in batch["table"][i, frame, : batch["n_table"][i, frame]]}
    for number in sorted(present):
        line = np.array(places[number])
        axes.plot(line[:, 0], line[:, 1], color=_rgb(number), linewidth=1.1)
        axes.plot(*line[-1], ".", color=_rgb(number), markersize=4)
    axes.set(xlim=(0, reach), ylim=(reach, 0))
    axes.set_title(f"frame {frame}, {len(present)} particles")


def _show(axes: Axes, image: npt.NDArray[Any], extent: tuple[float, float, float, float]) -> None:
    low, high = np.percentile(image, (0.5, 99.5))
    axes.imshow(
        image, cmap="gray", vmin=low, vmax=max(float(high), float(low) + 1e-6),
        interpolation="nearest", extent=extent,
    )  # fmt: skip


def coloured(instances: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Instances as a picture: (n, n, 3), each in a colour of its own, the background pale."""
    numbers = np.unique(instances)
    colours = np.array([_rgb(int(number)) for number in numbers])
    picture: npt.NDArray[np.float64] = colours[np.searchsorted(numbers, instances)]
    return picture


def _rgb(number: int) -> tuple[float, float, float]:
    """Colours far apart for numbers close together; 0 is nearly white."""
    if number == 0:
        return (0.95, 0.96, 0.97)
    hue = (number * 0.61803398875) % 1.0
    third = np.array([0.0, 1 / 3, 2 / 3])
    red, green, blue = 0.55 + 0.4 * np.cos(2 * np.pi * (hue - third))
    return float(red), float(green), float(blue)
