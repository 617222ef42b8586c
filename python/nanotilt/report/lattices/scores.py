"""How well defects are found, in sections that reports of all runs on lattices have."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nanotilt.limits import measured_lattice
from nanotilt.recipes.recipe import Recipe
from nanotilt.report import style
from nanotilt.report.lattices import figures
from nanotilt.report.lattices.curves import auc_panels
from nanotilt.report.markup import details, figure, grid, paragraph, section, table, text
from nanotilt.runs.lattices.results import ALL, DefectResults, Row

_ABOUT = (
    "An area under the ROC curve (AUC) means nothing without the kind of the defect and the "
    "electrons counted: below 10 of each carbon atom hardly anything sees a vacancy, above 256 "
    "even a Fourier filter does. Where a recipe draws numbers of electrons, they are told in steps "
    "of a factor 2. Standard "
    "errors are those of Hanley and McNeil. In parentheses the precision, if 1 % of the patches "
    "had a defect and as many were picked: an AUC of 0.99 may still mean a precision below a half."
)


_CURVES = (
    "The dashed line is the limit: the exact likelihood ratio of an oracle that knows all of a "
    "patch but whether there is a defect, where, and of which of the kinds. Dotted: a perfect "
    "lattice fitted to each patch by itself, without any training. The axis is that of the logit: "
    "0.9, 0.99 and 0.999 lie equally far apart."
)


def defect_sections(
    results: DefectResults | None, name: str = "network", recipe: Recipe | None = None
) -> str:
    """AUC against dose and kind, ROC curves and distributions of the best score, in sections.

    Args:
        results: Scores of unseen patches, or None: no sections.
        name: What the network is called.
        recipe: What the patches are of; if its limit was measured, that is shown beside them.
    """
    if results is None:
        return ""
    score = results.best
    levels = results.levels
    limit = None if recipe is None else measured_lattice(recipe)
    drawn, panels = [], []
    if len(levels) > 1:
        shown = {f"{name}, {style.shown(score)}": [results]}
        panels += [figure(auc_panels(shown, limit)), paragraph(_CURVES)]
        if len(results.scores) > 1:
            drawn.append(figure(figures.auc_of_scores(results)))
    rocs = [figure(figures.roc_curves(results, score))]
    some = sorted({levels[len(levels) // 3], levels[2 * len(levels) // 3]})
    rocs += [figure(figures.distributions(results, score, level)) for level in some]
    others = [name for name in results.scores if name != score]
    more = [details(f"The table of {name}", _table(results, name)) for name in others]
    return "\n".join(
        (
            section(
                "defects", "Defects against dose", paragraph(_ABOUT), *panels,
                _table(results, score), grid(drawn, "wide"), *more,
            ),
            section("roc", "ROC curves and scores", grid(rocs, "wide")),
        )
    )  # fmt: skip


def elsewhere_section(elsewhere: Mapping[str, DefectResults]) -> str:
    """How well defects are found in patches of kinds that the network never saw.

    Args:
        elsewhere: Scores of patches, by what they are.
    """
    if not elsewhere:
        return ""
    words = (
        "The same network on patches of kinds that it never saw. The fit of a lattice, which needs "
        "no training, stands beside it where it can be done."
    )
    parts = []
    for name, results in elsewhere.items():
        parts += [f"<h3>{text(name)}</h3>", _table(results, results.best)]
        if results.best_fit is not None:
            parts.append(details("The fitted lattice", _table(results, results.best_fit)))
    return section("elsewhere", "Other patches", paragraph(words), *parts)


def _table(results: DefectResults, score: str) -> str:
    kinds = (ALL, *(results.kinds if len(results.kinds) > 1 else ()))
    rows = [
        (
            "-" if np.isnan(level) else f"{level:g}",
            *(cell(results.row(score, level, kind)) for kind in kinds),
        )
        for level in results.levels
    ]
    return table(("electrons", *kinds), rows, f"AUC of {score}, and precision at 1 %")


def cell(row: Row | None) -> str:
    """An AUC with its standard error, and the precision, in a table; a dash where there is none."""
    if row is None:
        return "-"
    return in_words(row.auc.value, row.auc.standard_error or 0.0, row.precision)


def in_words(auc: float, error: float, precision: float) -> str:
    """An AUC with its standard error, and the precision; more digits where it is nearly 1."""
    digits = 3 if auc < 0.99 else 4
    return f"{auc:.{digits}f} ± {error:.{digits}f} ({100 * precision:.0f} %)"
