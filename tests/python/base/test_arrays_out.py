"""Finite numbers in, finite numbers out, or an error that says which were too large."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from array_cases import CASES, Case
from nanotilt import _core

LARGEST = np.finfo(np.float32).max
IMAGE = np.random.default_rng(0).uniform(-1, 1, (9, 9)).astype(np.float32)
ANGLES = np.arange(12) * np.pi / 12
TRIANGLE = [(-1, -1), (1, -1), (1, 1)]

LINEAR: dict[str, Callable[[Any], Any]] = {
    "x": lambda values: nt.gaussian_blur(values, 1.5),
    "image": lambda values: nt.radon(values, ANGLES),
    "sinogram": lambda values: nt.filtered_back_projection(values, ANGLES),
    "images": nt.remove_background,
}
ROWS: dict[str, Any] = {"sinogram": np.resize(IMAGE, (12, 9))}


def parts(made: Any) -> list[Any]:
    """All numbers of a result."""
    if dataclasses.is_dataclass(made):
        fields = dataclasses.fields(made)
        return [part for field in fields for part in parts(getattr(made, field.name))]
    if isinstance(made, np.ndarray) and made.dtype.names is not None:
        return [made[name] for name in made.dtype.names]
    if isinstance(made, Mapping):
        return [part for value in made.values() for part in parts(value)]
    return [made]


@pytest.mark.parametrize("largest", [3e38, LARGEST])
@pytest.mark.parametrize("sigma", [0.3, 2, 60])
def test_blurring_a_constant_keeps_it(largest: float, sigma: float) -> None:
    """Means of finite numbers are finite, and none is larger than the largest number."""
    constant = np.full(16, largest, np.float32)
    blurred = nt.gaussian_blur(constant, sigma)
    np.testing.assert_allclose(blurred, constant, rtol=1e-6)
    assert blurred.max() <= constant[0]


@pytest.mark.parametrize("field", LINEAR)
def test_sums_that_overflow_on_the_way_are_computed(field: str) -> None:
    """Bit by bit what smaller values give, as long as the result fits."""
    values, compute = ROWS.get(field, IMAGE), LINEAR[field]
    small = compute(values)
    seen = 0
    for power in range(118, 129):
        factor = np.float32(2.0) ** np.float32(power) if power < 128 else np.float32(LARGEST)
        with np.errstate(over="ignore"):
            expected = small * factor
        if power < 128 and np.isfinite(expected).all():
            np.testing.assert_array_equal(compute(values * factor), expected)
            seen = power
    assert seen > 120
    assert seen == 127 or field != "x"


@pytest.mark.parametrize("field", LINEAR)
def test_results_beyond_float32_are_refused(field: str) -> None:
    values = np.where(ROWS.get(field, IMAGE) > 0, np.float32(3e38), np.float32(-3e38))
    values[0] = -3e38  # an image's rim
    if field == "images":
        values[[0, -1]] = values[:, [0, -1]] = -3e38
    compute = LINEAR[field]
    if field == "x":  # means, which always fit
        assert np.isfinite(compute(values)).all()
        return
    if field in ("image", "sinogram"):
        values = np.abs(values)
    if field == "sinogram":  # a filter takes away what is the same everywhere
        compute = lambda values: nt.filtered_back_projection(values, ANGLES, None)  # noqa: E731
    with pytest.raises(ValueError, match=rf"{field} must be so small.*{field} up to 3e\+38"):
        compute(values)


@pytest.mark.parametrize("sampling", ["ray", "bin"])
def test_rings_too_dense_or_too_far_are_refused(sampling: Any) -> None:
    places: dict[str, Any] = {"n_bins": 5, "sampling": sampling}
    with pytest.raises(ValueError, match=r"densities.*float32.*densities up to 3e\+38"):
        nt.project([TRIANGLE] * 2, [3e38, 3e38], lower=-1, upper=1, **places)
    with pytest.raises(ValueError, match=r"rings.*float32.*rings up to 1e\+30"):
        nt.project([np.array(TRIANGLE) * 1e30], lower=-1e-20, upper=1e-20, **places)
    with pytest.raises(ValueError, match=r"densities.*float32.*densities up to 3e\+38"):
        nt.rasterise([TRIANGLE] * 2, [3e38, 3e38], n_pixels=4, field_of_view=1.0)


TESTED = [pytest.param(c, id=c.name) for c in CASES if "cramer_rao" not in c.name]


@pytest.mark.parametrize("case", TESTED)
@pytest.mark.parametrize("magnitude", [1e-40, 1e-30, 1e12, 1e19, 1e30, 1e36, 4e37])
def test_magnitudes(case: Case, magnitude: float) -> None:
    """Whatever the magnitude: finite, or refused with the field's name."""
    try:
        made = case.call(case.good * magnitude)
    except ValueError as error:
        assert case.named.partition("[")[0] in str(error)  # noqa: PT017
        assert "Received" in str(error)  # noqa: PT017
        assert magnitude > 1e10 or "pairs" in str(error) or "whole" in str(error)  # noqa: PT017
        return
    for part in parts(made):
        assert part is None or isinstance(part, (str, tuple)) or np.isfinite(part).all()


