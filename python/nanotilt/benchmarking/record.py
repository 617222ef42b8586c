"""A run's record as JSON, and back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

from nanotilt._base.checks import received
from nanotilt._base.decoding import decode
from nanotilt._base.text_files import parsed, read_text
from nanotilt.benchmarking.results import FORMAT, Record


def to_json(record: Record) -> str:
    """A record as JSON text that `from_json` reads.

    Args:
        record: What `measure` gave.
    """
    return json.dumps(dataclasses.asdict(record), indent=1, ensure_ascii=False) + "\n"


def from_json(text: str) -> Record:
    """Reads what `to_json` wrote.

    Raises:
        ValueError: It is not JSON, of another format, or a field is missing, unknown or wrong.
    """
    try:
        value = parsed(text)
    except ValueError as error:
        raise ValueError(f"the file must hold JSON: {error}") from error
    found = value.get("format") if isinstance(value, dict) else None
    if isinstance(value, dict) and found != FORMAT:
        raise ValueError(f"format must be {FORMAT}. {received('format', found)}")
    record = decode(Record, value, "")
    for field, number in _speeds(record):
        if number <= 0:
            raise ValueError(f"{field} must be > 0. {received(field, number)}")
    return record


def _speeds(record: Record) -> Iterator[tuple[str, float]]:
    """All rates and costs of a record, each with the name of its field."""
    for i, rate in enumerate(record.rates):
        yield f"rates[{i}].samples_per_second", rate.samples_per_second
    for i, cost in enumerate(record.costs):
        yield f"costs[{i}].microseconds", cost.microseconds
    for i, point in enumerate(record.scaling):
        yield f"scaling[{i}].samples_per_second", point.samples_per_second


def read(path: Path) -> Record:
    """Reads a record's file.

    Args:
        path: The file, as ``nanotilt bench --json FILE`` writes it.

    Raises:
        OSError: It can't be read.
        ValueError: It is not a record; the message names file and field.
    """
    try:
        return from_json(read_text(path))
    except OSError as error:
        raise OSError(f"{path} can't be read: {error.strerror or error}") from error
    except ValueError as error:  # a UnicodeDecodeError is one, too
        raise ValueError(f"{path} is not a record of nanotilt bench: {error}") from error
