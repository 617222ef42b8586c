"""Figures of fields of particles, as SVG for the page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.report import style
from nanotilt.report._matplotlib import Axes, FixedLocator, NullLocator, to_rgba
from nanotilt.runs.fields.results import FieldResults
from nanotilt.tasks.metrics import Z_95

_SIZE = (4.3, 2.9)
_TICKS_OF_DOSE = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000)
_MOST_TICKS = 9
_DOSE = "dose / electrons per pixel of background"
_N_BINS = 24
_FEWEST_COLUMNS = 4
"""Of overlays, some of them empty: so one field alone does not fill the page."""

HIT, MISSED, SPURIOUS = "#4da3ff", "#ffb000", "#ff4d4d"
"""Outlines in overlays: of what was found rightly, of what was missed, of what is not there."""


@dataclass(frozen=True)
class Curve:
    """One line of a plot against dose.

    Attributes:
        name: What it stands for.
        dose: (k,) electrons per pixel of background.
        value: (k,) scores.
        error: (k,) standard errors, or None.
        colour: Number of its colour; None: its place among the curves.
        line: How it is drawn, as Matplotlib takes it; None: with marks.
    """

    name: str
    dose: Sequence[float]
    value: Sequence[float]
    error: Sequence[float] | None = None
    colour: int | None = None
    line: str | None = None


@dataclass(frozen=True)
class Example:
    """A field to look at.

    Attributes:
        image: (n, n) what the network saw.
        true: (n, n) true instances, 0 where there is none.
        found: (n, n) instances found.
        hit: Numbers of the instances found that are true ones.
        missed: Numbers of the true instances that were missed.
        title: A line above it.
    """

    image: npt.NDArray[Any]
    true: npt.NDArray[Any]
    found: npt.NDArray[Any]
    hit: frozenset[int]
    missed: frozenset[int]
    title: str


def against_dose(
    curves: Sequence[Curve], what: str, *, percent: bool = False, dose: str = _DOSE
) -> str:
    """A score against the dose, each curve with its standard errors.

    Args:
        curves: The curves.
        what: The axis's name.
        percent: Whether the score is a share to be shown in per cent.
        dose: The name of the other axis.
    """

    def draw(axes: Axes) -> None:
        draw_curves(axes, curves, 100.0 if percent else 1.0)
        axes.set(xlabel=dose, ylabel=what)
        if len(curves) > 1:
            axes.legend(loc="best")

    return _figure(draw, f"{what} against dose.")


def draw_curves(axes: Axes, curves: Sequence[Curve], factor: float = 1.0) -> None:
    """Draws curves with their standard errors over a logarithmic axis of dose.

    Args:
        axes: Where.
        curves: The curves.
        factor: On their values.
    """
    for number, curve in enumerate(curves):
        colour = style.series_colour(number if curve.colour is None else curve.colour)
        value = factor * np.asarray(curve.value, dtype=float)
        usual = "o-" if number < len(style.SERIES) else "s--"  # where colours repeat
        marks = curve.line or usual
        axes.plot(curve.dose, value, marks, markersize=3.5, color=colour, label=curve.name)
        if curve.error is not None:
            half = factor * np.asarray(curve.error, dtype=float)
            axes.fill_between(curve.dose, value - half, value + half, color=colour, alpha=0.18)
    _dose_axis(axes, sorted({dose for curve in curves for dose in curve.dose}))


def size_distribution(tested: FieldResults, pixel_nm: float | None) -> str:
    """Diameters of all particles found, with a 95 % band, beside the true ones.

    The band is that of a count over fields: 1.96 standard errors, from the spread between fields.
    """
    unit, scale = _unit(pixel_nm)
    field, found = tested.found_diameters()
    largest = float(np.quantile(np.concatenate([tested.true_px, found, [1.0]]), 0.998)) * scale
    edges = np.linspace(0, 1.05 * largest, _N_BINS + 1)
    middles = 0.5 * (edges[1:] + edges[:-1])
    n = tested.n_fields
    counts = np.zeros((n, _N_BINS))
    inside = np.digitize(found * scale, edges) - 1
    fine = (inside >= 0) & (inside < _N_BINS)
    np.add.at(counts, (field[fine], inside[fine]), 1)
    mean = counts.mean(axis=0)
    half = Z_95 * counts.std(axis=0, ddof=min(1, n - 1)) / np.sqrt(n)
    true, _ = np.histogram(tested.true_px * scale, edges)

    def draw(axes: Axes) -> None:
        axes.stairs(true / n, edges, color=style.MUTED, linewidth=1.2, label="truth", fill=False)
        axes.plot(middles, mean, color=style.series_colour(0), label="found")
        axes.fill_between(
            middles, np.maximum(mean - half, 0), mean + half, color=style.series_colour(0),
            alpha=0.2, linewidth=0,
        )  # fmt: skip
        axes.set(xlabel=f"equivalent diameter / {unit}", ylabel="particles per field")
        axes.set(xlim=(0, edges[-1]), ylim=(0, None))
        axes.legend(loc="best")

    return _figure(draw, "Distribution of diameters, found and true.")


def against_size(tested: FieldResults, pixel_nm: float | None) -> str:
    """Share of the particles that are found, and how far their diameters are off, by diameter."""
    unit, scale = _unit(pixel_nm)
    edges = np.unique(np.quantile(tested.true_px, np.linspace(0, 1, 9)))
    if len(edges) < 2:
        edges = np.array([0.0, max(1.0, 2 * float(tested.true_px.max(initial=1.0)))])
    edges[-1] *= 1 + 1e-9
    rows = tested.by_size([float(edge) for edge in edges])
    middles = scale * 0.5 * (edges[1:] + edges[:-1])

    def draw(axes: Axes) -> None:
        for number, (name, values) in enumerate(
            (("found", rows["recall"]), ("mean size error of those found", rows["size_error"]))
        ):
            axes.plot(
                middles, 100 * values, "o-", markersize=3.5, label=name,
                color=style.series_colour(number),
            )  # fmt: skip
        half = 100 * rows["recall_error"]
        axes.fill_between(
            middles, 100 * rows["recall"] - half, 100 * rows["recall"] + half,
            color=style.series_colour(0), alpha=0.18,
        )  # fmt: skip
        axes.set(xlabel=f"true equivalent diameter / {unit}", ylabel="per cent", ylim=(0, 102))
        axes.legend(loc="best")

    return _figure(draw, "Share found, and size error, against diameter.")


def f1_of_fields(tested: FieldResults) -> str:
    """The F1 of each field against its dose."""

    def draw(axes: Axes) -> None:
        axes.plot(
            tested.dose, tested.field_f1(), "o", markersize=3, alpha=0.6,
            color=style.series_colour(0), markeredgewidth=0,
        )  # fmt: skip
        axes.set(xlabel="dose / electrons per pixel of background", ylabel="F1 of the field")
        axes.set(ylim=(0, 1.02))
        _dose_axis(axes)

    return _figure(draw, "F1 of every test field against its dose.")


def overlays(examples: Sequence[Example], pixel_nm: float | None) -> str:
    """Fields side by side: the image, below it with the true outlines, then with those found."""
    unit, scale = _unit(pixel_nm)
    n = max(len(examples), _FEWEST_COLUMNS)
    with style.styled():
        figure = style.new_figure(2.1 * n, 6.1)
        grid = figure.subplots(3, n, squeeze=False)
        for empty in grid[:, len(examples) :].flat:
            empty.set_axis_off()
        for column, example in enumerate(examples):
            reach = scale * example.image.shape[0]
            low, high = np.percentile(example.image, (0.5, 99.5))
            for row in range(3):
                axes = grid[row][column]
                axes.imshow(
                    example.image, cmap="gray", vmin=low, vmax=max(high, low + 1e-6),
                    interpolation="nearest", extent=(0, reach, reach, 0),
                )  # fmt: skip
                axes.grid(visible=False)
                axes.tick_params(labelleft=column == 0, labelbottom=row == 2)
            grid[0][column].set_title(style.shown(example.title), fontsize=8)
            _outline(grid[1][column], example.true, example.missed, (MISSED, HIT), reach)
            _outline(grid[2][column], example.found, example.hit, (HIT, SPURIOUS), reach)
            grid[2][column].set_xlabel(f"x / {unit}")
        for row, name in enumerate(("image", "truth", "found")):
            grid[row][0].set_ylabel(f"{name}\ny / {unit}")
    return style.inline_svg(
        figure, "Fields: image, true outlines, outlines found; blue: found, orange: missed, "
        "red: not there."
    )  # fmt: skip


def history_curves(history: Sequence[Mapping[str, float]], names: Mapping[str, str]) -> str:
    """Scores on validation samples against training samples seen.

    Args:
        history: One mapping per epoch, with "samples_seen".
        names: Which of its numbers to draw, and what to call each.
    """

    def draw(axes: Axes) -> None:
        seen = [record["samples_seen"] for record in history]
        for number, (name, words) in enumerate(names.items()):
            axes.plot(
                seen, [record[name] for record in history], "o-", markersize=3, label=words,
                color=style.series_colour(number),
            )  # fmt: skip
        axes.set(xlabel="training samples seen", ylabel=" and ".join(names.values()))
        if len(names) > 1:
            axes.legend(loc="best")

    return _figure(draw, "Validation scores against training samples seen.")


def _outline(
    axes: Axes,
    instances: npt.NDArray[Any],
    special: Collection[int],
    colours: tuple[str, str],
    reach: float,
) -> None:
    """Draws the rims of instances, special ones in the first colour, as a picture else clear."""
    rim = np.zeros(instances.shape, bool)
    for axis in (0, 1):
        differs = np.diff(instances, axis=axis) != 0
        first: list[slice] = [slice(None)] * 2
        second: list[slice] = [slice(None)] * 2
        first[axis], second[axis] = slice(None, -1), slice(1, None)
        rim[tuple(first)] |= differs
        rim[tuple(second)] |= differs
    rim &= instances > 0
    chosen = np.isin(instances, list(special))
    picture = np.zeros((*instances.shape, 4))
    picture[rim & chosen] = to_rgba(colours[0])
    picture[rim & ~chosen] = to_rgba(colours[1])
    axes.imshow(picture, interpolation="nearest", extent=(0, reach, reach, 0))


def _dose_axis(axes: Axes, doses: Sequence[float] = ()) -> None:
    """A logarithmic axis, with ticks at the doses themselves where they are few."""
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    some = doses if 0 < len(doses) <= _MOST_TICKS else _TICKS_OF_DOSE
    ticks = [tick for tick in some if low <= tick <= high]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([f"{tick:g}" for tick in ticks])


def _unit(pixel_nm: float | None) -> tuple[str, float]:
    """The unit of lengths, and how many of it a pixel has."""
    return ("px", 1.0) if pixel_nm is None else ("nm", pixel_nm)


def _figure(draw: Callable[[Axes], None], description: str) -> str:
    with style.styled():
        figure = style.new_figure(*_SIZE)
        draw(figure.subplots())
    return style.inline_svg(figure, description)
