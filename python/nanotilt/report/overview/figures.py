"""The overview's figures, as SVG for the page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np

from nanotilt.report import style
from nanotilt.report._matplotlib import Axes, LogLocator, NullLocator
from nanotilt.report.figures import short_count
from nanotilt.report.insight_figures import AXIS_NAMES, accuracy_axes, finish, noise_axis, place_of
from nanotilt.report.overview.groups import Group, is_number
from nanotilt.report.overview.reference import Reference
from nanotilt.runs.findings import Curve, QuestionInsight
from nanotilt.runs.run import ClassificationRun
from nanotilt.runs.words import counted

SPAN_OF_LOG_AXIS = 10.0
"""Values that are positive and span more than this factor are drawn on a logarithmic axis."""

_DASHES = ("-", "--", ":", "-.")
_MODEL_COLOURS = {"fast": 0, "paper": 1}


def accuracy_curves(groups: Sequence[Group], reference: Reference) -> str:
    """Validation accuracy against samples seen: a line for each run, a colour for each group."""
    with style.styled():
        figure, axes = accuracy_axes("training samples seen")
        _log_axis(axes)
        axes.set_ylabel("validation accuracy / %")
        for group, colour in _coloured(groups):
            label: str | None = style.shown(group.name)
            for run in group.runs:
                if run.history:
                    _run_line(axes, run, colour, label)
                    label = None
        reference_lines(axes, reference)
        finish(axes, None)
    told = "; ".join(
        f"{group.name}: {counted(len(group.runs), 'run')}, "
        f"{100 * group.accuracy().mean:.1f} % in the test"
        for group in groups
    )
    return style.inline_svg(figure, f"Validation accuracy against samples seen. {told}.")


def reference_lines(axes: Axes, reference: Reference) -> None:
    """Lines of the paper, the target and the limits."""
    if reference.paper is not None:
        _line(axes, reference.paper.accuracy, "--", style.MUTED, "the paper")
    if reference.target is not None:
        _line(axes, reference.target, "-.", style.SERIES[2], "target")
    limit = reference.limit
    if limit is None:
        return
    if limit.upper is None:
        _line(axes, limit.lower, "-", style.SERIES[3], "limit, at least")
        return
    axes.axhspan(
        100 * limit.lower, 100 * limit.upper, color=style.SERIES[3], alpha=0.14, linewidth=0,
        label="limit lies here",
    )  # fmt: skip


def quantity_figure(groups: Sequence[Group], question: str, quantity: str) -> str:
    """Accuracy against a size or place: means over each group's runs, spread between them."""
    with style.styled():
        figure, axes = accuracy_axes(AXIS_NAMES.get(quantity, style.shown(quantity)))
        told = []
        for group, colour in _coloured(groups):
            for line, dashes in zip(_quantity_lines(group, question, quantity), cycle(_DASHES)):
                _spread_line(axes, line, colour, dashes)
                told.append(line.words())
        finish(axes, None)
    return style.inline_svg(figure, f"Accuracy against {quantity}. {'; '.join(told)}.")


def noise_figure(groups: Sequence[Group], question: str) -> str:
    """Accuracy against the factor on the noise: means over runs, spread between them."""
    with style.styled():
        figure, axes = accuracy_axes("noise / noise that it was trained with")
        told = []
        for group, colour in _coloured(groups):
            levels = [looked.noise for looked in looked_at(group, question) if looked.noise]
            if not levels:
                continue
            noise_axis(axes, [level.factor for level in levels[0]])
            line = _mean_line(
                group.name,
                [[place_of(level.factor) for level in one] for one in levels],
                [[level.right.accuracy for level in one] for one in levels],
            )
            _spread_line(axes, line, colour)
            told.append(line.words())
        finish(axes, None)
    return style.inline_svg(figure, f"Accuracy against the factor on noise. {'; '.join(told)}.")


@dataclass(frozen=True)
class VariedLine:
    """Groups that differ in one parameter.

    Attributes:
        name: What the line is called; may be empty.
        question: Number of the question that it is about.
        points: (value, group) pairs in the values' order.
    """

    name: str
    question: int
    points: tuple[tuple[Any, Group], ...]


def variation_figure(path: str, lines: Sequence[VariedLine]) -> str:
    """Accuracy against a varied parameter."""
    values = list(dict.fromkeys(json.dumps(value) for line in lines for value, _ in line.points))
    parsed = [json.loads(value) for value in values]
    numeric = all(is_number(value) for value in parsed)
    with style.styled():
        figure, axes = accuracy_axes(style.shown(path))
        if numeric:
            axes.xaxis.set_major_formatter(_count)
        if numeric and min(parsed) > 0 and max(parsed) > SPAN_OF_LOG_AXIS * min(parsed):
            _log_axis(axes)
        for number, line in enumerate(lines):
            x = [v if numeric else values.index(json.dumps(v)) for v, _ in line.points]
            _error_bars(axes, x, line, number)
        if not numeric:
            axes.set_xticks(range(len(values)), [style.shown(value) for value in parsed])
        finish(axes, None)
    told = "; ".join(
        f"{line.name or 'accuracy'}: "
        + ", ".join(
            f"{100 * group.accuracy(line.question).mean:.1f} % at {value}"
            for value, group in line.points
        )
        for line in lines
    )
    return style.inline_svg(figure, f"Accuracy against {path}. {told}.")


