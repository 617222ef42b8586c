"""Ways to damage a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

JUNK: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut short": lambda data: data[: len(data) // 2],
    "not UTF-8": lambda data: data + b"\xff",
    "binary": lambda data: b"\x89PNG\r\n\x1a\n\x00\x00\xff",
    "another kind": lambda data: b"[1, 2]\n",
    "nested": lambda data: b"[" * 100_000,
}
"""What becomes of a file as a whole."""


def spoil(path: Path, how: str) -> None:
    """Damages a file as a whole."""
    data = path.read_bytes()
    path.unlink()
    if how == "a folder":
        path.mkdir()
    else:
        path.write_bytes(JUNK[how](data))


def put(path: Path, place: str, value: Any) -> None:
    """Puts a value into a JSON file, or takes one out if it is `...`."""
    tree = json.loads(path.read_text())
    *outer, last = place.split(".")
    inside = tree
    for key in outer:
        inside = inside[int(key) if key.isdecimal() else key]
    if value is ...:
        del inside[last]
    else:
        inside[last] = value
    path.write_text(json.dumps(tree))


def told_in_one_line(capsys: pytest.CaptureFixture[str], *words: str) -> None:
    told = capsys.readouterr().err
    assert told.startswith("nanotilt: error: ")
    assert told.count("\n") == 1
    for word in words:
        assert word in told
