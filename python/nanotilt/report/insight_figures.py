"""Figures of accuracy against sizes, places and noise."""

from __future__ import annotations

from collections.abc import Sequence

from nanotilt.recipes.measure import PARTICLE_OFFSET
from nanotilt.report import style
from nanotilt.report._matplotlib import Axes, Figure, FixedLocator, NullLocator
from nanotilt.runs.findings import Curve, NoiseLevel, Share

AXIS_NAMES = {
    "hole size": "radius of the hole / mean particle radius",
    "hole offset": "hole's distance from the particle's centre / mean particle radius",
    "spiral size": "outer radius of the spiral / mean particle radius",
    "spiral offset": "spiral's distance from the particle's centre / mean particle radius",
    PARTICLE_OFFSET: "particle's distance from the axis / mean particle radius",
}

LOWEST_NOISE = 0.25
"""Where a noise of zero is drawn on the logarithmic axis."""


def quantity_figure(curves: Sequence[Curve], chance: float | None) -> str:
    """Accuracy against one quantity, with 95 % intervals.

    Args:
        curves: One curve for each group of samples, all of one quantity.
        chance: Accuracy of a guess, or None where there is no such line: the share of one answer's
            samples that a guess gets right may be anything.
    """
    quantity = curves[0].quantity
    with style.styled():
        figure, axes = accuracy_axes(AXIS_NAMES.get(quantity, style.shown(quantity)))
        for i, curve in enumerate(curves):
            x = [point.mean for point in curve.points]
            name = "" if curve.samples == "all" else curve.samples
            _with_intervals(axes, x, [point.right for point in curve.points], name, i)
        finish(axes, chance)
    ends = "; ".join(
        f"{curve.samples}: {100 * curve.points[0].right.accuracy:.1f} % at "
        f"{curve.points[0].mean:.3g}, {100 * curve.points[-1].right.accuracy:.1f} % at "
        f"{curve.points[-1].mean:.3g}"
        for curve in curves
    )
    return style.inline_svg(figure, f"Accuracy against {quantity}. {ends}.")


def noise_figure(levels: Sequence[NoiseLevel], chance: float) -> str:
    """Accuracy against the detector's noise, with 95 % intervals."""
    with style.styled():
        figure, axes = accuracy_axes("noise / noise that it was trained with")
        noise_axis(axes, [level.factor for level in levels])
        x = [place_of(level.factor) for level in levels]
        _with_intervals(axes, x, [level.right for level in levels], "", 0)
        finish(axes, chance)
    told = ", ".join(f"{100 * n.right.accuracy:.1f} % at {n.factor:g}" for n in levels)
    return style.inline_svg(figure, f"Accuracy against the factor on the noise: {told}.")


def accuracy_axes(x_name: str) -> tuple[Figure, Axes]:
    """Empty axes for accuracy in per cent."""
    figure = style.new_figure(4.3, 2.5)
    axes = figure.subplots()
    axes.set(xlabel=x_name, ylabel="accuracy / %")
    return figure, axes


def noise_axis(axes: Axes, factors: Sequence[float]) -> None:
    """A logarithmic axis of factors that has a place for zero."""
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_locator(FixedLocator([place_of(factor) for factor in factors]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([f"{factor:g}" for factor in factors])


def place_of(factor: float) -> float:
    """Where a factor on the noise stands on the logarithmic axis."""
    return max(factor, LOWEST_NOISE)


def finish(axes: Axes, chance: float | None) -> None:
    """Chance as a line, limits that no point touches, and a legend if there is anything to tell."""
    if chance is not None:
        axes.axhline(100 * chance, color=style.MUTED, linestyle=":", linewidth=1.0, label="chance")
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, -2.0), min(high, 102.0))
    if any(not name.startswith("_") for name in axes.get_legend_handles_labels()[1]):
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(-0.02, 1.0),
            ncols=3,
            columnspacing=1.2,
            handlelength=1.6,
        )


def _with_intervals(
    axes: Axes, x: Sequence[float], shares: Sequence[Share], name: str, number: int
) -> None:
    y = [100 * share.accuracy for share in shares]
    below = [max(0.0, 100 * (share.accuracy - share.interval_95[0])) for share in shares]
    above = [max(0.0, 100 * (share.interval_95[1] - share.accuracy)) for share in shares]
    axes.errorbar(
        x, y, yerr=(below, above), color=style.series_colour(number), marker="o", markersize=3.2,
        capsize=2.0, elinewidth=0.9, label=style.shown(name) or None,
    )  # fmt: skip
