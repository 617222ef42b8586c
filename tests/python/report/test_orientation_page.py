"""docs/orientation_models.md: its example runs, and what it says of parameters is true."""

from __future__ import annotations

import re
from typing import Any

import pytest

from places import DOCS

pytest.importorskip("keras")

import nanotilt as nt

PAGE = (DOCS / "orientation_models.md").read_text()


def test_python_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    names: dict[str, Any] = {}
    shorter = block.replace("angles = rng.uniform(0, np.pi / 2, 400)", "angles = np.arange(64.0)")
    exec(shorter.replace("epochs=5", "epochs=1").replace("400)", "64)"), names)
    assert names["pairs"].shape == (64, 2, 64, 64)
    assert names["found"].shape == (64,)
    assert "OrientationScores(n_samples=64" in capsys.readouterr().out


def test_parameters_are_those_of_the_networks() -> None:
    rows = re.findall(r"^\| `(\w+)(\(.*\))` \| ([\d,]+)", PAGE, flags=re.MULTILINE)
    assert len(rows) == 7
    for name, arguments, parameters in rows:
        call = arguments.replace(", n", ", 4").replace(
            "(skips", "(symmetry=4, stereo_deg=10, skips"
        )
        model = eval(f"models.{name}{call}", {"models": nt.models})
        assert model.count_params() == int(parameters.replace(",", ""))
