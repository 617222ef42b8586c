"""Figures of which defects were found in patches of lattices, and where, as SVG for the page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nanotilt.lattices.defect_lists import pairs_within
from nanotilt.report import style
from nanotilt.report.fields.figures import Curve, against_dose
from nanotilt.report.lattices.figures import ELECTRONS, electrons_in_words
from nanotilt.runs.lattices.places import PlaceResults
from nanotilt.scenes.lattice_terms import DEFECTS

Defects = Sequence[npt.NDArray[np.void]]

TRUE, RIGHT, WRONG = "#4fb3d9", "#3fb68b", "#e4572e"
_PER_ROW = 3


def share_right(results: PlaceResults, score: str, words: str) -> str:
    """A score against the electrons counted, a curve for each kind of defect.

    Args:
        results: What was found.
        score: One of `nanotilt.runs.lattices.places.SCORES`.
        words: What it is called.
    """
    curves = []
    for kind in results.columns:
        rows = [results.row(level, kind) for level in results.levels]
        known = [row for row in rows if row is not None and not np.isnan(row.counts)]
        known = [row for row in known if not np.isnan(row.scores[score].value)]
        curves.append(
            Curve(
                kind,
                [row.counts for row in known],
                [row.scores[score].value for row in known],
                [row.scores[score].standard_error or 0.0 for row in known],
            )
        )
    return against_dose(curves, words, dose=ELECTRONS)


def found_defects(
    views: npt.NDArray[np.float64],
    counts: npt.NDArray[np.float64],
    true: Defects,
    found: Defects,
    right: Sequence[npt.NDArray[np.bool_]],
) -> str:
    """Patches with their defects: circles where they are, crosses where one was found.

    Args:
        views: (k, rows, columns).
        counts: (k,) electrons counted of each carbon atom.
        true: For each patch an array of dtype `nanotilt.lattices.defect_lists.FOUND`.
        found: The same of what was found.
        right: For each patch, which of the latter have the right kind and place.
    """
    n = len(views)
    rows = -(-n // _PER_ROW)
    with style.styled():
        figure = style.new_figure(2.7 * _PER_ROW, 2.9 * max(rows, 1))
        grid = figure.subplots(max(rows, 1), _PER_ROW, squeeze=False)
        for empty in grid.flat[n:]:
            empty.set_axis_off()
        for axes, i in zip(grid.flat, range(n), strict=False):
            low, high = np.percentile(views[i], (0.5, 99.5))
            axes.imshow(views[i], cmap="gray", vmin=low, vmax=high, interpolation="nearest")
            axes.set(xticks=[], yticks=[])
            axes.grid(visible=False)
            axes.plot(
                true[i]["x"], true[i]["y"], "o", markersize=11, markerfacecolor="none",
                markeredgecolor=TRUE, markeredgewidth=1.4,
            )  # fmt: skip
            for here, colour in ((right[i], RIGHT), (~right[i], WRONG)):
                axes.plot(
                    found[i]["x"][here], found[i]["y"][here], "x", markersize=6, color=colour,
                    markeredgewidth=1.5,
                )  # fmt: skip
            for one, sure in zip(found[i], right[i], strict=True):
                axes.annotate(
                    DEFECTS[one["kind"]], (one["x"], one["y"]), xytext=(0, -11), fontsize=6,
                    textcoords="offset points", ha="center", color=RIGHT if sure else WRONG,
                )  # fmt: skip
            axes.set(xlim=(-0.5, views.shape[2] - 0.5), ylim=(views.shape[1] - 0.5, -0.5))
            axes.set_title(electrons_in_words(float(counts[i])), fontsize=7)
    return style.inline_svg(figure, "Patches with their true defects and those that were found.")


def which_are_right(true: Defects, found: Defects, within_px: float) -> list[npt.NDArray[np.bool_]]:
    """Which found defects have the kind and place of a true one.

    Args:
        true: As for `found_defects`.
        found: As for `found_defects`.
        within_px: How far from the true place is right.
    """
    right = []
    for there, seen in zip(true, found, strict=True):
        places, others = (np.stack([one["x"], one["y"]], axis=1) for one in (there, seen))
        which = pairs_within(places, others, within_px)
        good = np.zeros(len(seen), bool)
        hit = which >= 0
        good[which[hit]] = there["kind"][hit] == seen["kind"][which[hit]]
        right.append(good)
    return right


def confusion_words(results: PlaceResults, level: float) -> tuple[list[str], list[list[str]]]:
    """Head and rows of the table of what defects were found as, in per cent of the true ones."""
    matrix = results.confusion(level)
    names = [*results.kinds, "nothing"]
    rows = []
    for name, row in zip(names, matrix, strict=True):
        if name == "nothing":  # what was found where nothing is, in numbers
            rows.append(["nothing", *(str(int(n)) for n in row[:-1]), "-"])
        else:
            total = max(int(row.sum()), 1)
            rows.append([name, *(f"{100 * n / total:.1f} %" if n else "0" for n in row)])
    return ["true", *names], rows
