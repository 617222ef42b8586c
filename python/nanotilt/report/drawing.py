"""Particles and their views, drawn into Matplotlib axes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.instruments.camera import Camera
from nanotilt.recipes.choose import labelled
from nanotilt.recipes.measure import limits_of
from nanotilt.recipes.recipe import Recipe
from nanotilt.report import style
from nanotilt.report._matplotlib import Axes, Figure, MaxNLocator
from nanotilt.report.raster import Rings, density_image, material_image
from nanotilt.scenes.lattices import Lattice
from nanotilt.scenes.particles import Particle
from nanotilt.scenes.shapes import PolygonOutline

MOST_LINES = 4
"""Views of one particle that are drawn as lines; more become the rows of an image."""

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Sample:
    """One sample of a stream, with the particle behind it.

    Attributes:
        index: Its index in the stream.
        label: Its class, an index into ``Recipe.class_names``.
        rings: The particle, as `Recipe.particle` gives it; none of a lattice.
        views: (n_views, n_bins) float32, or images (n_views, n_pixels, n_pixels).
        angle_rad: (n_views,) float32, the angle of each view as in a batch, in radians.
        tilt_rad: (n_views,) float32, by how much each view is turned against the particle as its
            rings are.
        perfect: (n_pixels, n_pixels) float32 of a lattice: its image without noise and defects.
        mask: (n_pixels, n_pixels) uint8 of a lattice: 0 where no defect is.
    """

    index: int
    label: int
    rings: Rings
    views: FloatArray
    angle_rad: FloatArray
    tilt_rad: FloatArray
    perfect: FloatArray | None = None
    mask: npt.NDArray[np.uint8] | None = None


def draw_sample(recipe: Recipe, seed: int, index: int) -> Sample:
    """Sample `index` of (recipe, seed), with its particle."""
    if all(isinstance(scene, Lattice) for scene in recipe.classes.values()):
        return _patch(recipe, seed, index)
    recipe = labelled(recipe)
    batch = recipe.sample(seed, start=index, count=1)
    rings = recipe.particle(seed, index)
    label, angles = int(batch.label[0]), batch.angle_rad[0]
    tilts = angles
    scene = recipe.classes[recipe.class_names[label]]
    if isinstance(scene, Particle) and isinstance(scene.outline, PolygonOutline):
        tilts = np.radians(recipe.detector.angles_deg).astype(
            np.float32
        )  # rings are turned already
    return Sample(index, label, rings, batch.views[0], angles, tilts)


def _patch(recipe: Recipe, seed: int, index: int) -> Sample:
    """A patch of a lattice, with its perfect image and where its defects are."""
    full = dataclasses.replace(recipe, targets=("label", "mask", "clean"))
    batch = full.sample(seed, start=index, count=1)
    none = np.zeros(recipe.n_views, np.float32)
    return Sample(
        index, int(batch.label[0]), (), batch.views[0], none, none, batch["clean"][0, 0],
        batch["mask"][0],
    )  # fmt: skip


@dataclass(frozen=True)
class Scales:
    """What several drawings share, so that they can be compared.

    Attributes:
        half_width: Particles are drawn from -half_width to half_width, in units of length.
        largest_density: Density that is drawn darkest.
        lowest: Smallest value of the views' axis.
        highest: Largest value of the views' axis.
    """

    half_width: float
    largest_density: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, recipe: Recipe, samples: list[Sample]) -> Scales:
        """Scales that hold all these samples."""
        corners = [np.abs(ring).max() for sample in samples for ring, _ in sample.rings]
        widest = 2.0 * max(map(abs, limits_of(recipe)))
        reach = min(float(max(corners, default=widest)), widest)
        densities = [_largest_sum(sample.rings) for sample in samples]
        lowest = float(min(sample.views.min() for sample in samples))
        highest = float(max(sample.views.max() for sample in samples))
        margin = 0.05 * (highest - lowest) or 0.5
        return cls(1.25 * reach, max(densities), lowest - margin, highest + margin)


def draw_particle(axes: Axes, sample: Sample, scales: Scales) -> None:
    """A particle, the darker the denser, its rings, and an arrow along each view's rays."""
    if sample.perfect is not None and sample.mask is not None:
        _draw_lattice(axes, sample.perfect, sample.mask)
        return
    half_width = scales.half_width
    density = density_image(sample.rings, half_width)
    image = material_image(density, scales.largest_density, style.MATERIAL, style.NEGATIVE_MATERIAL)
    extent = (-half_width, half_width, -half_width, half_width)
    axes.imshow(image, extent=extent, origin="lower", interpolation="none")
    for ring, _ in sample.rings:
        closed = np.vstack([ring, ring[:1]])
        axes.plot(closed[:, 0], closed[:, 1], color=style.INK, linewidth=0.5)
    if len(sample.tilt_rad) <= MOST_LINES and sample.views.ndim == 2:
        for i, angle in enumerate(sample.tilt_rad):
            _draw_direction(axes, float(angle), half_width, style.series_colour(i))
    axes.set(xlim=extent[:2], ylim=extent[2:], aspect="equal")
    axes.set_axis_off()


