"""The report's figures, as SVG for the page."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nanotilt.limits.results import Limit
from nanotilt.recipes.recipe import Recipe
from nanotilt.report import style
from nanotilt.report._matplotlib import Axes, Figure, MaxNLocator
from nanotilt.report.drawing import Sample, Scales, card
from nanotilt.runs.published import Published
from nanotilt.runs.records import EpochRecord
from nanotilt.tasks.metrics import Score


def loss_curves(history: Sequence[EpochRecord]) -> str:
    """Training and validation loss against the samples seen."""
    with style.styled():
        figure, axes = _curve_axes(history, "loss / nats")
        _curve(axes, history, "loss", "training", 0)
        _curve(axes, history, "val_loss", "validation", 1)
        _legend_above(axes)
    first, last = history[0], history[-1]
    return style.inline_svg(
        figure,
        f"Loss against samples seen: training from {first.loss:.3f} to {last.loss:.3f}, "
        f"validation from {first.val_loss:.3f} to {last.val_loss:.3f}.",
    )


def accuracy_curves(
    history: Sequence[EpochRecord],
    test: Score,
    tested: EpochRecord,
    paper: Published | None,
    limit: Limit | None = None,
) -> str:
    """Accuracy of training and validation against the samples seen, beside the test's.

    Args:
        history: The epochs.
        test: The test's score.
        tested: The epoch whose weights were tested.
        paper: The paper's score, if any.
        limit: Bounds of what is possible, if they were measured: a band from the bank of templates
            up to the oracle.
    """
    with style.styled():
        figure, axes = _curve_axes(history, "accuracy / %")
        _curve(axes, history, "accuracy", "training", 0, 100.0)
        _curve(axes, history, "val_accuracy", "validation", 1, 100.0)
        axes.errorbar(
            [tested.samples_seen], [100 * test.accuracy], yerr=[196 * test.standard_error],
            color=style.INK, marker="D", markersize=3.5, capsize=2.5, linewidth=1.0,
            linestyle="none", label="test, 95 %", zorder=3,
        )  # fmt: skip
        if paper is not None:
            axes.axhline(
                100 * paper.accuracy,
                color=style.MUTED,
                linestyle="--",
                linewidth=1.0,
                label="the paper",
            )
        if limit is not None:
            _draw_limit(axes, limit)
        _legend_above(axes)
    first, last = history[0], history[-1]
    return style.inline_svg(
        figure,
        f"Accuracy against samples seen: validation from {100 * first.val_accuracy:.1f} % to "
        f"{100 * last.val_accuracy:.1f} %, test {100 * test.accuracy:.1f} %.",
    )


def _draw_limit(axes: Axes, limit: Limit) -> None:
    """The best accuracy that is possible lies in the band."""
    colour = style.series_colour(2)
    low = 100 * limit.lower.value
    high = 100.0 if limit.upper is None else 100 * limit.upper.value
    axes.axhspan(low, high, color=colour, alpha=0.10, linewidth=0, label="best possible")
    for value in (low, high):
        axes.axhline(value, color=colour, linewidth=0.7)


def sample_card(recipe: Recipe, sample: Sample, scales: Scales) -> str:
    """A particle beside its views."""
    name = recipe.class_names[sample.label]
    views = "its view" if recipe.n_views == 1 else f"its {recipe.n_views} views"
    return style.inline_svg(
        card(recipe, sample, scales), f"Sample {sample.index}, {name}: the particle and {views}."
    )


def _curve_axes(history: Sequence[EpochRecord], name: str) -> tuple[Figure, Axes]:
    figure = style.new_figure(4.3, 2.6)
    axes = figure.subplots()
    axes.set(xlabel="training samples seen", ylabel=name)
    axes.set_xlim(0, 1.04 * history[-1].samples_seen)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: short_count(value))
    return figure, axes


def _legend_above(axes: Axes) -> None:
    """The legend above the axes, where it hides no curve: in one line, or two of three entries."""
    n_columns = 4 if len(axes.get_legend_handles_labels()[0]) <= 4 else 3
    axes.legend(
        loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=n_columns, columnspacing=1.2,
        handlelength=1.6,
    )  # fmt: skip


def _curve(
    axes: Axes,
    history: Sequence[EpochRecord],
    field: str,
    label: str,
    colour: int,
    factor: float = 1.0,
) -> None:
    axes.plot(
        [record.samples_seen for record in history],
        [factor * getattr(record, field) for record in history],
        color=style.series_colour(colour),
        marker="o",
        markersize=2.6 if len(history) <= 40 else 0,
        label=label,
    )


def short_count(value: float) -> str:
    """A number of samples for an axis: 500, 20 k, 1.2 M."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(value) >= size:
            return f"{value / size:.4g} {unit}"
    return f"{value:.4g}" if math.isfinite(value) else ""
