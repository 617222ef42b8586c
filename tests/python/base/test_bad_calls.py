"""Calls with wrong arguments, and extreme ones that are not wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from conftest import RunPython, refused

CALLS: list[tuple[type[Exception], str, Any]] = [
    *((ValueError, "seed", value) for value in (-1, 2**64, -(2**70))),
    *((TypeError, "seed", value) for value in (1.5, 7.0, True, "7", None, np.float64(3))),
    *((ValueError, "start", value) for value in (-1, 2**63, 2**64)),
    *((TypeError, "start", value) for value in (0.0, "0", None, False)),
    *((ValueError, "count", value) for value in (-1, 2**63 + 1)),
    *((TypeError, "count", value) for value in (1.0, "1", None, True, np.array([1]))),
    *((ValueError, "n_threads", value) for value in (0, -1, 65537)),
    *((TypeError, "n_threads", value) for value in (1.0, "1", True)),
]


@pytest.mark.parametrize(("error", "field", "value"), CALLS)
def test_sample(error: type[Exception], field: str, value: Any) -> None:
    arguments = {"seed": 1, "start": 0, "count": 1, field: value}
    refused(error, field, value, lambda: nt.recipes.hole().sample(**arguments))


@pytest.mark.parametrize(
    ("error", "field", "value"), [call for call in CALLS if call[1] in ("seed", "start")]
)
def test_particle(error: type[Exception], field: str, value: Any) -> None:
    arguments = {"seed": 1, "index": 0, {"start": "index"}.get(field, field): value}
    refused(
        error,
        {"start": "index"}.get(field, field),
        value,
        lambda: nt.recipes.hole().particle(**arguments),
    )


def test_more_samples_than_memory() -> None:
    with pytest.raises(ValueError, match="count"):
        nt.recipes.chirality().sample(1, 0, 2**53)


@pytest.mark.parametrize(
    ("error", "call"),
    [
        (ValueError, lambda: nt.recipes.by_name("holes")),
        (TypeError, lambda: nt.recipes.by_name(1)),  # type: ignore[arg-type]
        (ValueError, lambda: nt.recipes.hole(radius=-0.1)),
        (ValueError, lambda: nt.recipes.hole(n_views=0)),
        (TypeError, lambda: nt.recipes.hole(n_views=1.0)),  # type: ignore[arg-type]
    ],
)
def test_named_recipes(error: type[Exception], call: Callable[[], Any]) -> None:
    with pytest.raises(error, match="Received: "):
        call()


EXTREMES = """
import dataclasses
import nanotilt as nt

def with_one_extreme(description):
    for field in dataclasses.fields(description):
        value = getattr(description, field.name)
        for extreme in (1e-45, 1e-30, 1e6, 1e12, 1e18, 1e25, 1e38, -1e6, -1e12, -1e38):
            if type(value) is float:
                changed = extreme
            elif type(value) is tuple and value and type(value[0]) is float:
                changed = (extreme,) * len(value)
            else:
                continue
            try:
                yield dataclasses.replace(description, **{field.name: changed})
            except ValueError:
                pass

outline, hole, spiral = nt.Outline(), nt.Hole(), nt.Spiral("clockwise")
detector = nt.Detector(dose=5.0, angle_std_deg=1.0)
parts = [(outline, hole, spiral, detector)]
parts += [(changed, hole, spiral, detector) for changed in with_one_extreme(outline)]
parts += [(outline, changed, spiral, detector) for changed in with_one_extreme(hole)]
parts += [(outline, hole, changed, detector) for changed in with_one_extreme(spiral)]
parts += [(outline, hole, spiral, changed) for changed in with_one_extreme(detector)]
for outline, hole, spiral, detector in parts:
    particle = nt.Particle(outline, (hole, spiral))
    for sampling in ("ray", "bin"):
        for centring in (False, True):
            changed = dataclasses.replace(detector, sampling=sampling, centring=centring)
            try:
                nt.Recipe({"a": particle}, changed, normalise="none").sample(1, 0, 10, n_threads=1)
            except ValueError:
                pass
print(len(parts))
"""


def test_extreme_descriptions_crash_nothing(run_python: RunPython) -> None:
    """In a process of its own: memory once was written outside the view."""
    assert int(run_python(EXTREMES)) > 200


ENORMOUS = """
import nanotilt as nt
try:
    hole = nt.Hole(radius=10.0, radius_std=0.0)
    particle = nt.Particle(nt.Outline(n_corners=2**20), (hole,) * 1024)  # 2**32 corners
    nt.Recipe({"a": particle}, nt.Detector(n_bins=4), normalise="none").sample(0)
except (ValueError, MemoryError):
    print("refused")
"""


def test_particles_of_more_corners_than_can_be_counted(run_python: RunPython) -> None:
    """Their number once overflowed to a small one, and memory was written beyond the buffers."""
    assert run_python(ENORMOUS) == "refused"
