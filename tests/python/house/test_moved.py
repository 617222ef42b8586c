"""docs/moved.md tells where modules went: each is there, and none is where it was."""

from __future__ import annotations

import re
from importlib.util import find_spec

import pytest

from places import DOCS

PAGE = (DOCS / "moved.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(nanotilt[\w.]+)`.* \| `(nanotilt[\w.]+)` \|$", PAGE, re.MULTILINE)
STILL_A_FOLDER = {"nanotilt.streaming"}


def is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize(("was", "found"), ROWS)
def test_modules_are_where_the_page_says(was: str, found: str) -> None:
    assert is_module(found) or is_module(found.rpartition(".")[0])
    assert was in STILL_A_FOLDER or not is_module(was)


def test_the_page_lists_many() -> None:
    assert len(ROWS) > 20
