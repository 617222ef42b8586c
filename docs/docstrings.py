"""Docstrings as reStructuredText, for the page of all public names.

They are written for ``help()`` in a terminal: code is indented, with no mark before it, and stars
and bars mean themselves.
"""

from __future__ import annotations

import re
from typing import Any

_LITERAL = re.compile(r"(``.+?``|`[^`]+`)")


def as_markup(_app: Any, what: str, _name: str, _obj: Any, _options: Any, lines: list[str]) -> None:
    """Marks indented code as such, and takes their meaning from stars and bars; in place.

    It comes before the extension that reads sections such as Args, whose entries are indented
    without an empty line before them. Of a property, that extension would take what stands before
    a colon in the first line for its type.
    """
    if what == "property" and lines:
        lines[:1] = lines[0].replace(": ", ":\n", 1).split("\n")
    made: list[str] = []
    in_code = False
    for i, line in enumerate(lines):
        indented = line.startswith("    ")
        if indented and i > 0 and not lines[i - 1].strip() and not in_code:
            in_code = not _last_text(lines[:i]).startswith(" ")
            made += [".. code-block:: python", ""] if in_code else []
        elif line.strip() and not indented:
            in_code = False
        made.append(line if in_code else _escaped(line))
    lines[:] = made


def _last_text(lines: list[str]) -> str:
    return next((line for line in reversed(lines) if line.strip()), "")


def _escaped(line: str) -> str:
    parts = _LITERAL.split(line)
    return "".join(p if p.startswith("`") else re.sub(r"([*|])", r"\\\1", p) for p in parts)
