"""What the overview shows of runs that learned perfect patches alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nanotilt.report.lattices.scores import cell
from nanotilt.report.markup import paragraph, prose, section, table, text
from nanotilt.report.overview.groups import Unlike
from nanotilt.runs.words import counted, duration


def patch_section(anchor: str, one: Unlike) -> str:
    """One experiment: the best score's AUC of each run, by electrons counted and kind of defect."""
    reference = one.reference
    parts = [f'<p class="question">{text(reference.question)}</p>'] if reference.question else []
    parts += [prose(reference.about)] if reference.about else []
    patches = one.groups[0].runs[0].results.n_patches
    words = (
        f"{counted(len(one.runs), 'run')}, each tested on {patches:,} unseen patches: the AUC of "
        "the best score, and in parentheses the precision if 1 % of the patches had a defect."
    )
    kinds = one.groups[0].runs[0].results.kinds
    head = ("network", "varied", "seed", "score", "electrons", "any", *kinds, "time")
    return section(anchor, one.name, *parts, paragraph(words), table(head, _rows(one, kinds)))


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
