"""docs/reports.md: its examples run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import nanotilt as nt
from nanotilt import models
from overview_cases import write_run
from places import DOCS

PAGE = DOCS / "reports.md"


def test_python_examples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_run(tmp_path / "runs" / "one", 0.93, seed=7)
    models.StereoClassifier.for_recipe(nt.recipes.chirality(), compile=False).save(
        folder / "model.keras"
    )
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    assert len(blocks) == 2
    names: dict[str, Any] = {}
    for block in blocks:
        exec(block.replace("count=20_000", "count=200"), names)
    printed = capsys.readouterr().out
    assert "chirality fast 7 93.00 %" in printed
    assert "same_class 0." in printed
    assert names["found"].n_samples == 200
    assert "My runs" in names["page"]


def test_the_columns_are_those_of_the_csv(tmp_path: Path) -> None:
    from nanotilt.report import overview

    write_run(tmp_path / "run")
    head = overview.to_csv(overview.collect([tmp_path]).runs).splitlines()[0].split(",")
    words = PAGE.read_text().rpartition("## Columns of the CSV")[2]
    assert [name for name in re.findall(r"`([\w:.]+)`", words) if ":" not in name] == head
