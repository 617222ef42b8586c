"""X-ray scattering: what is refused, and in which words."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

import nanotilt as nt
from nanotilt import _core
from nanotilt.recipes.wire import encoded

WRONG_VALUES: list[tuple[Callable[..., Any], dict[str, Any], str]] = [
    (nt.Scattering, {"tags": "seen"}, "tags must be"),
    (nt.Scattering, {"images_per_run": 0}, "images_per_run must be >= 1"),
    (nt.Scattering, {"images_per_run": 10**7}, "images_per_run must be < 1000001"),
    (nt.Scattering, {"contributions": {"disc": 1}}, "contributions must be"),
    (nt.Scattering, {"contributions": {"ring": 0}}, "contributions must be such that their sum"),
    (nt.Scattering, {"contributions": [1, 2]}, "contributions must have 10 entries"),
    (nt.Scattering, {"contributions": {"ring": -1}}, r"contributions\[0\] must be >= 0"),
    (nt.Scattering, {"further": 4}, r"further must be in \[0, 3\]"),
    (nt.Scattering, {"diffuse": 1.1}, r"diffuse must be in \[0, 1\]"),
    (nt.Scattering, {"background": math.nan}, "background must be finite"),
    (nt.Scattering, {"streaks": -0.1}, "streaks must be in"),
    (nt.Scattering, {"zingers": 2}, "zingers must be in"),
    (nt.Scattering, {"stops": 2}, "stops must be in"),
    (nt.Scattering, {"edges": 2}, "edges must be in"),
    (nt.Scattering, {"calibration": 2}, "calibration must be in"),
    (nt.Scattering, {"beam_counts": 1e7}, "beam_counts must be in"),
    (nt.AreaDetector, {"n_pixels": 31}, "n_pixels must be >= 32"),
    (nt.AreaDetector, {"n_pixels": 2049}, "n_pixels must be < 2049"),
    (nt.AreaDetector, {"pixel_um": 0}, "pixel_um must be in"),
    (
        nt.AreaDetector,
        {"n_pixels": 2048, "pixel_um": 80},
        "frame is at most 153.6 mm and at most 0.6",
    ),
    (nt.AreaDetector, {"distance_m": 0.02}, "pixel_um must be such that .* wide: here 12 mm"),
    (nt.AreaDetector, {"energy_kev": 0.5}, "energy_kev must be in"),
    (nt.AreaDetector, {"exposure": "long"}, "exposure must be"),
    (nt.AreaDetector, {"light": 0}, "light must be in"),
    (nt.AreaDetector, {"counting": "slow"}, "counting must be"),
    (nt.recipes.scattering, {"n_pixels": 31}, "n_pixels must be >= 32"),
    (nt.recipes.scattering, {"field": "large"}, "field must be"),
    (nt.recipes.scattering, {"tags": "all"}, "tags must be"),
    (nt.recipes.scattering, {"targets": ["mask"]}, "targets must be what a scattering has"),
]


@pytest.mark.parametrize(("make", "fields", "words"), WRONG_VALUES)
def test_wrong_values(make: Callable[..., Any], fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words) as error:
        make(**fields)
    assert "Received: " in str(error.value)


@pytest.mark.parametrize(
    ("make", "fields"),
    [
        (nt.Scattering, {"tags": 1}),
        (nt.Scattering, {"images_per_run": 1.5}),
        (nt.Scattering, {"contributions": 1.0}),
        (nt.Scattering, {"further": "1"}),
        (nt.Scattering, {"calibration_first": 1}),
        (nt.AreaDetector, {"n_pixels": 64.0}),
        (nt.AreaDetector, {"pixel_um": None}),
        (nt.AreaDetector, {"light": True}),
    ],
)
def test_wrong_kinds(make: Callable[..., Any], fields: dict[str, Any]) -> None:
    (name,) = fields
    with pytest.raises(TypeError, match=name):
        make(**fields)


def test_instruments_and_scenes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="an AreaDetector sees scattering"):
        nt.Recipe({"a": nt.Particle(nt.Outline())}, nt.AreaDetector(64), normalise="none")
    with pytest.raises(ValueError, match="consists of scattering"):
        nt.Recipe({"a": nt.Scattering()}, nt.DarkField(), normalise="none")
    with pytest.raises(ValueError, match="logarithms are taken of scattering alone"):
        nt.Recipe({"a": nt.Lattice()}, nt.DarkField(), normalise="log")
    with pytest.raises(ValueError, match="views of atoms alone"):
        nt.Recipe({"a": nt.Scattering()}, nt.AreaDetector(64), normalise="view")


@pytest.mark.parametrize(
    ("where", "field", "value", "words"),
    [
        ("instrument", "n_pixels", 4096, "n_pixels"),
        ("instrument", "pixel_um", 2000.0, "pixel_um"),
        ("instrument", "distance_m", 0.0, "distance_m"),
        ("instrument", "light", math.inf, "light"),
        ("scenes", "shares", [0.0] * 10, "shares"),
        ("scenes", "shares", [1.0] * 9, "shares"),
        ("scenes", "images_per_run", 0, "images_per_run"),
        ("scenes", "further", 100.0, "further"),
        ("scenes", "zingers", -1.0, "zingers"),
    ],
)
def test_the_core_checks_again(where: str, field: str, value: Any, words: str) -> None:
    lowered = nt.recipes.scattering(64).lowered()
    part = lowered[where][0] if where == "scenes" else lowered[where]
    part[field] = value
    with pytest.raises(ValueError, match=words):
        _core.Sampler(encoded(lowered))


def test_the_core_takes_logarithms_of_scattering_alone() -> None:
    lowered = nt.recipes.graphene_defects().lowered()
    with pytest.raises(ValueError, match="logarithm must be false"):
        _core.Sampler(encoded({**lowered, "logarithm": True}))


def test_other_versions_are_refused() -> None:
    described = json.loads(nt.recipes.scattering(64).to_json())
    described["area_detector"]["version"] = 2
    with pytest.raises(ValueError, match="version"):
        nt.Recipe.from_json(json.dumps(described))
