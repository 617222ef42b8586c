"""How well defects are found, in sections that reports of all runs on lattices have."""

from __future__ import annotations

import numpy as np

from nanotilt.report.lattices import figures
from nanotilt.report.markup import details, figure, grid, paragraph, section, table
from nanotilt.runs.lattices.results import ALL, DefectResults, Row

_ABOUT = (
    "An area under the ROC curve (AUC) means nothing without the kind of the defect and the "
    "electrons counted: below 10 of each carbon atom hardly anything sees a vacancy, above 256 "
    "even a Fourier filter does. Numbers of electrons are told in steps of a factor 2. Standard "
    "errors are those of Hanley and McNeil. In parentheses the precision, if 1 % of the patches "
    "had a defect and as many were picked: an AUC of 0.99 may still mean a precision below a half."
)


def defect_sections(results: DefectResults | None) -> str:
    """AUC against dose and kind, ROC curves and distributions of the best score, in sections.

    Args:
        results: Scores of unseen patches, or None: no sections.
    """
    if results is None:
        return ""
    score = results.best
    levels = results.levels
    drawn = []
    if len(levels) > 1:
        drawn.append(figure(figures.auc_of_kinds(results, score)))
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
                "defects", "Defects against dose", paragraph(_ABOUT), grid(drawn, "wide"),
                _table(results, score), *more,
            ),
            section("roc", "ROC curves and scores", grid(rocs, "wide")),
        )
    )  # fmt: skip


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
    error = row.auc.standard_error or 0.0
    return f"{row.auc.value:.4f} ± {error:.4f} ({100 * row.precision:.0f} %)"
