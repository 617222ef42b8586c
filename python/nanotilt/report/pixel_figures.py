"""Pictures of what an answer rests on in images: gradients pixel by pixel, below the image."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.recipes.recipe import Recipe
from nanotilt.report import style
from nanotilt.report._matplotlib import Axes
from nanotilt.report.drawing import MOST_LINES, Sample, Scales

Floats = npt.NDArray[np.floating]


def draw_pixels(panel: Any, sample: Sample, gradient: Floats, scales: Scales) -> None:
    """The first images side by side, and below each the change of log-odds pixel by pixel.

    Args:
        panel: An empty figure or part of one.
        sample: Whose images.
        gradient: (n_views, rows x columns).
        scales: The greys that the sample shares with its neighbours.
    """
    images = sample.views[:MOST_LINES]
    changes = gradient[:MOST_LINES].reshape(images.shape)
    limit = float(np.abs(changes).max()) or 1.0
    top, bottom = panel.subplots(2, len(images), squeeze=False)
    for i, (image, change) in enumerate(zip(images, changes, strict=True)):
        _draw(top[i], image, "gray", scales.lowest, scales.highest)
        top[i].set_title(f"{np.degrees(sample.angle_rad[i]):.4g}°", fontsize=8)
        _draw(bottom[i], change, "PRGn", -limit, limit)


def mean_pixels_figure(recipe: Recipe, mean: Floats, n_samples: int) -> str:
    """Mean |gradient| of many samples, view by view, as images: the darker, the larger.

    Args:
        recipe: Tells the views' shape and angles.
        mean: (n_views, rows x columns).
        n_samples: Of how many samples it is the mean.
    """
    images = mean[:MOST_LINES].reshape(-1, *recipe.view_shape)
    largest = float(images.max()) or 1.0
    with style.styled():
        figure = style.new_figure(4.3, 2.4)
        for i, axes in enumerate(figure.subplots(1, len(images), squeeze=False)[0]):
            _draw(axes, images[i], "gray_r", 0.0, largest)
            axes.set_title(f"{recipe.detector.angles_deg[i]:g}°", fontsize=8)
    return style.inline_svg(
        figure,
        f"Mean absolute change of log-odds of {n_samples:,} samples, pixel by pixel; "
        f"the largest is {largest:.2g}.",
    )


def _draw(axes: Axes, image: Floats, colours: str, lowest: float, highest: float) -> None:
    axes.imshow(image, cmap=colours, vmin=lowest, vmax=highest, interpolation="nearest")
    axes.set_axis_off()
