"""A picture: what a sample costs by corners, views and bins, and the rate by threads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from nanotilt._base.files import write_whole
from nanotilt.benchmarking.growth import straight_line
from nanotilt.benchmarking.results import Quantity, Record
from nanotilt.report import style
from nanotilt.report._matplotlib import Axes, Figure, MaxNLocator

FORMATS = (".png", ".svg")

_TITLES: dict[Quantity, str] = {
    "corners": "corners of the outline",
    "views": "views",
    "bins": "bins of a view",
}


def draw(record: Record) -> Figure:
    """Four panels: measured points and the straight line through them."""
    with style.styled():
        figure = style.new_figure(7.2, 4.9)
        panels = figure.subplots(2, 2)
        for axes, quantity in zip(panels.flat, get_args(Quantity), strict=False):
            _draw_cost(axes, quantity, *record.costs_of(quantity))
        _draw_threads(
            panels[1][1],
            [point.threads for point in record.scaling],
            [point.samples_per_second / 1e6 for point in record.scaling],
        )
        build = record.build
        figure.supxlabel(
            "What does not vary: 90 corners, 2 views, 64 bins, one thread. "
            f"{style.shown(record.machine.cpu)}, SIMD {style.shown(build.simd)}",
            fontsize=7.5,
            color=style.MUTED,
        )
    return figure


def save(record: Record, path: Path) -> None:
    """Draws a record and writes the picture.

    Args:
        record: What to draw.
        path: Where to; ends in .png or .svg. An SVG names the record's date as its source.

    Raises:
        OSError: It can't be written.
    """
    figure = draw(record)
    with style.styled():
        if path.suffix.lower() == ".svg":
            settings: dict[str, Any] = {"metadata": {"Date": None, "Source": source(record)}}
        else:
            settings = {"dpi": 200}
        write_whole(path, lambda partial: figure.savefig(partial, **settings))


def source(record: Record) -> str:
    """Tells which record a picture was made from."""
    return f"nanotilt bench, {record.date}"


def _draw_cost(axes: Axes, quantity: Quantity, x: Sequence[int], y: Sequence[float]) -> None:
    line = straight_line(x, y)
    one = quantity.removesuffix("s")
    per_unit = line.per_unit
    slope = f"{per_unit:.2f} µs" if per_unit >= 0.1 else f"{1e3 * per_unit:.1f} ns"
    _draw_points(axes, x, y, f"{line.fixed:.2f} µs + {slope} per {one}", line.fixed, per_unit)
    axes.set_title(f"Cost against {_TITLES[quantity]}")
    axes.set(xlabel=_TITLES[quantity], ylabel="time of a sample / µs")


def _draw_threads(axes: Axes, x: Sequence[int], y: Sequence[float]) -> None:
    per_thread = y[0] / x[0]
    _draw_points(axes, x, y, "one thread's rate, times threads", 0.0, per_thread)
    axes.set_title("Rate against threads")
    axes.set(xlabel="threads", ylabel="million samples / s")
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))


def _draw_points(
    axes: Axes,
    x: Sequence[int],
    y: Sequence[float],
    label: str,
    fixed: float,
    per_unit: float,
) -> None:
    """Points, a line through them, and what the line says."""
    end = 1.05 * max(x)
    axes.plot(
        [0, end],
        [fixed, fixed + per_unit * end],
        color=style.series_colour(1),
        linewidth=1.0,
        label=label,
        zorder=2,
    )
    axes.plot(x, y, "o", markersize=4, color=style.series_colour(0), label="measured", zorder=3)
    axes.set_xlim(0, end)
    axes.set_ylim(0, 1.12 * max(*y, fixed + per_unit * max(x)))
    axes.legend(loc="upper left", borderaxespad=0.2)
