"""The history of a run as CSV."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterable

from nanotilt.runs.records import EpochRecord


def to_csv(history: Iterable[EpochRecord]) -> str:
    """One line per epoch under a line of names: `EpochRecord`'s fields."""
    buffer = io.StringIO()
    names = [field.name for field in dataclasses.fields(EpochRecord)]
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for record in history:
        writer.writerow([_short(getattr(record, name)) for name in names])
    return buffer.getvalue()


def _short(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.7g}"
