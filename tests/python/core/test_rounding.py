"""Recipes, arguments and tables are the same whatever rounding mode a thread was left in."""

from __future__ import annotations

import platform

import pytest

from conftest import RunPython

pytestmark = pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"),
    reason="constants of x86-64 Linux",
)

MADE = """
import hashlib
import numpy as np
import nanotilt as nt
import stream_cases
from nanotilt import _core
from nanotilt._core import _testing
from nanotilt.pose.matching import residual_filter
from nanotilt.scenes.shapes import SShape
from shapes import S_SHAPE

texts = {name: recipe.to_json() for name, recipe in stream_cases.CASES.items()}
angles = np.linspace(0, 3.1, 40) / 3
image = nt.rasterise([S_SHAPE], n_pixels=32, field_of_view=2.4) / 3
ring, row = np.array(S_SHAPE) / 3, np.arange(60.0) / 7 + 1e-40
CHANGES = {"up": 0x5F80, "down": 0x3F80, "flush": 0x9FC0}  # rounding, or subnormals as zero

def digest(*values):
    return hashlib.sha256(b"".join(np.asarray(value).tobytes() for value in values)).hexdigest()

def made():
    found = {}
    found["areas"] = digest(nt.rasterise([ring], n_pixels=32, field_of_view=2.4, angle_rad=0.3))
    sinogram = nt.radon(image, angles)
    found["images"] = digest(sinogram, nt.filtered_back_projection(sinogram, angles, "hann"))
    found["blur"] = digest(nt.gaussian_blur(row, 1.7))
    grid = dict(n_bins=20, lower=-1.1, upper=1.3)
    found["sinogram"] = digest(nt.sinogram([ring], n_angles=7, **grid))
    found["tables"] = digest(residual_filter(20, 1.25), nt.RegularPolygon(7).corners)
    found["corners"] = digest(SShape().corners)
    normals = _testing.standard_normals(1, 2, 0, 9)
    found["random"] = digest(_testing.poisson_counts(25.0, 1, 200), normals)
    named = nt.recipes.hole(0.17, n_views=3), nt.recipes.small_spiral(0.37)
    named += nt.recipes.s_projection(7.3, noise_std=0.1), nt.recipes.polygon(7, 3.3)
    read = [nt.Recipe.from_json(text) for text in texts.values()]
    for name, recipe in zip(["hole", "spiral", "s", "polygon", *texts], [*named, *read]):
        batch = recipe.sample(3, 0, 40)
        rings = [ring for ring, _ in recipe.particle(1, 0)]
        found[name] = digest(np.frombuffer(recipe.packed, np.uint8), *batch, *rings)
        found[name] += recipe.digest + recipe.to_json() + repr(recipe.bounds)
    return found

mode = CHOSEN
if mode:
    _core.restore_arithmetic_mode(CHANGES[mode])
    one, tiny = float("1"), float("1e-30")
    assert {"up": one + tiny > one, "down": -one - tiny < -one}.get(mode, tiny**10 * tiny == 0)
found = made()
if mode:
    assert _core.enter_ieee_mode() & ~0x3F == CHANGES[mode] & ~0x3F  # the caller's own is back
print(hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest())
for name, value in sorted(found.items()):
    print(name, hashlib.sha256(value.encode()).hexdigest()[:16])
"""


def test_recipes_first_made_and_packed_under_another_mode(run_python: RunPython) -> None:
    """Each process packs for the first time under its mode; known answers hold the default's."""
    expected = run_python('CHOSEN = ""\n' + MADE)
    assert expected.count("\n") > 10
    for mode in ("up", "down", "flush"):
        assert run_python(f'CHOSEN = "{mode}"\n' + MADE) == expected, mode
