"""A record as Markdown, for the documentation."""

from __future__ import annotations

from collections.abc import Iterator

from nanotilt.benchmarking import wording
from nanotilt.benchmarking.results import Record
from nanotilt.benchmarking.rows import USUAL_SIZES, TextTable, all_tables, fit_sentences


def markdown(record: Record) -> str:
    """Where a record was measured, and its tables, as a piece of a Markdown page."""
    lines = [
        "<!-- Made from bench.json by docs/measure.py: measure again instead of editing. -->",
        "",
        *(f"- {name}: {value}" for name, value in wording.circumstances(record)),
        "",
        f"{wording.summary(record)}.",
    ]
    warning = wording.disturbance(record)
    if warning:
        lines += ["", f"**{warning}**"]
    for table in all_tables(record):
        lines += ["", f"### {table.title}", "", *_rows(table)]
        if table.title.startswith("Cost"):
            lines += ["", f"{USUAL_SIZES} Straight lines:", ""]
            lines += [f"- {sentence}" for sentence in fit_sentences(record)]
    return "\n".join(lines) + "\n"


def _rows(table: TextTable) -> Iterator[str]:
    """The table in the notation of GitHub, numbers to the right."""
    words = {*range(table.n_text_columns), table.verdict_column}
    words |= {i for i, heading in enumerate(table.headings) if heading == "made of"}
    yield _row(table.headings)
    yield _row(tuple(":--" if i in words else "--:" for i in range(len(table.headings))))
    yield from map(_row, table.rows)


def _row(cells: tuple[str, ...]) -> str:
    escaped = (cell.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;") for cell in cells)
    return f"| {' | '.join(escaped)} |"