def _draw_lattice(axes: Axes, perfect: FloatArray, mask: npt.NDArray[np.uint8]) -> None:
    """The perfect lattice's image, and the outlines of defects in it."""
    axes.imshow(perfect, cmap="gray", interpolation="nearest")
    if mask.any():
        axes.contour(mask > 0, levels=[0.5], colors=[style.SERIES[1]], linewidths=1.2)
    axes.set_axis_off()


def draw_views(axes: Axes, recipe: Recipe, sample: Sample, scales: Scales) -> None:
    """A sample's views: images side by side, or lines; rows of one image when lines are many."""
    if sample.views.ndim == 3:
        _draw_images(axes, sample, scales)
        return
    limits = limits_of(recipe)
    n_bins = sample.views.shape[1]
    x = np.linspace(*limits, n_bins)
    is_shape = isinstance(recipe.detector, Camera)
    axes.set_xlabel("x" if is_shape else "x / mean particle radius")
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], prune="both"))
    if recipe.n_views > MOST_LINES:
        _draw_sinogram(axes, sample, scales, limits)
        return
    for i, view in enumerate(sample.views):
        marker = "." if n_bins == 1 else ""
        axes.plot(x, view, color=style.series_colour(i), marker=marker, label=_degrees(sample, i))
    axes.set(xlim=limits, ylim=(scales.lowest, scales.highest))
    axes.set_ylabel(value_name(recipe))
    if recipe.n_views > 1:
        axes.legend(loc="upper left", handlelength=1.0, borderaxespad=0.1, labelspacing=0.2)


def value_name(recipe: Recipe) -> str:
    """What the numbers of a view are."""
    return "thickness seen" if recipe.normalise == "none" else "value, normalised"


def draw_card(panel: Any, recipe: Recipe, sample: Sample, scales: Scales) -> tuple[Axes, Axes]:
    """A particle beside its views.

    Args:
        panel: An empty figure or part of one, 4.3 inches wide and 1.8 high or of that shape.
        recipe: The recipe.
        sample: What to draw.
        scales: What it shares with its neighbours.

    Returns:
        The axes of the particle and of the views.
    """
    left, right = panel.subfigures(1, 2, width_ratios=(1.0, 1.45))
    particle, views = left.subplots(), right.subplots()
    draw_particle(particle, sample, scales)
    draw_views(views, recipe, sample, scales)
    return particle, views


def card(recipe: Recipe, sample: Sample, scales: Scales) -> Figure:
    """A particle beside its views, as a figure of its own."""
    with style.styled():
        figure = style.new_figure(4.3, 1.8)
        draw_card(figure, recipe, sample, scales)
    return figure


def _draw_direction(axes: Axes, angle: float, half_width: float, colour: str) -> None:
    """An arrow along the rays: turning the particle by an angle turns the rays back by it."""
    direction = np.array([-np.sin(angle), np.cos(angle)])
    arrow: dict[str, Any] = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.2}
    axes.annotate(
        "",
        xy=tuple(-0.80 * half_width * direction),
        xytext=tuple(-0.99 * half_width * direction),
        arrowprops={**arrow, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 7},
    )


def _draw_images(axes: Axes, sample: Sample, scales: Scales) -> None:
    """The first images, one beside the other, with their angles above."""
    shown = sample.views[:MOST_LINES]
    n = shown.shape[2]
    gap = max(1, n // 16)
    strip = np.full((n, len(shown) * (n + gap) - gap), np.nan, np.float32)
    for i, image in enumerate(shown):
        left = i * (n + gap)
        strip[:, left : left + n] = image
        axes.text(
            left + n / 2, -0.04 * n, _degrees(sample, i), ha="center", va="bottom", fontsize=8
        )
    axes.imshow(
        strip, cmap="gray", vmin=scales.lowest, vmax=scales.highest, interpolation="nearest"
    )
    axes.set_axis_off()


def _draw_sinogram(axes: Axes, sample: Sample, scales: Scales, limits: tuple[float, float]) -> None:
    axes.imshow(
        sample.views,
        aspect="auto",
        cmap="gray",
        vmin=scales.lowest,
        vmax=scales.highest,
        extent=(*limits, len(sample.views) + 0.5, 0.5),
        interpolation="nearest",
    )
    axes.grid(visible=False)
    axes.set_ylabel("view")


def _degrees(sample: Sample, view: int) -> str:
    degrees = float(np.degrees(sample.angle_rad[view]))
    return f"{degrees:.1f}".removesuffix(".0").replace("-0", "0", 1 if degrees == 0 else 0) + "°"


def _largest_sum(rings: Rings) -> float:
    """The density where all denser rings overlap; >= 2, so that plain particles look alike."""
    return max(sum((density for _, density in rings if density > 0), 0.0), 2.0)
