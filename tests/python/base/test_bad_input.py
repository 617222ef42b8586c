"""Whatever is wrong with a description is refused, by an error that names field and value."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from conftest import refused

INFINITE = [math.nan, math.inf, -math.inf, np.float32("nan")]
NO_NUMBER = ["1", None, True, 1j, [1.0], b"1", np.array([1.0, 2.0])]
TOO_LARGE = [1e39, -1e39]

CLOCKWISE: Callable[..., nt.Spiral] = lambda **fields: nt.Spiral(**{"turn": "clockwise", **fields})  # noqa: E731

POSITIVE = "> 0"
NOT_NEGATIVE = ">= 0"
ANY = "any"

# Every real-valued field of every description, and what it may be.
REALS: list[tuple[Callable[..., Any], str, str]] = [
    (nt.Outline, "radius", POSITIVE),
    (nt.Outline, "radius_std", NOT_NEGATIVE),
    (nt.Outline, "roughness", NOT_NEGATIVE),
    (nt.Hole, "radius", POSITIVE),
    (nt.Hole, "radius_std", NOT_NEGATIVE),
    (nt.Hole, "max_offset", NOT_NEGATIVE),
    (nt.Hole, "density", ANY),
    (CLOCKWISE, "radius", POSITIVE),
    (CLOCKWISE, "radius_std", NOT_NEGATIVE),
    (CLOCKWISE, "straightness", POSITIVE),
    (CLOCKWISE, "straightness_std", NOT_NEGATIVE),
    (CLOCKWISE, "widening", NOT_NEGATIVE),
    (CLOCKWISE, "widening_std", NOT_NEGATIVE),
    (CLOCKWISE, "max_thickness", NOT_NEGATIVE),
    (CLOCKWISE, "max_thickness_std", NOT_NEGATIVE),
    (CLOCKWISE, "max_offset", NOT_NEGATIVE),
    (CLOCKWISE, "density", ANY),
    (nt.Detector, "lower", ANY),
    (nt.Detector, "upper", ANY),
    (nt.Detector, "shift_std", NOT_NEGATIVE),
    (nt.Detector, "angle_std_deg", NOT_NEGATIVE),
    (nt.Detector, "background", ANY),
    (nt.Detector, "blur_sigma_px", NOT_NEGATIVE),
    (nt.Detector, "noise", NOT_NEGATIVE),
    (nt.Detector, "dose", POSITIVE),
]

# Sequences of reals: their length (None: any), and what their entries may be.
SEQUENCES: list[tuple[Callable[..., Any], str, int | None, str]] = [
    (nt.Outline, "centre", 2, ANY),
    (nt.Outline, "centre_std", 2, NOT_NEGATIVE),
    (nt.Detector, "about", 2, ANY),
    (nt.Detector, "angles_deg", None, ANY),
]


@pytest.mark.parametrize(("describe", "field", "allowed"), REALS)
def test_reals(describe: Callable[..., Any], field: str, allowed: str) -> None:
    wrong = [*INFINITE, *TOO_LARGE]
    if allowed == POSITIVE:
        wrong += [0, 0.0, -0.0, -1e-30, -3]
    if allowed == NOT_NEGATIVE:
        wrong += [-1e-30, -0.1, Fraction(-1, 3)]
    for value in wrong:
        refused(ValueError, field, value, partial(describe, **{field: value}))
    for value in NO_NUMBER:
        if field == "dose" and value is None:
            continue  # no counting noise
        refused(TypeError, field, value, partial(describe, **{field: value}))


@pytest.mark.parametrize(("describe", "field", "allowed"), REALS)
def test_reals_of_any_kind_are_taken(
    describe: Callable[..., Any], field: str, allowed: str
) -> None:
    """As Python floats, so that a recipe does not depend on how a number was written."""
    fine: list[Any] = [1, np.float32(0.5), np.int8(1), Fraction(1, 2), np.float64(0.25)]
    for value in fine:
        taken = getattr(describe(**{field: value}), field)
        assert type(taken) is float
        assert taken == float(value)


@pytest.mark.parametrize(("describe", "field", "length", "allowed"), SEQUENCES)
def test_sequences_of_reals(
    describe: Callable[..., Any], field: str, length: int | None, allowed: str
) -> None:
    wrong: list[Any] = [(math.nan, 0.0), (0.0, math.inf), (1e39, 0.0), ()]
    wrong += [(1.0,), (1.0, 2.0, 3.0)] if length else []
    wrong += [(0.1, -0.1)] if allowed == NOT_NEGATIVE else []
    for value in wrong:
        with pytest.raises(ValueError, match=rf"{field}.*Received: "):
            describe(**{field: value})
    for value in [1.0, None, "ab", b"ab", {0: 1, 1: 2}, ("a", "b"), (True, 1.0), ((0, 0), (0, 0))]:
        with pytest.raises(TypeError, match=rf"{field}.*Received: "):
            describe(**{field: value})
    taken = getattr(describe(**{field: np.array([0.5, 1])}), field)
    assert taken == (0.5, 1.0)
    assert all(type(entry) is float for entry in taken)


@pytest.mark.parametrize(
    ("describe", "field", "smallest"), [(nt.Outline, "n_corners", 3), (nt.Detector, "n_bins", 1)]
)
def test_integers(describe: Callable[..., Any], field: str, smallest: int) -> None:
    wrong: list[Any] = [smallest - 1, 0, -1, 2**20 + 1, 10**400]
    for value in wrong:
        refused(ValueError, field, value, partial(describe, **{field: value}))
    wrong = [5.0, "5", None, True, math.nan, [5]]
    for value in wrong:
        refused(TypeError, field, value, partial(describe, **{field: value}))
    assert type(getattr(describe(**{field: np.int16(7)}), field)) is int


@pytest.mark.parametrize(("describe", "field"), [(nt.Spiral, "turn"), (nt.Detector, "sampling")])
def test_words(describe: Callable[..., Any], field: str) -> None:
    for word in ("", "left", "Clockwise", "rays"):
        refused(ValueError, field, word, partial(describe, **{field: word}))
    no_words: list[Any] = [None, 1, True, ["ray"]]
    for value in no_words:
        refused(TypeError, field, value, partial(describe, **{field: value}))


def test_flag() -> None:
    no_flags: list[Any] = [1, 0, None, "yes"]
    for value in no_flags:
        refused(TypeError, "centring", value, partial(nt.Detector, centring=value))
    assert nt.Detector(centring=np.True_).centring is True  # type: ignore[arg-type]


def test_integers_beyond_float() -> None:
    refused(ValueError, "radius", 10**400, lambda: nt.Outline(radius=10**400))


@pytest.mark.parametrize(("lower", "upper"), [(1.0, 1.0), (1.0, -1.0)])
def test_limits(lower: float, upper: float) -> None:
    refused(ValueError, "upper", upper, lambda: nt.Detector(lower=lower, upper=upper))


@pytest.mark.parametrize(
    ("lower", "upper"), [(0.0, 1e-45), (1e8, 1e8 + 1), (-3e38, 3e38), (1.0, 1.0 + 1e-12)]
)
def test_limits_that_float32_cannot_tell_apart_or_span(lower: float, upper: float) -> None:
    """Refused when described, or else views are finite: no NaN comes of what was accepted."""
    try:
        detector = nt.Detector(lower=lower, upper=upper)
    except ValueError as error:
        assert "upper" in str(error)  # noqa: PT017
        return
    recipe = nt.Recipe({"a": nt.Particle(nt.Outline())}, detector, normalise="none")
    assert np.isfinite(recipe.sample(0, 0, 20).views).all()


def test_large_detectors() -> None:
    with pytest.raises(ValueError, match=r"n_bins.*2\*\*25"):
        nt.Detector(n_bins=2**20, angles_deg=range(33))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="blur_sigma_px"):
        nt.Detector(n_bins=4, blur_sigma_px=401)
    with pytest.raises(ValueError, match="blur_sigma_px"):
        nt.Detector(n_bins=2**20, blur_sigma_px=2.0**22)  # more weights than the core takes
    with pytest.raises(ValueError, match="straightness"):
        nt.Spiral("clockwise", radius=1.0, straightness=1e-4)


PARTICLE = nt.Particle(nt.Outline())


@pytest.mark.parametrize(
    ("error", "field", "outline", "features"),
    [
        (TypeError, "outline", None, ()),
        (TypeError, "outline", 1.0, ()),
        (TypeError, "outline", nt.Hole(), ()),
        (TypeError, "features", nt.Outline(), nt.Hole()),
        (TypeError, "features", nt.Outline(), None),
        (TypeError, "features", nt.Outline(), "hole"),
        (TypeError, "features[1]", nt.Outline(), (nt.Hole(), nt.Outline())),
        (ValueError, "features", nt.Outline(), (nt.Hole(),) * 1025),
    ],
)
def test_particles(error: type[Exception], field: str, outline: Any, features: Any) -> None:
    with pytest.raises(error) as caught:
        nt.Particle(outline, features)
    assert field in str(caught.value)
    assert "Received: " in str(caught.value)


GOOD: dict[str, Any] = {"classes": {"a": PARTICLE, "b": PARTICLE}, "detector": nt.Detector()}


@pytest.mark.parametrize(
    ("error", "field", "value"),
    [
        (ValueError, "classes", {}),
        (TypeError, "classes", None),
        (TypeError, "classes", [PARTICLE]),
        (TypeError, "label", {1: PARTICLE}),
        (TypeError, "classes['a']", {"a": nt.Outline()}),
        (TypeError, "detector", None),
        (TypeError, "detector", PARTICLE),
        (ValueError, "weights", {"a": 1.0}),
        (ValueError, "weights", {"a": 1.0, "b": 1.0, "c": 1.0}),
        (ValueError, "weights", (1.0,)),
        (ValueError, "weights", (0.0, 0.0)),
        (ValueError, "weights", (1.0, -1.0)),
        (ValueError, "weights", (1.0, math.nan)),
        (TypeError, "weights", (1.0, "1")),
        (TypeError, "weights", 1.0),
        (ValueError, "normalise", "minmax"),
        (ValueError, "normalise", (1.0, 1.0)),
        (ValueError, "normalise", (2.0, 1.0)),
        (ValueError, "normalise", (0.0, 1.0, 2.0)),
        (ValueError, "normalise", (0.0, math.inf)),
        (TypeError, "normalise", None),
        (TypeError, "normalise", 5),
        (TypeError, "normalise", ("0", "1")),
    ],
)
def test_recipes(error: type[Exception], field: str, value: Any) -> None:
    name = field.split("[")[0].replace("label", "classes")
    with pytest.raises(error) as caught:
        nt.Recipe(**{**GOOD, name: value})
    assert field in str(caught.value)
    assert "Received: " in str(caught.value)


def test_bounds_that_float32_cannot_tell_apart() -> None:
    """Refused, or else views are finite."""
    try:
        recipe = nt.Recipe(**GOOD, normalise=(0.0, 1e-45))
    except ValueError as error:
        assert "normalise" in str(error)  # noqa: PT017
        return
    assert np.isfinite(recipe.sample(0, 0, 2).views).all()
