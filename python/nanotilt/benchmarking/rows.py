"""The tables of a record, as headings and rows of text: for the terminal and for the docs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from nanotilt.benchmarking import wording
from nanotilt.benchmarking.growth import straight_line
from nanotilt.benchmarking.results import Quantity, Rate, Record, Route


@dataclass(frozen=True)
class TextTable:
    """A table of text.

    Attributes:
        title: What it shows.
        headings: One for each column.
        rows: One text for each column.
        n_text_columns: The first columns, which are words; the others are numbers.
        verdict_column: The column that says "met" or "not met", or None.
        section_starts: Rows that something new begins with.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_text_columns: int
    verdict_column: int | None = None
    section_starts: frozenset[int] = frozenset()


def goals_table(record: Record) -> TextTable:
    """All lines with a goal, and those beside them."""
    rows = tuple(
        (
            line.what,
            wording.value_of(line),
            wording.goal(line.goal, line.unit),
            wording.verdict(line),
            wording.figures(line),
        )
        for line in record.lines
    )
    headings = ("figure", "value", "goal (stretch)", "", "made of")
    return TextTable("Goals", headings, rows, 1, verdict_column=3)


def rates_table(record: Record) -> TextTable:
    """Samples per second and microseconds per sample; both routes side by side."""
    found = {(r.recipe, r.batch_size, r.threads, r.route): r for r in record.rates}
    recipes = list(dict.fromkeys(rate.recipe for rate in record.rates))
    places = sorted({key[:3] for key in found}, key=lambda key: (recipes.index(key[0]), *key[1:]))
    rows: list[tuple[str, ...]] = []
    starts, last = set(), ""
    for recipe, batch_size, threads in places:
        if recipe != last:
            starts.add(len(rows))
        cells = [recipe if recipe != last else "", f"{batch_size:,}", str(threads)]
        for route in get_args(Route):
            cells += _rate_cells(found.get((recipe, batch_size, threads, route)))
        rows.append(tuple(cells))
        last = recipe
    headings = ("recipe", "batch", "threads", "NumPy /s", "µs", "tf.data /s", "µs")
    return TextTable(
        "Samples per second, and microseconds per sample",
        headings,
        tuple(rows),
        1,
        section_starts=frozenset(starts),
    )


def costs_table(record: Record) -> TextTable:
    """Microseconds per sample by corners, views and bins, beside a straight line."""
    rows: list[tuple[str, ...]] = []
    starts = set()
    for quantity in get_args(Quantity):
        values, costs = record.costs_of(quantity)
        if len(values) < 2:
            continue
        starts.add(len(rows))
        line = straight_line(values, costs)
        for i, (value, cost) in enumerate(zip(values, costs, strict=True)):
            share = f"{100 * (line.at(value) / cost - 1):+.0f} %"
            name = quantity if i == 0 else ""
            rows.append(
                (name, f"{value:,}", f"{cost:.2f}", f"{line.at(value):.2f}", share),
            )
    headings = ("quantity", "value", "µs per sample", "straight line", "line's error")
    title = "Cost of a sample, one thread"
    return TextTable(title, headings, tuple(rows), 1, section_starts=frozenset(starts))


def fit_sentences(record: Record) -> list[str]:
    """For each quantity, its straight line in words."""
    sentences = []
    for quantity in get_args(Quantity):
        values, costs = record.costs_of(quantity)
        if len(values) < 2:
            continue
        line = straight_line(values, costs)
        sentences.append(
            f"{quantity}: {line.fixed:.2f} µs + {1e3 * line.per_unit:.2f} ns per "
            f"{quantity.removesuffix('s')}; largest deviation "
            f"{100 * line.largest_deviation(values, costs):.0f} %"
        )
    return sentences


USUAL_SIZES = "All but the one quantity: 90 corners, 2 views, 64 bins."


def all_tables(record: Record) -> tuple[TextTable, ...]:
    """Every table that has rows."""
    tables = (goals_table(record), rates_table(record), costs_table(record))
    return tuple(table for table in tables if table.rows)


def _rate_cells(rate: Rate | None) -> tuple[str, str]:
    if rate is None:
        return "-", "-"
    return f"{rate.samples_per_second:,.0f}", f"{rate.microseconds_per_sample:.2f}"
