"""The bits of polar cells and Fourier-Bessel series: the same on every machine, release by release.

`--write-known-answers` adds what tests/known_answers/polar_v1.json does not have yet.
"""

from __future__ import annotations

import json

import pytest

import nanotilt as nt
from conftest import RunPython
from places import KNOWN_ANSWERS

PRINT = """
import hashlib, json
import numpy as np
import nanotilt as nt

images = np.random.default_rng(11).integers(0, 9, (3, 70, 83)).astype(np.float32)
mask = np.ones((70, 83), bool)
mask[20:40, 30:50] = False
made = {}
for spacing in ("linear", "log"):
    cells = nt.polar_bins(images, (33.3, 40.1), 21, 17, (2.5, 50), spacing=spacing, mask=mask)
    made[f"cells {spacing}"] = cells.mean
    made[f"pixels {spacing}"] = cells.n_pixels
for odd in (False, True):
    plan = nt.FourierBessel((70, 83), (33.3, 40.1), 38.5, n=18, m=10, odd=odd, mask=mask)
    made[f"coefficients odd={odd}"] = plan.transform(images)
    grid = nt.polar_bins(images, (33.3, 40.1), 24, 20, 38.5, mask=mask)
    made[f"coefficients of cells odd={odd}"] = plan.transform(grid)
    made[f"drawn odd={odd}"] = plan.inverse(made[f"coefficients odd={odd}"])
print(json.dumps({key: hashlib.sha256(one.tobytes()).hexdigest() for key, one in made.items()}))
"""
LEVELS = nt.build_info()["simd_levels"]


@pytest.mark.parametrize("level", LEVELS)
def test_known_answers_at_every_simd_level(
    request: pytest.FixtureRequest, run_python: RunPython, level: str
) -> None:
    there = json.loads(run_python(PRINT, NANOTILT_SIMD=level, NANOTILT_NUM_THREADS="3"))
    path = KNOWN_ANSWERS / "polar_v1.json"
    known = json.loads(path.read_text()) if path.is_file() else {}
    if request.config.getoption("--write-known-answers"):
        known = {**there, **known}
        path.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
    assert there == known
