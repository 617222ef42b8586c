"""docs/labels.md: its examples run in order, and what it says of the errors of filling is true."""

from __future__ import annotations

import re
from typing import Any

import pytest

from places import DOCS

PAGE = (DOCS / "labels.md").read_text(encoding="utf-8")


def test_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL):
        exec(block, names)
    nearest, gaussian = map(float, re.findall(r"\d\.\d+", capsys.readouterr().out))
    assert gaussian < 0.8 * nearest
    assert names["rays"].shape == (4, 64, 64, 32)
    assert names["peaks"].max() > 0.9
    assert (names["pixels"].sum(axis=1) == (names["instances"] > 0).sum(axis=(1, 2))).all()


def test_the_figure_is_there() -> None:
    for name in re.findall(r"```\{image\} (\S+)", PAGE):
        assert (DOCS / name).stat().st_size > 1000