def test_provisional_angles_do_not_depend_on_brightness() -> None:
    """Squares of pixels of 1e20 overflow, those of 1e-30 vanish."""
    case = next(c for c in CASES if c.name.endswith("provisional_angles.first"))
    expected = case.call(case.good)
    for factor in (2.0**-110, 2.0**70, 2.0**120):
        assert case.call(case.good * factor) == expected


def test_bounds_without_noise() -> None:
    bound = nt.pose.cramer_rao_bound(
        [TRIANGLE], stereo_deg=10, noise_sigma=0, n_bins=4, lower=5, upper=6, angles_rad=[0.0]
    )
    np.testing.assert_array_equal(bound, [np.inf])  # no bin sees the triangle


def test_largest_magnitude() -> None:
    rng = np.random.default_rng(0)
    for n in (0, 1, 15, 16, 17, 100):
        values = rng.normal(size=n).astype(np.float32)
        assert _core.largest_magnitude(values) == np.abs(values).max(initial=0)
        for place in range(n):
            for wrong in (np.inf, -np.inf, np.nan, -np.nan):
                changed = values.copy()
                changed[place] = wrong
                assert not np.isfinite(_core.largest_magnitude(changed))


NARROW: dict[str, Any] = {"lower": 0, "upper": 2e-30, "n_bins": 2**20}
NOISY: dict[str, Any] = {"noise": 1e6}

CHANGES: list[tuple[str, str, dict[str, Any]]] = [
    ("outline.radius", "lengths", {"outline": {"radius": 1e30}}),
    ("outline.roughness", "lengths", {"outline": {"roughness": 1e35}}),
    ("outline.centre[1]", "lengths", {"outline": {"centre": (0.0, 1e38)}}),
    ("features[0].density", "values", {"hole": {"density": 1e38}}),
    ("detector.background", "values", {"detector": {"background": 3e38}}),
    ("detector.noise", "values", {"detector": {"noise": 1e38}}),
    ("detector.dose", "values", {"detector": {"dose": 1e-37}}),
    ("detector.upper - lower", "lengths", {"detector": NARROW, "outline": {"centre": (1e6, 0)}}),
    ("normalise[1]", "normalise", {"recipe": {"normalise": (0, 1e-30)}, "detector": NOISY}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "what", "changes"), CHANGES)
def test_recipes_whose_views_would_overflow(field: str, what: str, changes: dict[str, Any]) -> None:
    """Refused when described, so that drawing, by whatever route, checks nothing."""
    outline = nt.Outline(**changes.get("outline", {}))
    particle = nt.Particle(outline, (nt.Hole(**changes.get("hole", {})),))
    with pytest.raises(ValueError, match=what) as caught:
        nt.Recipe(
            {"a": particle},
            nt.Detector(**changes.get("detector", {})),
            **changes.get("recipe", {"normalise": "none"}),
        )
    assert f"{field}=" in str(caught.value)
    assert "Received: " in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [{"background": 3e38}, {"noise_level": 3e38}, {"noise_level": 1e-37, "noise": "poisson"}],
)
def test_images_that_would_overflow(changes: dict[str, Any]) -> None:
    with pytest.raises(
        ValueError, match=f"values must be.*Received: detector.{next(iter(changes))}"
    ):
        nt.Recipe({"a": nt.Particle(nt.Square())}, nt.Camera(**changes), normalise="none")


def test_large_recipes_that_fit() -> None:
    """What may be described is finite, also in the units of nature that suit it least."""
    for size in (1e-20, 1e12, 1e15):
        outline = nt.Outline(size, size / 10, size / 20, centre_std=(size, size))
        particle = nt.Particle(outline, (nt.Hole(size / 10, size / 100, size / 2),))
        detector = nt.Detector(
            lower=-2 * size, upper=2 * size, shift_std=size / 20, background=size
        )
        for normalise in ("none", "dataset"):
            recipe = nt.Recipe({"a": particle}, detector, normalise=normalise)
            assert np.isfinite(recipe.sample(0, 0, 20).views).all()
