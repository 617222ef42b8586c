"""A record and a comparison on a terminal."""

from __future__ import annotations

from nanotilt._base.optional import needed_for
from nanotilt.benchmarking import wording
from nanotilt.benchmarking.comparison import Change, Comparison
from nanotilt.benchmarking.results import Record
from nanotilt.benchmarking.rows import USUAL_SIZES, TextTable, all_tables, fit_sentences

with needed_for("The table"):
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

_VERDICT_STYLES = {"met": "green", "not met": "bold red", "not measured": "yellow"}
_WIDE = 110
"""Columns from which on raw figures have a column of their own."""


def print_record(record: Record, console: Console) -> None:
    """Prints where it was measured, every table, and how many goals are met."""
    for name, value in wording.circumstances(record):
        console.print(Text.assemble((f"{name:<10}", "bold"), value))
    warning = wording.disturbance(record)
    if warning:
        console.print(Text(warning, style="yellow"))
    for table in reversed(all_tables(record)):  # the goals last: a terminal shows the end
        console.print()
        if table.verdict_column is not None and console.width < _WIDE:
            table = _with_figures_below(table)
        console.print(_rich_table(table))
        if table.title.startswith("Cost"):
            for sentence in (USUAL_SIZES, *fit_sentences(record)):
                console.print(Text(sentence, style="dim"))
    console.print(Text(wording.summary(record), style="bold"))


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Prints what differs in circumstances, and old, new and change of every figure."""
    console.print()
    for warning in comparison.warnings:
        console.print(Text(f"warning: {warning}", style="yellow"))
    table = Table(title=f"Compared with {comparison.name}", **_LOOK)
    table.add_column("figure", overflow="fold")
    for heading in ("old", "new", "change", ""):
        table.add_column(heading, justify="left" if not heading else "right", no_wrap=True)
    for i, change in enumerate(comparison.changes):
        if i == 0 or change.group != comparison.changes[i - 1].group:
            table.add_section()
            table.add_row(Text(change.group, style="bold"))
        style = {"better": "green", "worse": "bold red"}.get(change.verdict, "")
        words = Text(change.verdict, style=style)
        table.add_row(change.what, *_numbers(change), Text(change.percent, style=style), words)
    console.print(table)
    console.print(Text(comparison.summary, style="bold"))


def _numbers(change: Change) -> tuple[str, str]:
    return wording.quantity(change.old, change.unit), wording.number(change.new)


_LOOK: dict[str, object] = {
    "box": box.SIMPLE_HEAD,
    "title_justify": "left",
    "title_style": "bold",
    "pad_edge": False,
    "collapse_padding": True,
    "show_edge": False,
}


def _rich_table(table: TextTable) -> Table:
    shown = Table(title=table.title, **_LOOK)
    for i, heading in enumerate(table.headings):
        is_words = i < table.n_text_columns or heading == "made of" or i == table.verdict_column
        shown.add_column(
            heading,
            justify="left" if is_words else "right",
            no_wrap=i > 0 and heading != "made of",
            overflow="fold",
        )
    for i, row in enumerate(table.rows):
        if i and i in table.section_starts:
            shown.add_section()
        shown.add_row(*(_cell(table, column, text) for column, text in enumerate(row)))
    return shown


def _cell(table: TextTable, column: int, text: str) -> Text:
    return Text(text, style=_VERDICT_STYLES.get(text, "") if column == table.verdict_column else "")


def _with_figures_below(table: TextTable) -> TextTable:
    """Raw figures under each line's text instead of beside it, for narrow terminals."""
    rows = tuple(
        (f"{row[0]}\n  {row[-1]}" if row[-1] else row[0], *row[1:-1]) for row in table.rows
    )
    return TextTable(table.title, table.headings[:-1], rows, 1, table.verdict_column)
