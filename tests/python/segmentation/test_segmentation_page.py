"""docs/segmentation.md: its examples run in order, and its tables hold what is measured."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

from nanotilt.tracking import link, scores
from particle_cases import KINDS, RADII, measured
from places import DOCS
from video_cases import walks

PAGE = (DOCS / "segmentation.md").read_text(encoding="utf-8")


def test_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL):
        exec(block, names)
    first, second = capsys.readouterr().out.splitlines()
    assert float(re.findall(r"F1 ([\d.]+)", first)[0]) > 0.95
    assert float(re.findall(r"HOTA ([\d.]+)", second)[0]) > 0.95
    assert names["picture"].shape == (128, 128, 3)
    assert len(names["found"].lineage) == 1
    assert {"feret_max", "circularity"} <= set(names["table"].dtype.names)


def test_errors_of_sizes() -> None:
    """Each figure is told as far as 100 outlines can tell it."""
    rows = re.findall(r"^\| (ellipse|rod|polygon) \| (\d+) \| (.*) \|$", PAGE, flags=re.MULTILINE)
    assert [(kind, int(radius)) for kind, radius, _ in rows] == [
        (k, r) for k in KINDS for r in RADII
    ]
    for kind, radius, rest in rows:
        shown = [float(number) for number in re.findall(r"[-+]?\d+\.\d+", rest)]
        found, truth = measured(kind, int(radius))
        ratio = {
            name: 100 * (found[name] / truth[name] - 1)
            for name in ("diameter", "perimeter", "circularity")
        }
        feret = [found[name] - truth[name] for name in ("feret_max", "feret_min")]
        values = [
            (ratio["diameter"].std(), ratio["diameter"].std()),
            *((ratio[name].mean(), ratio[name].std()) for name in ("perimeter", "circularity")),
            *((number, off.std()) for off in feret for number in (off.mean(), off.std())),
        ]
        for number, (value, scatter) in zip(shown, values, strict=True):
            # Other versions of NumPy may draw other outlines.
            assert abs(number - value) < 0.051 + 4 * scatter / math.sqrt(100), (kind, radius)


def test_tracks() -> None:
    rows = re.findall(r"^\| ([\d.]+) \| (\d) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", PAGE, re.M)
    assert len(rows) == 4
    for step in (1.4, 4.0):
        rng = np.random.default_rng(2)
        videos = [walks(rng, step=step) for _ in range(12)]
        for row in rows:
            if float(row[0]) == step:
                gate, weight = max(4.0, 3.5 * step), float(row[1])
                linked = [link(video.tables, gate, size_weight=weight) for video in videos]
                found = scores([video.true for video in videos], linked)
                shown = [float(number) for number in row[2:]]
                assert [found.mota, found.idf1, found.hota] == pytest.approx(shown, abs=0.015)
