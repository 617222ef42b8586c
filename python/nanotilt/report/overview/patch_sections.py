"""What the overview shows of runs that learned perfect patches alone, or find defects."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nanotilt.report.lattices import places_page
from nanotilt.report.lattices.scores import cell
from nanotilt.report.markup import paragraph, prose, section, table, text
from nanotilt.report.overview.groups import Placed, Unlike
from nanotilt.runs.words import counted, duration


def patch_section(anchor: str, one: Unlike) -> str:
    """One experiment: the best score's AUC of each run, by electrons counted and kind of defect."""
    patches = one.groups[0].runs[0].results.n_patches
    words = (
        f"{counted(len(one.runs), 'run')}, each tested on {patches:,} unseen patches: the AUC of "
        "the best score, and in parentheses the precision if 1 % of the patches had a defect."
    )
    kinds = one.groups[0].runs[0].results.kinds
    head = ("network", "varied", "seed", "score", "electrons", "any", *kinds, "time")
    return section(anchor, one.name, *_asked(one), paragraph(words), table(head, _rows(one, kinds)))


def defect_section(anchor: str, one: Placed) -> str:
    """One experiment: the share of defects that are right, by electrons counted and kind."""
    results = one.groups[0].runs[0].results
    words = (
        f"{counted(len(one.runs), 'run')}, each tested on {results.n_patches:,} unseen patches: "
        "share of the defects whose kind and place are right, in per cent, and in parentheses that "
        "of what was found."
    )
    head = ("network", "varied", "seed", "electrons", *results.columns, "time")
    rows = _defect_rows(one, results.columns)
    return section(anchor, one.name, *_asked(one), paragraph(words), table(head, rows))


def _asked(one: Unlike | Placed) -> list[str]:
    reference = one.reference
    parts = [f'<p class="question">{text(reference.question)}</p>'] if reference.question else []
    return parts + ([prose(reference.about)] if reference.about else [])


def _defect_rows(one: Placed, kinds: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for group in one.groups:
        for run in group.runs:
            for level in run.results.levels:
                yield (
                    group.name, group.varied, str(run.seed),
                    "-" if np.isnan(level) else f"{level:g}",
                    *(places_page.cell(run.results.row(level, kind)) for kind in kinds),
                    duration(run.seconds),
                )  # fmt: skip


def _rows(one: Unlike, kinds: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for group in one.groups:
        for run in group.runs:
            results = run.results
            for level in results.levels:
                yield (
                    group.name, group.varied, str(run.seed), results.best,
                    "-" if np.isnan(level) else f"{level:g}",
                    cell(results.row(results.best, level)),
                    *(cell(results.row(results.best, level, kind)) for kind in kinds),
                    duration(run.seconds),
                )  # fmt: skip
