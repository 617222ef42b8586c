"""docs/fields.md: its examples run in order, and its table of networks tells what they weigh."""

from __future__ import annotations

import re
from typing import Any

import pytest

import nanotilt as nt
from nanotilt.scenes.fields import Field
from places import DOCS

pytest.importorskip("tensorflow")
PAGE = (DOCS / "fields.md").read_text(encoding="utf-8")


def test_examples_run() -> None:
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL):
        exec(block, names)
    assert names["batch"].views.shape == (8, 1, 128, 128)
    assert len(names["diameters"]) == 8
    images = names["recipe"].sample(seed=2, count=2).views
    assert all(found.shape[1] == 5 for found in names["model"].boxes(images))


def test_targets_and_weights_are_what_the_page_says() -> None:
    listed = re.findall(r"^\| `([a-z_`, ]+)` \|", PAGE, flags=re.MULTILINE)
    targets = {name.strip("` ") for row in listed for name in row.split(",")}
    known = {output.name for output in Field().truths(nt.ScanningCamera(64, 3).frame)}
    assert known - {"angle_rad"} <= targets
    for name, weights in re.findall(r"models\.(\w+)` \| ([\d,]+)", PAGE):
        assert f"{getattr(nt.models, name)().count_params():,}" == weights
