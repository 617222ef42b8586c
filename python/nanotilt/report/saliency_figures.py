"""Pictures of what an answer rests on: particle, views, and gradients bin by bin."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.recipes.measure import limits_of, shadows
from nanotilt.recipes.recipe import Recipe
from nanotilt.report import style
from nanotilt.report._matplotlib import Axes, MaxNLocator
from nanotilt.report.drawing import MOST_LINES, Sample, Scales, draw_particle
from nanotilt.report.pixel_figures import draw_pixels, mean_pixels_figure
from nanotilt.runs.findings import Insight, Profile, Saliency
from nanotilt.runs.words import index_name

FOR = 2
"""Number of the series colour for bins where more signal speaks for the answer."""
AGAINST = 3
"""The same where it speaks against it."""

Floats = npt.NDArray[np.floating]


def saliency_card(
    recipe: Recipe, insight: Insight, sample: Sample, saliency: Saliency, scales: Scales
) -> str:
    """A particle beside its views, each above its gradients.

    Grey bands show where the particle's features are seen.

    Args:
        recipe: The recipe.
        insight: Tells the stream.
        sample: The sample that `saliency` is of.
        saliency: What the answer rests on.
        scales: What it shares with its neighbours.
    """
    gradient = np.array(saliency.gradient)
    with style.styled():
        as_images = len(recipe.view_shape) == 2
        as_lines = recipe.n_views <= MOST_LINES
        height = 0.5 + 1.25 * recipe.n_views if as_lines and not as_images else 3.0
        figure = style.new_figure(4.3, max(height, 2.2))
        panels: Any = figure.subfigures(1, 2, width_ratios=(1.0, 1.45))
        left, right = panels
        draw_particle(left.subplots(), sample, scales)
        if as_images:
            draw_pixels(right, sample, gradient, scales)
        elif as_lines:
            bands = _bands(recipe, insight.seed, sample)
            _draw_lines(right, recipe, sample, gradient, scales, bands)
        else:
            _draw_images(right, recipe, sample, gradient)
    strongest = float(np.abs(gradient).max())
    return style.inline_svg(
        figure,
        f"Sample {index_name(sample.index)}, {saliency.truth}, taken for {saliency.answer}: the "
        f"particle, its views, and below each the change of log-odds bin by bin; the largest is "
        f"{strongest:.2g}.",
    )


def profile_figure(recipe: Recipe, profile: Profile) -> str:
    """Mean |gradient| of many samples against the place on the detector."""
    mean = np.array(profile.mean)
    if len(recipe.view_shape) == 2:
        return mean_pixels_figure(recipe, mean, profile.n_samples)
    x = _places(recipe)
    with style.styled():
        figure = style.new_figure(4.3, 2.4)
        axes = figure.subplots()
        axes.set(xlabel="x / mean particle radius", ylabel="mean |change of log-odds|")
        if len(mean) > MOST_LINES:
            axes.plot(x, mean.mean(axis=0), color=style.series_colour(0), label="mean of all views")
        else:
            for i, row in enumerate(mean):
                name = f"{recipe.detector.angles_deg[i]:g}°"
                axes.plot(x, row, color=style.series_colour(i), label=name)
        axes.set_ylim(0, 1.05 * float(mean.max()) or 1.0)
        axes.set_xlim(x[0], x[-1])
        axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=4, handlelength=1.6)
    peaks = ", ".join(f"{x[int(row.argmax())]:.2f}" for row in mean[:MOST_LINES])
    return style.inline_svg(
        figure,
        f"Mean absolute change of log-odds of {profile.n_samples:,} samples, bin by bin; "
        f"largest at x = {peaks}.",
    )


def _bands(recipe: Recipe, seed: int, sample: Sample) -> list[Floats]:
    """(n_views, 2) limits of each feature's shadow; none if the detector moves views."""
    if recipe.detector.centring:
        return []
    angles = sample.angle_rad.astype(np.float64)
    return list(shadows(recipe, seed, sample.index, sample.label, angles).features.values())


def _draw_lines(
    panel: Any,
    recipe: Recipe,
    sample: Sample,
    gradient: Floats,
    scales: Scales,
    bands: list[Floats],
) -> None:
    n_views = recipe.n_views
    rows: Any = panel.subplots(
        2 * n_views, 1, sharex=True, gridspec_kw={"height_ratios": (1.2, 1.0) * n_views}
    ).ravel()
    x = _places(recipe)
    limit = 1.08 * float(np.abs(gradient).max()) or 1.0
    for i in range(n_views):
        view, bars = rows[2 * i], rows[2 * i + 1]
        for band in bands:
            for axes in (view, bars):
                axes.axvspan(*band[i], color=style.MUTED, alpha=0.18, linewidth=0)
        view.plot(x, sample.views[i], color=style.series_colour(i))
        view.set(ylim=(scales.lowest, scales.highest), yticks=[])
        view.set_ylabel(f"{np.degrees(sample.angle_rad[i]):.4g}°", rotation=0, ha="right")
        _draw_bars(bars, x, gradient[i], limit)
    rows[-1].set(xlim=limits_of(recipe))
    rows[-1].set_xlabel("x / mean particle radius")


def _draw_bars(axes: Axes, x: Floats, gradient: Floats, limit: float) -> None:
    half = 0.425 * (x[1] - x[0]) if len(x) > 1 else 0.25
    for sign, colour in ((1, FOR), (-1, AGAINST)):
        height = np.where(sign * gradient > 0, gradient, 0.0)
        # All bars as one outline that runs along zero between them: a tenth of the page's size.
        outline_x = np.stack([x - half, x - half, x + half, x + half], axis=1).ravel()
        outline_y = np.stack([0 * height, height, height, 0 * height], axis=1).ravel()
        axes.fill(outline_x, outline_y, color=style.series_colour(colour), linewidth=0)
    axes.axhline(0, color=style.MUTED, linewidth=0.6)
    axes.set_ylim(-limit, limit)
    axes.yaxis.set_major_locator(MaxNLocator(2, symmetric=True))


def _draw_images(panel: Any, recipe: Recipe, sample: Sample, gradient: Floats) -> None:
    """Views and gradients as images, one view in each row."""
    extent = (*limits_of(recipe), recipe.n_views + 0.5, 0.5)
    limit = float(np.abs(gradient).max()) or 1.0
    top, bottom = panel.subplots(2, 1, sharex=True)
    top.imshow(sample.views, aspect="auto", cmap="gray", extent=extent, interpolation="nearest")
    bottom.imshow(
        gradient, aspect="auto", cmap="PRGn", vmin=-limit, vmax=limit, extent=extent,
        interpolation="nearest",
    )  # fmt: skip
    for axes in (top, bottom):
        axes.grid(visible=False)
        axes.set_ylabel("view")
    bottom.set_xlabel("x / mean particle radius")


def _places(recipe: Recipe) -> Floats:
    return np.linspace(*limits_of(recipe), recipe.view_shape[0])
