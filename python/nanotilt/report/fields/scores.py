"""The scores of a network that finds particles: in one line each, and against the dose."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nanotilt.report.fields import figures
from nanotilt.report.fields.figures import Curve
from nanotilt.report.markup import details, figure, grid, paragraph, section, table, text
from nanotilt.runs.fields.results import (
    AP50,
    AP75,
    COUNT_ERROR,
    DIAMETER_ERROR,
    DICE,
    F1,
    PQ,
    SIZE_ERROR,
    FieldResults,
)
from nanotilt.tasks.metrics import Metric

WORDS = {
    DICE: "Dice",
    F1: "F1",
    AP50: "AP at IoU 0.5",
    AP75: "AP at IoU 0.75",
    PQ: "panoptic quality",
    SIZE_ERROR: "size error",
    COUNT_ERROR: "number",
    DIAMETER_ERROR: "mean diameter",
}
"""What scores are called in tables."""

_ABOUT = {
    "Otsu and watershed": "Otsu's method thresholds a flattened, blurred field and splits by a "
    "watershed; it learns nothing.",
    "random forest": "The random forest learns from 60,000 pixels at most, and is scored on fewer "
    "fields.",
}
"""What reports say of methods without a network."""

_SIGNED = (COUNT_ERROR, DIAMETER_ERROR)


def shown(name: str, metric: Metric) -> str:
    """A score with its standard error, as a page and a terminal show it."""
    if not np.isfinite(metric.value):
        return "-"
    if name in _SIGNED:
        words = f"{100 * metric.value:+.1f} %".replace("-", "\N{MINUS SIGN}")
    elif name == SIZE_ERROR:
        words = f"{100 * metric.value:.1f} %"
    else:
        words = f"{metric.value:.3f}"
    if metric.standard_error is None:
        return words
    error = metric.standard_error
    tail = f"{100 * error:.1f}" if name in (*_SIGNED, SIZE_ERROR) else f"{error:.3f}"
    return f"{words} ± {tail}"


def told(scores: Mapping[str, Metric], dose: float | None) -> str:
    """Scores in one line, for the terminal."""
    words = ", ".join(
        f"{WORDS[name]} {shown(name, scores[name])}" for name in (DICE, F1, SIZE_ERROR, COUNT_ERROR)
    )
    return words if dose is None else f"{dose:g} electrons/px: {words}"


def doses(tested: FieldResults) -> tuple[float, ...]:
    """The different doses that fields were tested at; above twelve, none: they were drawn."""
    different = np.unique(tested.dose)
    return tuple(float(dose) for dose in different) if len(different) <= 12 else ()


def summary(tested: FieldResults) -> str:
    """What was asked, and how well it was answered."""
    scores = tested.scores()
    hero = (
        '<div class="hero"><div><p class="eyebrow">F1 on unseen fields</p>'
        f'<div class="big">{scores[F1].value:.3f}</div>'
        f'<p class="under">{text(_counted(tested))}</p></div></div>'
    )
    facts = "".join(
        f"<div><dt>{text(WORDS[name])}</dt><dd>{text(shown(name, metric))}</dd></div>"
        for name, metric in scores.items()
    )
    question = "Where are the particles, and how large are they?"
    words = (
        "A particle counts as found when it shares more than half of the union with its truth. "
        "Dice is the overlap of foreground; AP = TP / (TP + FP + FN); the size error is the mean "
        "of |d / d0 - 1| over the particles found, d the equivalent diameter; number and mean "
        "diameter are of all particles, relative to the truth."
    )
    return section(
        "summary",
        "Summary",
        f'<p class="question">{text(question)}</p>',
        hero,
        f'<dl class="facts">{facts}</dl>',
        paragraph(words),
    )


def _counted(tested: FieldResults) -> str:
    return (
        f"{int(tested.n_true.sum()):,} particles in {tested.n_fields:,} fields; "
        f"{int(tested.n_found.sum()):,} found"
    )


def _rows(name: str, tested: FieldResults) -> list[tuple[str, ...]]:
    rows = []
    for dose in doses(tested):
        scores = tested.scores(tested.dose == dose)
        rows.append((f"{name}, {dose:g}", *(shown(key, scores[key]) for key in WORDS)))
    return rows


def _curve(name: str, tested: FieldResults, key: str) -> Curve:
    found = [tested.scores(tested.dose == dose)[key] for dose in doses(tested)]
    errors = [metric.standard_error or 0.0 for metric in found]
    return Curve(name, doses(tested), [metric.value for metric in found], errors)


def against_dose(tested: FieldResults, baselines: Mapping[str, FieldResults]) -> str:
    """Scores against the dose; empty where all fields were tested at one, or at any."""
    if len(doses(tested)) < 2:
        return ""
    known = [("this network", tested), *baselines.items()]
    drawn = [
        figure(
            figures.against_dose(
                [_curve(name, one, key) for name, one in known],
                f"{WORDS[key]} / %" if key == SIZE_ERROR else WORDS[key],
                percent=key == SIZE_ERROR,
            )
        )
        for key in (DICE, F1, AP75, SIZE_ERROR)
    ]
    head = ("dose", *WORDS.values())
    rows = [row for name, one in known for row in _rows(name, one)]
    words = (
        "Dose is electrons per pixel of background. Bands and errors are one standard error, by "
        "leaving out one field after another. "
    ) + " ".join(_ABOUT[name] for name in baselines if name in _ABOUT)
    return section(
        "dose",
        "Scores against dose",
        paragraph(words),
        grid(drawn, "wide"),
        details("All scores in numbers", table(head, rows)),
    )
