"""A picture: accuracy against the size of the bank, between what bounds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nanotilt._base.files import write_whole
from nanotilt.limits.results import Limit
from nanotilt.report import style
from nanotilt.report._matplotlib import Axes, Figure
from nanotilt.report.figures import short_count
from nanotilt.runs.published import Published


def draw(limit: Limit, name: str, paper: Published | None) -> Figure:
    """Accuracy of each bank with its interval, extrapolation, oracle, and the paper's score.

    Args:
        limit: What was found.
        name: What to call the recipe.
        paper: The paper's score, if any.
    """
    with style.styled():
        figure = style.new_figure(5.0, 3.2)
        axes = figure.subplots()
        axes.set_title(f"{style.shown(name)}: the best accuracy that is possible")
        axes.set(xscale="log", xlabel="templates in the bank", ylabel="accuracy / %")
        sizes = [point.bank_size for point in limit.curve]
        _draw_curve(axes, limit, sizes)
        _draw_bounds(axes, limit, paper, sizes)
        axes.set_xlim(sizes[0] / 1.5, sizes[-1] * 12)
        axes.set_xticks(sizes, [short_count(size) for size in sizes])
        axes.minorticks_off()
        low, high = axes.get_ylim()
        axes.set_ylim(low, min(high + 0.04 * (high - low), 100.5))
    return figure


def save(limit: Limit, name: str, paper: Published | None, path: Path) -> None:
    """Draws and writes the picture.

    Args:
        limit: What was found.
        name: What to call the recipe.
        paper: The paper's score, if any.
        path: Where to; its suffix is the format.

    Raises:
        OSError: It can't be written.
    """
    figure = draw(limit, name, paper)
    settings: dict[str, Any] = {"dpi": 200}
    if path.suffix.lower() == ".svg":
        settings["metadata"] = {"Date": None}  # the same limit gives the same file
    with style.styled():
        write_whole(path, lambda partial: figure.savefig(partial, **settings))


def _draw_curve(axes: Axes, limit: Limit, sizes: list[int]) -> None:
    values = [100 * point.accuracy.value for point in limit.curve]
    intervals = [point.accuracy.interval_95 for point in limit.curve]
    below = [value - 100 * low for value, (low, _) in zip(values, intervals, strict=True)]
    above = [100 * high - value for value, (_, high) in zip(values, intervals, strict=True)]
    axes.errorbar(
        sizes, values, yerr=[below, above], color=style.series_colour(0), marker="o",
        markersize=3.5, capsize=2.5, zorder=3,
    )  # fmt: skip
    axes.annotate(
        f"bank {values[-1]:.1f} %", xy=(sizes[-1], values[-1]), xytext=(6, -10),
        textcoords="offset points", color=style.series_colour(0), fontsize=8,
    )  # fmt: skip
    if limit.extrapolated is not None:
        low, high = (100 * end for end in limit.extrapolated.interval_95)
        value = 100 * limit.extrapolated.value
        at = sizes[-1] * 2.2
        colour = style.series_colour(0)
        axes.plot([sizes[-1], at], [values[-1], value], color=colour, linestyle=":", linewidth=1.0)
        axes.errorbar(
            [at], [value], yerr=[[value - low], [high - value]], color=colour, marker="D",
            markersize=3.5, capsize=2.5, markerfacecolor="white", zorder=3,
        )  # fmt: skip
        axes.annotate(
            f"extrapolated {value:.1f} %", xy=(at, value), xytext=(6, 2),
            textcoords="offset points", color=colour, fontsize=8,
        )  # fmt: skip


def _draw_bounds(axes: Axes, limit: Limit, paper: Published | None, sizes: list[int]) -> None:
    if limit.upper is not None:
        colour = style.series_colour(1)
        value = 100 * limit.upper.value
        axes.axhspan(
            *(100 * end for end in limit.upper.interval_95), color=colour, alpha=0.15, linewidth=0
        )
        axes.axhline(value, color=colour, linewidth=1.2)
        _say(axes, sizes[-1] * 11, value, f"oracle {value:.1f} %", colour, "right")
    if paper is not None:
        value = 100 * paper.accuracy
        axes.axhline(value, color=style.MUTED, linestyle="--", linewidth=1.0)
        _say(axes, sizes[0] / 1.4, value, f"the paper {value:.1f} %", style.MUTED, "left")


def _say(axes: Axes, place: float, value: float, words: str, colour: str, side: str) -> None:
    """Words above a line, from its left end or up to its right end."""
    axes.annotate(
        words, xy=(place, value), xytext=(0, 3), textcoords="offset points", ha=side,
        color=colour, fontsize=8,
    )  # fmt: skip
