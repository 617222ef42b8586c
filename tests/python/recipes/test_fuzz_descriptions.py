"""Extreme descriptions are drawn from or refused in plain words; none ends the process.

Found in this way or by hand: lengths that are positive, and 0 once rounded to float32; a few
hundred bytes that asked for hundreds of megabytes.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fuzz_descriptions
import nanotilt as nt
from child_processes import finished
from conftest import RunPython, refused
from nanotilt.recipes import checks


def fuzzed(log: Path, number: int) -> dict[str, int]:
    command = [sys.executable, fuzz_descriptions.__file__, str(log), str(number)]
    done = finished(command, limit_s=6000)
    assert done.returncode == 0, f"{log.read_text()}\n{done.stderr}"
    counts: dict[str, int] = json.loads(log.read_text())
    return counts


def test_a_few_hundred_recipes(tmp_path: Path) -> None:
    """Which ones Hypothesis makes follows from the constants in the package's own code, too.

    Some 50 to 60 of 600 are drawn, and 36 of 400 were with one state of the code.
    """
    counts = fuzzed(tmp_path / "log", 600)
    assert min(counts.values()) > 25  # neither outcome is rare


@pytest.mark.slow
def test_many_recipes(tmp_path: Path) -> None:
    assert sum(fuzzed(tmp_path / "log", 20_000).values()) >= 20_000


CLOCKWISE: Callable[..., nt.Spiral] = lambda **fields: nt.Spiral("clockwise", **fields)  # noqa: E731


@pytest.mark.parametrize("value", [1e-46, 7e-46, 5e-324])
@pytest.mark.parametrize(
    ("describe", "field"),
    [
        (nt.Outline, "radius"),
        (nt.Hole, "radius"),
        (CLOCKWISE, "radius"),
        (CLOCKWISE, "straightness"),
        (nt.Square, "size"),
        (nt.Detector, "dose"),
        (nt.Camera, "noise_level"),
    ],
)
def test_positive_and_0_as_float32(describe: Callable[..., Any], field: str, value: float) -> None:
    refused(ValueError, field, value, lambda: describe(**{field: value}))
    describe(**{field: 1.4e-45} if field != "straightness" else {field: 1.4e-45, "radius": 1e-45})


CRASHED = """
import dataclasses, json, sys
import nanotilt as nt
from nanotilt import _core

def unchecked(description, **fields):
    for name, value in fields.items():
        object.__setattr__(description, name, value)
    return description

outline = unchecked(nt.Outline(radius_std=0), radius=1e-46)
hole = unchecked(nt.Hole(radius_std=0), radius=1e-46)
recipe = nt.Recipe({"a": nt.Particle(nt.Outline())}, nt.Detector(), normalise="none")
particle = unchecked(nt.Particle(nt.Outline()), outline=outline, features=(hole,))
unchecked(recipe, classes={"a": particle})
try:
    _core.Sampler(recipe.packed)
except ValueError as error:
    print(error)
