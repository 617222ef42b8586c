"""Figures of how well defects are found in patches of lattices, as SVG for the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.report import style
from nanotilt.report._matplotlib import Axes
from nanotilt.report.fields.figures import Curve, against_dose
from nanotilt.runs.lattices.results import ALL, PERFECT, DefectResults
from nanotilt.scenes.lattice_terms import DEFECTS
from nanotilt.tasks import ranking

ELECTRONS = "electrons counted of each carbon atom"

_SIZE = (4.3, 2.9)
_MOST_POINTS = 1500
_N_BINS = 40
_MOST_CURVES = 5


@dataclass(frozen=True)
class Patches:
    """Patches to look at.

    Attributes:
        views: (k, rows, columns) at mean 0 and standard deviation 1.
        drawn: (k, rows, columns) as the network drew them, contrast and offset fitted; None: it
            draws none.
        found: (k, rows, columns) where it sees a defect: what its drawing leaves, smoothed, in its
            own standard deviations; of a network that classifies, log odds; None: it does not tell.
        kind: (k,) kinds of their defects.
        counts: (k,) electrons counted of each carbon atom.
    """

    views: npt.NDArray[np.float64]
    drawn: npt.NDArray[np.float64] | None
    found: npt.NDArray[np.float64] | None
    kind: npt.NDArray[np.int64]
    counts: npt.NDArray[np.float64]


def auc_of_scores(results: DefectResults, kind: str = ALL) -> str:
    """The AUC against the electrons counted, a curve for each score."""
    curves = [_curve(results, score, kind, score) for score in results.scores]
    name = "any defect" if kind == ALL else kind
    return against_dose(curves, f"AUC, {name}", dose=ELECTRONS)


def _curve(results: DefectResults, score: str, kind: str, name: str) -> Curve:
    rows = [results.row(score, level, kind) for level in results.levels]
    known = [row for row in rows if row is not None and not np.isnan(row.counts)]
    return Curve(
        name,
        [row.counts for row in known],
        [row.auc.value for row in known],
        [row.auc.standard_error or 0.0 for row in known],
    )


def roc_curves(results: DefectResults, score: str, kind: str = ALL) -> str:
    """The ROC curve of a score at several numbers of electrons."""
    levels = _some(results.levels)

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=style.MUTED, linewidth=0.7)
        for number, level in enumerate(levels):
            perfect, flawed = results.chosen(level, kind)
            if not perfect.any() or not flawed.any():
                continue
            values = results.scores[score]
            false, true = ranking.roc(values[perfect], values[flawed])
            keep = np.unique(np.linspace(0, len(false) - 1, 300).astype(int))
            axes.plot(
                false[keep],
                true[keep],
                color=style.series_colour(number),
                label=electrons_in_words(level),
            )
        axes.set(xlabel="perfect patches taken for flawed", ylabel="defects found")
        axes.set(xlim=(0, 1), ylim=(0, 1.01))
        axes.legend(loc="lower right")

    return _figure(draw, f"ROC curves of {score} at several numbers of electrons.")


def distributions(results: DefectResults, score: str, level: float) -> str:
    """How a score is spread over perfect patches and over such with defects."""
    perfect, flawed = results.chosen(level)
    values = results.scores[score]
    both = values[perfect | flawed]
    low, high = np.quantile(both, (0.002, 0.998)) if len(both) else (0.0, 1.0)
    edges = np.linspace(low, high if high > low else low + 1, _N_BINS + 1)

    def draw(axes: Axes) -> None:
        for number, (name, here) in enumerate((("perfect", perfect), ("defect", flawed))):
            share, _ = np.histogram(values[here], edges)
            axes.stairs(
                share / max(1, here.sum()), edges, color=style.series_colour(number), label=name
            )
        axes.set(xlabel=style.shown(score), ylabel="share of patches", ylim=(0, None))
        axes.legend(loc="best", title=electrons_in_words(level))

    return _figure(draw, f"Distribution of {score} over perfect and flawed patches.")


def plane_of_codes(codes: npt.NDArray[Any], results: DefectResults) -> str:
    """Where patches lie in the plane in which their codes vary the most."""
    step = max(1, len(codes) // _MOST_POINTS)

    def draw(axes: Axes) -> None:
        for number, (name, here) in enumerate(
            (("perfect", results.kind == PERFECT), ("defect", results.kind != PERFECT))
        ):
            some = codes[here][::step]
            axes.plot(
                some[:, 0], some[:, 1], "o", markersize=2, alpha=0.45, markeredgewidth=0,
                color=style.series_colour(number), label=name,
            )  # fmt: skip
        axes.set(xlabel="first principal component", ylabel="second")
        axes.legend(loc="best", markerscale=2)

    return _figure(draw, "Codes of perfect and flawed patches in their principal plane.")


def patches(shown: Patches) -> str:
    """Patches side by side: what is seen, what the network drew, where it sees a defect."""
    n = len(shown.views)
    looks = [(shown.views, "gray", "patch")]
    if shown.drawn is not None:
        looks.append((shown.drawn, "gray", "drawn"))
    if shown.found is not None:
        words = "where, log odds" if shown.drawn is None else "left, smoothed"
        looks.append((shown.found, "RdBu_r", words))
    with style.styled():
        figure = style.new_figure(1.7 * max(n, 3), 0.4 + 1.6 * len(looks))
        grid = figure.subplots(len(looks), max(n, 3), squeeze=False)
        for empty in grid[:, n:].flat:
            empty.set_axis_off()
        for column in range(n):
            low, high = np.percentile(shown.views[column], (0.5, 99.5))
            for row, (pictures, colours, _) in enumerate(looks):
                least, most = (low, high) if colours == "gray" else (-5.0, 5.0)
                axes = grid[row][column]
                axes.imshow(
                    pictures[column], cmap=colours, vmin=least, vmax=most, interpolation="nearest"
                )
                axes.set(xticks=[], yticks=[])
                axes.grid(visible=False)
            kind = int(shown.kind[column])
            name = "perfect" if kind == PERFECT else DEFECTS[kind]
            grid[0][column].set_title(
                f"{name}\n{electrons_in_words(float(shown.counts[column]))}", fontsize=7
            )
        for row, (_, _, words) in enumerate(looks):
            grid[row][0].set_ylabel(words)
    return style.inline_svg(figure, "Patches, and where the network sees a defect.")


def _some(levels: Sequence[float]) -> list[float]:
    """A few of the levels, first and last among them."""
    places = np.unique(np.linspace(0, len(levels) - 1, _MOST_CURVES).astype(int))
    return [levels[place] for place in places]


def electrons_in_words(level: float) -> str:
    """A number of electrons, or that there is no noise."""
    return "no noise" if np.isnan(level) else f"{level:.3g} electrons"


def _figure(draw: Callable[[Axes], None], description: str) -> str:
    with style.styled():
        figure = style.new_figure(*_SIZE)
        draw(figure.subplots())
    return style.inline_svg(figure, description)
