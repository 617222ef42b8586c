"""What the overview shows of runs on patches of lattices: which have defects, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from nanotilt.limits import measured_lattice
from nanotilt.report.lattices import places_page
from nanotilt.report.lattices.curves import auc_panels
from nanotilt.report.lattices.scores import cell, in_words
from nanotilt.report.markup import details, figure, paragraph, prose, section, table, text
from nanotilt.report.overview.groups import ExperimentRuns, G, PatchGroup, Placed, Unlike
from nanotilt.runs.lattices.reading import PatchRun
from nanotilt.runs.lattices.results import ALL, DefectResults
from nanotilt.runs.words import counted, duration

_MOST_CURVES = 6
"""Networks in one figure: more cannot be told apart."""

TOGETHER = "patches-together"

_LINES = (
    "Dashed: the limit, the exact likelihood ratio of an oracle. Dotted: a perfect lattice fitted "
    "to each patch by itself, without training. Bands are standard errors; over several runs, of "
    "their mean."
)


def patch_section(anchor: str, one: Unlike) -> str:
    """One experiment: AUC of the best score of each network, by electrons and kind of defect."""
    parts = asked_words(one)
    first = one.groups[0].runs[0].results
    words = (
        f"{counted(len(one.runs), 'run')}, each tested on {first.n_patches:,} unseen patches: the "
        "AUC of the best score, mean over runs with its standard error, at each number of "
        "electrons counted of a carbon atom; in parentheses the precision if 1 % of the patches "
        "had a defect."
    )
    parts.append(paragraph(words))
    plain = [group for group in one.groups if not group.variation] or list(one.groups)
    if len(plain) <= _MOST_CURVES:
        parts += _panels(plain)
    for kind in (ALL, *first.kinds[:1]):
        name = "Any defect" if kind == ALL else kind
        parts += [f"<h3>{text(name)}</h3>", _table_of(one.groups, kind)]
    for name in dict.fromkeys(name for group in one.groups for name in group.runs[0].elsewhere):
        parts += [f"<h3>Other patches: {text(name)}</h3>", _table_of(one.groups, ALL, name)]
    kinds = first.kinds
    head = ("network", "varied", "seed", "score", "electrons", "any", *kinds, "time")
    parts.append(details("Every run by itself", table(head, _rows(one, kinds))))
    return section(anchor, one.name, *parts)


def together_section(experiments: Sequence[Unlike]) -> str:
    """The networks of several experiments that were tested on one recipe, in one figure."""
    by_recipe: dict[str, list[PatchGroup]] = {}
    for one in experiments:
        for group in one.groups:
            recipe = group.runs[0].tested_on
            if not group.variation and recipe is not None:
                by_recipe.setdefault(recipe.digest, []).append(group)
    parts = [
        part
        for groups in by_recipe.values()
        if 1 < len(groups) <= _MOST_CURVES
        for part in _panels(groups)
    ]
    if not parts:
        return ""
    words = "The networks of all experiments on the same patches, each by its best score."
    return section(TOGETHER, "Networks side by side", paragraph(words), *parts)


def _panels(groups: Sequence[PatchGroup]) -> list[str]:
    recipe = groups[0].runs[0].tested_on
    limit = None if recipe is None else measured_lattice(recipe)
    named: dict[str, Sequence[DefectResults]] = {}
    for group in groups:
        results = group.runs[0].results
        if len(results.levels) < 2:
            return []
        varied = f", {group.varied}" if group.variation else ""
        named[f"{group.name}{varied}, {results.best}"] = [run.results for run in group.runs]
    return [figure(auc_panels(named, limit)), paragraph(_LINES)]


def _table_of(groups: Sequence[PatchGroup], kind: str, elsewhere: str | None = None) -> str:
    """A row for each group, a column for each number of electrons."""
    known = [
        (group, found)
        for group in groups
        if (found := [r for run in group.runs if (r := _results(run, elsewhere)) is not None])
    ]
    levels = known[0][1][0].levels
    head = ("network", "varied", "runs", *("-" if np.isnan(one) else f"{one:g}" for one in levels))
    rows = [
        (
            group.name, group.varied, str(len(found)),
            *(_mean_cell(found, level, kind) for level in levels),
        )
        for group, found in known
    ]  # fmt: skip
    return table(head, rows)


def _results(run: PatchRun, elsewhere: str | None) -> DefectResults | None:
    return run.results if elsewhere is None else run.elsewhere.get(elsewhere)


def _mean_cell(found: Sequence[DefectResults], level: float, kind: str) -> str:
    if len(found) == 1:
        return cell(found[0].row(found[0].best, level, kind))
    rows = [one.row(one.best, level, kind) for one in found]
    known = [row for row in rows if row is not None]
    if not known:
        return "-"
    aucs = np.array([row.auc.value for row in known])
    error = aucs.std(ddof=1) / len(aucs) ** 0.5 if len(aucs) > 1 else 0.0
    precision = float(np.mean([row.precision for row in known]))
    return in_words(float(aucs.mean()), float(error), precision)


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
    return section(anchor, one.name, *asked_words(one), paragraph(words), table(head, rows))


def asked_words(one: ExperimentRuns[G]) -> list[str]:
    """The question of an experiment and what else there is to say, as HTML.

    Args:
        one: Its runs.
    """
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