"""


def test_packed_radius_that_is_0_as_float32(run_python: RunPython) -> None:
    """Unchecked by Python; it once ended the process."""
    assert "radius must be > 0" in run_python(CRASHED)


@pytest.mark.parametrize(
    ("field", "classes"),
    [
        ("classes['a']", {"a": nt.Particle(nt.Outline(n_corners=2**20), (nt.Hole(),))}),
        ("classes['a']", {"a": nt.Particle(nt.Outline(n_corners=2**19), (CLOCKWISE(),))}),
        (
            "n_corners",
            {str(k): nt.Particle(nt.Outline(n_corners=2**20 - k)) for k in range(3)},
        ),
        (
            "features",
            {str(k): nt.Particle(nt.Outline(n_corners=3), (nt.Hole(),) * 1024) for k in range(257)},
        ),
        ("corners", {str(k): nt.Particle(nt.RegularPolygon(1024)) for k in range(1025)}),
    ],
)
def test_recipes_of_too_much_memory(field: str, classes: dict[str, nt.Particle]) -> None:
    with pytest.raises(ValueError, match=r"must have <= .*Received: ") as caught:
        nt.Recipe(classes, nt.Detector(), normalise="none")
    assert field in str(caught.value)


@pytest.mark.parametrize("many", [nt.Detector, nt.Camera])
def test_more_views_than_a_sample_may_have(many: Any) -> None:
    fields = (
        {"angles_deg": range(2**16 + 1), "n_bins": 1}
        if many is nt.Detector
        else {"stereo_deg": range(2**16), "n_pixels": 1}
    )
    with pytest.raises(ValueError, match=r"(angles|stereo)_deg must give <= 65536 views"):
        many(**fields)


@pytest.mark.parametrize(
    ("outline", "feature"),
    [
        (nt.Outline(), nt.Hole()),
        (nt.Outline(n_corners=1000), nt.Hole(radius=0.3, radius_std=0.1)),
        (nt.Outline(radius=1e-12, radius_std=0), nt.Hole(radius=1e12)),
        (nt.Outline(n_corners=7), nt.Spiral("clockwise")),
    ],
)
def test_room_for_a_features_corners(outline: nt.Outline, feature: nt.Hole | nt.Spiral) -> None:
    """As many features as fit by Python's count fit by the core's, and no more."""
    room = checks._ring_corners(outline, feature)
    n = min(1024, (2**20 - outline.n_corners) // room)
    particle = nt.Particle(outline, (feature,) * n)
    nt.Recipe({"a": particle}, nt.Detector(), normalise="none").sample(0)
    assert n * room <= 2**20 - outline.n_corners


MEMORY = """
import resource
import nanotilt as nt

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # MiB

before = peak()
outline = nt.Outline(n_corners=2**20)
classes = {str(k): nt.Particle(outline) for k in range(64)}
recipe = nt.Recipe(classes, nt.Detector(), normalise="none")
recipe.sample(0, n_threads=1)
large = peak() - before
small = nt.Particle(nt.Outline(n_corners=9), (nt.Hole(),))
many = nt.Recipe({str(k): small for k in range(2**16)}, nt.Detector(), normalise="none")
packed = many.packed
before = peak()
sampler = nt._core.Sampler(packed)
print(large, peak() - before)
"""


def test_memory_of_large_recipes(run_python: RunPython) -> None:
    """64 classes of a million corners each once took 553 MB; now they share what is alike."""
    pytest.importorskip("resource")
    large, many = map(float, run_python(MEMORY).split())
    assert large < 200
    assert many < 60


def test_views_that_cannot_be_normalised() -> None:
    """Values may overflow, and the data set's own bounds be too close for float32."""
    with pytest.raises(
        ValueError, match=r"fit into float32.*Received: detector\.background=3e\+38"
    ):
        nt.Recipe({"a": nt.Particle(nt.Outline())}, nt.Detector(background=3e38))
    faint = nt.Outline(radius=1e-40, radius_std=0, roughness=1e-41, centre_std=(0, 0))
    detector = nt.Detector(n_bins=1, lower=0, shift_std=0, background=0, noise=0, blur_sigma_px=0)
    recipe = nt.Recipe({"a": nt.Particle(faint)}, detector)
    with pytest.raises(ValueError, match=r"normalise.*Received: normalise='dataset', values"):
        recipe.sample(0)


def test_constant_views_of_any_size() -> None:
    """Nothing in sight, no noise: normalised to 0, also where adding 1 changes nothing."""
    away = nt.Particle(nt.Outline(centre=(100.0, 0.0)))
    for background in (0.0, 20.0, 1e20, -1e38):
        recipe = nt.Recipe({"a": away}, nt.Detector(noise=0.0, background=background))
        low, high = recipe.bounds
        assert math.isfinite(high - low)
        assert high > low
        assert np.abs(recipe.sample(0).views).max() < 1e-6