def looked_at(group: Group, question: str) -> list[QuestionInsight]:
    """What was found of a question in each of a group's runs that was examined."""
    found = (run.looked_at(question) for run in group.runs)
    return [looked for looked in found if looked is not None]


def quantities(groups: Iterable[Group], question: str) -> list[str]:
    """The quantities that some run has curves for, in their order."""
    looked = (one for group in groups for one in looked_at(group, question))
    return list(dict.fromkeys(curve.quantity for one in looked for curve in one.curves))


@dataclass(frozen=True)
class _Line:
    """A curve's mean over runs, in per cent, and its standard deviation or None."""

    name: str
    x: np.ndarray
    mean: np.ndarray
    std: np.ndarray | None

    def words(self) -> str:
        return f"{self.name}: from {self.mean[0]:.1f} % to {self.mean[-1]:.1f} %"


def _quantity_lines(group: Group, question: str, quantity: str) -> list[_Line]:
    """A group's mean curves, one for each set of samples."""
    by_samples: dict[str, list[Curve]] = {}
    for looked in looked_at(group, question):
        for curve in looked.curves:
            if curve.quantity == quantity:
                by_samples.setdefault(curve.samples, []).append(curve)
    return [
        _mean_line(
            group.name if samples == "all" else f"{group.name}: {samples}",
            [[point.mean for point in curve.points] for curve in curves],
            [[point.right.accuracy for point in curve.points] for curve in curves],
        )
        for samples, curves in by_samples.items()
    ]


def _mean_line(name: str, x: list[list[float]], shares: list[list[float]]) -> _Line:
    """Bins of equal count are the same quantiles in every run, so the n-th go together."""
    n = min(len(one) for one in x)
    places = np.array([one[:n] for one in x])
    y = 100 * np.array([one[:n] for one in shares])
    std = y.std(axis=0, ddof=1) if len(y) > 1 else None
    return _Line(name, places.mean(axis=0), y.mean(axis=0), std)


def _spread_line(axes: Axes, line: _Line, colour: str, dashes: str = "-") -> None:
    axes.plot(
        line.x,
        line.mean,
        dashes,
        color=colour,
        marker="o",
        markersize=3.2,
        label=style.shown(line.name),
    )
    if line.std is not None:
        axes.fill_between(
            line.x, line.mean - line.std, line.mean + line.std, color=colour, alpha=0.18,
            linewidth=0,
        )  # fmt: skip


def _error_bars(axes: Axes, x: Sequence[Any], line: VariedLine, number: int) -> None:
    """Means, with the deviation from run to run, or of one run the test's standard error."""
    means, deviations = [], []
    for _, group in line.points:
        spread = group.accuracy(line.question)
        means.append(100 * spread.mean)
        error = group.uncertainty(line.question)
        deviations.append(100 * (error if spread.std is None else spread.std))
    axes.errorbar(
        x, means, yerr=deviations, marker="o", markersize=3.2, color=style.series_colour(number),
        capsize=2.0, elinewidth=0.9, label=style.shown(line.name) or None,
    )  # fmt: skip


def _run_line(axes: Axes, run: ClassificationRun, colour: str, label: str | None) -> None:
    x = [record.samples_seen for record in run.history]
    y = [100 * record.val_accuracy for record in run.history]
    marker = "o" if len(x) == 1 else ""
    axes.plot(
        x, y, color=colour, linewidth=1.0, alpha=0.85, marker=marker, markersize=3.2, label=label
    )


def _coloured(groups: Sequence[Group]) -> list[tuple[Group, str]]:
    """Each network has its colour everywhere; further groups take the next ones."""
    used: set[int] = set()
    coloured = []
    for group in groups:
        number = _MODEL_COLOURS.get(group.model, 4)
        while number in used:
            number += 4 if number < 2 else 1
        used.add(number)
        coloured.append((group, style.series_colour(number)))
    return coloured


def _count(value: float, _: object) -> str:
    return short_count(value)


def _log_axis(axes: Axes) -> None:
    """A logarithmic axis with a mark at 1, 2 and 5 of each decade."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(_count)
    axes.xaxis.set_minor_locator(NullLocator())


def _line(axes: Axes, share: float, dashes: str, colour: str, label: str) -> None:
    axes.axhline(100 * share, linestyle=dashes, color=colour, linewidth=1.0, label=label)
