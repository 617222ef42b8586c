"""The README's examples run, in order, as they stand."""

from __future__ import annotations

import doctest
import re
from typing import Any

import pytest

import nanotilt as nt
from nanotilt.ops import images, projection, tomography
from places import ROOT

BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)


def test_python_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(BLOCKS) >= 4
    names: dict[str, Any] = {}
    for block in BLOCKS:
        # The example trains for minutes; two steps show that it runs.
        exec(block.replace("steps_per_epoch=400, epochs=10", "steps_per_epoch=2, epochs=1"), names)
    assert names["batch"].views.shape == (10_000, 2, 64)
    assert isinstance(names["data"].element_spec, tuple)
    assert nt.Recipe.from_json(names["text"]).digest == names["recipe"].digest
    assert "(90, 2) 1.0" in capsys.readouterr().out


@pytest.mark.parametrize(("module", "least"), [(projection, 3), (images, 2), (tomography, 2)])
def test_docstring_examples_run(module: Any, least: int) -> None:
    results = doctest.testmod(module)
    assert results.attempted >= least
    assert results.failed == 0
