"""The history of a run as CSV."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterable
from typing import Any

from nanotilt.runs.records import EpochRecord


def to_csv(history: Iterable[Any], kind: type[Any] = EpochRecord) -> str:
    """One line per epoch under a line of names.

    Args:
        history: The epochs' records.
        kind: What they are: the dataclass whose fields are the names.
    """
    buffer = io.StringIO()
    names = [field.name for field in dataclasses.fields(kind)]
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for record in history:
        writer.writerow([_short(getattr(record, name)) for name in names])
    return buffer.getvalue()


def _short(value: float | str) -> str:
    return f"{value:.7g}" if isinstance(value, float) else str(value)
