"""What the overview shows of runs whose networks find particles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from nanotilt.report.fields import figures
from nanotilt.report.fields.figures import Curve
from nanotilt.report.fields.scores import WORDS, shown
from nanotilt.report.markup import figure, grid, paragraph, prose, section, table, text
from nanotilt.report.overview.groups import FieldGroup, Found
from nanotilt.runs.fields.results import AP75, DICE, F1, SIZE_ERROR
from nanotilt.runs.words import counted, duration

_DRAWN = (DICE, F1, AP75, SIZE_ERROR)


def field_section(anchor: str, one: Found) -> str:
    """One experiment: scores against dose, each group a curve, and all in numbers."""
    reference = one.reference
    parts = [f'<p class="question">{text(reference.question)}</p>'] if reference.question else []
    parts += [prose(reference.about)] if reference.about else []
    runs = [run for group in one.groups for run in group.runs]
    fields = runs[0].results.n_fields
    words = (
        f"{counted(len(runs), 'run')}, each tested on {fields:,} unseen fields; means over the "
        "runs, errors from run to run, or of the test for one run."
    )
    parts.append(paragraph(words))
    several = any(len(run.at_doses()) > 1 for run in runs)
    if several:
        parts.append(grid(_curves(one.groups), "wide"))
    head = ("network", "varied", "dose", *WORDS.values(), "runs", "time")
    parts.append(table(head, _rows(one.groups)))
    return section(anchor, one.name, *parts)


def group_scores(group: FieldGroup, dose: float) -> dict[str, tuple[float, float]]:
    """Mean and standard error of each score at a dose, over the runs of a group."""
    found = {}
    for name in WORDS:
        metrics = [run.at_doses()[dose][name] for run in group.runs]
        values = np.array([metric.value for metric in metrics])
        if len(values) > 1:
            error = float(values.std(ddof=1) / np.sqrt(len(values)))
        else:
            error = metrics[0].standard_error or 0.0
        found[name] = (float(values.mean()), error)
    return found


def _doses(group: FieldGroup) -> list[float]:
    return list(group.runs[0].at_doses())


def _curves(groups: Sequence[FieldGroup]) -> Iterator[str]:
    for score in _DRAWN:
        curves = []
        for group in groups:
            doses = _doses(group)
            values = [group_scores(group, dose)[score] for dose in doses]
            name = f"{group.name}{f', {group.varied}' if group.varied else ''}"
            curves.append(Curve(name, doses, [v for v, _ in values], [e for _, e in values]))
        percent = score == SIZE_ERROR
        what = f"{WORDS[score]} / %" if percent else WORDS[score]
        yield figure(figures.against_dose(curves, what, percent=percent))


def _rows(groups: Sequence[FieldGroup]) -> Iterator[tuple[str, ...]]:
    from nanotilt.tasks.metrics import Metric

    for group in groups:
        seconds = float(np.mean([run.seconds for run in group.runs]))
        for dose in _doses(group):
            scores = group_scores(group, dose)
            yield (
                group.name, group.varied, "-" if np.isnan(dose) else f"{dose:g}",
                *(shown(name, Metric(*scores[name])) for name in WORDS),
                str(len(group.runs)), duration(seconds),
            )  # fmt: skip
