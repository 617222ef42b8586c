"""docs/lattices.md: its examples run in order; its kinds, targets and doses are the package's."""

from __future__ import annotations

import re
from typing import Any

import pytest

import nanotilt as nt
from nanotilt.scenes.lattice_terms import DEFECTS
from places import DOCS

PAGE = (DOCS / "lattices.md").read_text(encoding="utf-8")


def test_examples_run() -> None:
    names: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    exec("\n".join(blocks[:2]), names)
    assert names["batch"].views.shape == (8, 1, 48, 48)
    assert names["batch"]["defects"].shape == (8, 1, 4)
    least, most = names["camera"].dose_per_square_angstrom
    assert least == most == pytest.approx(20_700, rel=5e-3)
    assert names["nitrogen"] == pytest.approx(1.39, abs=5e-3)
    exec("\n".join(blocks[2:]), names)
    assert names["images"].views.shape == (4, 1, 64, 64)
    assert names["best"].curve[1].auc.value > 0.9
    assert names["masks"].shape == (4, 128, 128)
    assert names["fitted"].match.shape == (8, 1)


def test_all_kinds_are_listed() -> None:
    listed = re.findall(r"`([a-z0-9-]+)`", PAGE.split("## Defects")[1].split("```python")[0])
    assert set(DEFECTS) == set(listed) - {"relief"}


def test_targets_are_what_the_page_says() -> None:
    section = PAGE.split("## What can be asked for")[1].split("\n## ")[0]
    listed = re.findall(r"^\| `([a-z_`, ]+)` \|", section, flags=re.MULTILINE)
    targets = {name.strip("` ") for row in listed for name in row.split(",")}
    known = {output.name for output in nt.Lattice().truths(nt.DarkField().frame)}
    assert known - {"angle_rad"} == targets - {"label"}


def test_doses_are_what_the_page_says() -> None:
    rows = re.findall(r"^\| (\d+) \| ([\d,]+) \|$", PAGE, flags=re.MULTILINE)
    assert len(rows) == 5
    for counts, dose in rows:
        told = nt.DarkField(counts=float(counts)).dose_per_square_angstrom
        assert told is not None
        assert told[0] == pytest.approx(float(dose.replace(",", "")), rel=0.02)
