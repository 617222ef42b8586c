"""What the overview shows of runs that tell kinds and places of defects."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nanotilt.report.lattices import places_page
from nanotilt.report.markup import paragraph, prose, section, table, text
from nanotilt.report.overview.groups import Placed
from nanotilt.runs.words import counted, duration


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


def _asked(one: Placed) -> list[str]:
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
