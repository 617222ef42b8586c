"""Text and JSON from files that anybody may have written: read, or refused in words."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

from nanotilt._base.checks import received

_MARKS = (
    # UTF-32's mark begins like UTF-16's, so it comes first.
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_MOST_KEYS_NAMED = 10


class RepeatedKeysError(ValueError):
    """A JSON object names a key twice, of which only one could count."""


def decoded(data: bytes) -> str:
    """Text from bytes: UTF-8, or UTF-16 or UTF-32 with a byte order mark, as editors write it.

    Raises:
        ValueError: It is none of these; the words tell where.
    """
    mark, encoding, name = next(
        (known for known in _MARKS if data.startswith(known[0])), (b"", "utf-8", "UTF-8")
    )
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        place = len(mark) + error.start
        line = data[:place].count(b"\n") + 1
        raise ValueError(
            f"the text must be {name}, or UTF-16 or UTF-32 with a byte order mark: "
            f"byte 0x{data[place]:02x} at position {place}, line {line}, is not {name}"
        ) from error
    if not mark and "\x00" in text:
        raise ValueError(
            "the text must be UTF-8, or UTF-16 or UTF-32 with a byte order mark: "
            f"there is a zero byte at position {data.index(0)}, as in UTF-16 without its mark"
        )
    return text


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        OSError: It can't be read.
        ValueError: It is no text that can be read, see `decoded`.
    """
    return decoded(path.read_bytes())


def parsed(text: str) -> Any:
    """The value that a JSON text stands for; NaN and infinity pass, for the fields to refuse.

    Raises:
        RepeatedKeysError: An object names a key twice.
        ValueError: It is not JSON, nested too deeply, or has a number of too many digits.
    """
    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_distinct)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def read_json_object(path: Path) -> dict[str, Any]:
    """The JSON object that a file holds.

    Raises:
        OSError: It can't be read.
        ValueError: It holds something else; the words name the file.
    """
    try:
        value = parsed(read_text(path))
    except ValueError as error:
        raise damaged(path, error) from error
    if not isinstance(value, dict):
        raise damaged(path, f"it must hold a JSON object. {received('value', value)}")
    return value


def read_csv(path: Path, names: Collection[str]) -> tuple[dict[str, str | None], ...]:
    """The rows of a table with a line of names at its head; a short row lacks its last values.

    Args:
        path: The file.
        names: Columns that there must be.

    Raises:
        OSError: It can't be read.
        ValueError: It is no text, or has other columns; the words name the file.
    """
    try:
        reader = csv.DictReader(io.StringIO(read_text(path), newline=""))
        found = reader.fieldnames or ()
        missing = [name for name in names if name not in found]
        if missing:
            raise ValueError(
                f"its first line must name {named(missing)}. Received: {named(list(found))}"
            )
        return tuple(reader)
    except (csv.Error, ValueError) as error:
        raise damaged(path, error) from error


def damaged(path: Path, why: object) -> ValueError:
    """The error for a file that does not hold what it should."""
    return ValueError(f"{path} is damaged: {why}")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object's keys and values; no key may come twice, because only one could count."""
    distinct = dict(pairs)
    if len(distinct) == len(pairs):
        return distinct
    counts = Counter(key for key, _ in pairs)
    repeated = sorted(key for key, count in counts.items() if count > 1)
    raise RepeatedKeysError(f"Received twice: {named(repeated)}")


def named(keys: list[str]) -> str:
    """Keys as words, the first ones if there are many."""
    more = len(keys) - _MOST_KEYS_NAMED
    words = [repr(key) if len(key) <= 50 else repr(key[:47]) + "..." for key in keys]
    listed = ", ".join(words[:_MOST_KEYS_NAMED]) or "none"
    return f"{listed} and {more:,} more" if more > 0 else listed
