"""docs/own_scene.md runs, and names files that are there."""

from __future__ import annotations

import re
from typing import Any

import pytest

import nanotilt as nt
from places import DOCS, ROOT

PAGE = (DOCS / "own_scene.md").read_text(encoding="utf-8")


def test_the_page_runs() -> None:
    pytest.importorskip("tensorflow")
    blocks = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(blocks) == 3
    names: dict[str, Any] = {}
    for block in blocks:
        exec(block, names)
    assert names["recipe"].spec["mask"].shape == (64, 64)
    assert names["batch"]["boxes"].shape == (100, 6, 4)
    assert names["images"].shape == (16, 1, 64, 64)
    assert names["masks"].shape == (16, 64, 64)


def test_the_files_are_there() -> None:
    rows = re.findall(r"^\| `([\w./]+/)([\w.]+)`(?:, `([\w.]+)`)? \|", PAGE, flags=re.MULTILINE)
    files = [ROOT / folder / name for folder, *names in rows for name in names if name]
    assert len(files) == 6
    assert [path for path in files if not path.is_file()] == []
    row = '{"discs", 1, read_as_class<read_discs>}'
    assert row in PAGE
    assert row in (ROOT / "cpp/core/program/kinds.cpp").read_text()
    assert nt.Discs.version == 1
