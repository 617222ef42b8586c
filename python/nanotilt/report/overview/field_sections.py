"""What the overview shows of runs whose networks find particles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from nanotilt.report.fields import figures
from nanotilt.report.fields.figures import Curve
from nanotilt.report.fields.scores import WORDS, shown
from nanotilt.report.fields.tracks import TRACK_WORDS, shown_track
from nanotilt.report.markup import figure, grid, paragraph, prose, section, table, text
from nanotilt.report.overview.groups import FieldGroup, Found
from nanotilt.runs.fields.results import AP75, DICE, F1, SIZE_ERROR
from nanotilt.runs.words import counted, duration
from nanotilt.tasks.metrics import Metric

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
    if any(run.tracks is not None for run in runs):
        head = ("network", "varied", "dose", *TRACK_WORDS.values(), "runs")
        parts.append(table(head, _track_rows(one.groups)))
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


def _track_rows(groups: Sequence[FieldGroup]) -> Iterator[tuple[str, ...]]:
    """Means over the runs; errors from run to run, or of the test for one run."""
    for group in groups:
        tracked = [run.tracks for run in group.runs if run.tracks is not None]
        for dose in tracked[0].doses if tracked else ():
            row = []
            for name in TRACK_WORDS:
                known = [scores[name] for one in tracked if name in (scores := one.at_dose(dose))]
                values = [metric.value for metric in known]
                if len(values) > 1:
                    error = float(np.std(values, ddof=1) / np.sqrt(len(values)))
                    row.append(shown_track(Metric(float(np.mean(values)), error)))
                else:
                    row.append(shown_track(known[0] if known else None))
            at = "-" if np.isnan(dose) else f"{dose:g}"
            yield group.name, group.varied, at, *row, str(len(tracked))


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
    for group in groups:
        seconds = float(np.mean([run.seconds for run in group.runs]))
        for dose in _doses(group):
            scores = group_scores(group, dose)
            yield (
                group.name, group.varied, "-" if np.isnan(dose) else f"{dose:g}",
                *(shown(name, Metric(*scores[name])) for name in WORDS),
                str(len(group.runs)), duration(seconds),
            )  # fmt: skip
