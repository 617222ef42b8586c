"""Fourier-Bessel coefficients, against SciPy's Bessel functions and by their invariants."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import special

import nanotilt as nt
from nanotilt import _core

N, M = 40, 20
ORDERS = np.arange(0, M + 1, 2)


def image_of(coefficients: Any, size: int, centre: Any, radius: float, turn: float = 0.0) -> Any:
    """The series in double precision, term by term; orders by column."""
    y, x = np.mgrid[:size, :size].astype(np.float64)
    x, y = x - centre[0], y - centre[1]
    r, angle = np.hypot(x, y), np.arctan2(y, x) - turn
    image = np.zeros((size, size))
    for n, i in np.argwhere(np.asarray(coefficients) != 0):
        m = ORDERS[i]
        zero = special.jn_zeros(m, n + 1)[-1]
        radial = special.jv(m, zero * r / radius) / (radius * special.jv(m + 1, zero))
        term = coefficients[n, i] * radial / np.sqrt(np.pi) * np.exp(1j * m * angle)
        image += (1 if m == 0 else 2) * np.where(r < radius, term.real, 0)
    return image


def random_terms(seed: int, count: int = 30) -> npt.NDArray[np.complex128]:
    rng = np.random.default_rng(seed)
    found = np.zeros((N, len(ORDERS)), np.complex128)
    for _ in range(count):
        n, i = rng.integers(N), rng.integers(len(ORDERS))
        found[n, i] = rng.normal() + (0 if i == 0 else 1j * rng.normal())
    return found


def error(found: Any, true: Any) -> float:
    return float(np.linalg.norm(found - true) / np.linalg.norm(true))


def test_bessel_functions_are_those_of_scipy() -> None:
    orders = np.arange(66)
    for x in (0.0, 1e-9, 1e-3, 0.7, 3.0, 25.3, 155.1, 400.0, 900.0):
        np.testing.assert_allclose(_core.bessel_j(x, 65), special.jv(orders, x), atol=1e-12)
    zeros = _core.bessel_zeros(30, 60)
    for m in range(31):
        np.testing.assert_allclose(zeros[m], special.jn_zeros(m, 60), rtol=1e-12)


@pytest.mark.parametrize(("size", "radius"), [(256, 127.3), (320, 150.0)])
def test_coefficients_of_thirty_random_terms(size: int, radius: float) -> None:
    centre = (size / 2 - 0.8, size / 2 - 0.3)
    true = random_terms(size)
    plan = nt.FourierBessel((size, size), centre, radius)
    image = image_of(true, size, centre, radius)
    found = plan.transform(image)
    assert error(found, true) < 1e-3
    assert error(plan.inverse(found), image) < 1e-3
    power = (np.abs(found) ** 2).sum(axis=0) @ np.where(ORDERS == 0, 1, 2)
    assert power == pytest.approx((image**2).sum(), rel=1e-3)


def test_a_turn_multiplies_coefficients_by_a_phase() -> None:
    size, centre, radius, turn = 256, (127.2, 127.9), 126.0, 0.37
    true = random_terms(5)
    plan = nt.FourierBessel((size, size), centre, radius)
    found = plan.transform(image_of(true, size, centre, radius, turn))
    straight = plan.transform(image_of(true, size, centre, radius))
    assert error(found, straight * np.exp(-1j * ORDERS * turn)) < 2e-3


def test_opposite_pixels_stand_for_those_that_are_not_seen() -> None:
    size, centre, radius = 256, (127.5, 127.5), 126.0
    true = random_terms(6) * (np.arange(N) < 20)[:, None]
    image = image_of(true, size, centre, radius)
    mask = np.ones((size, size), bool)
    mask[40:90, 20:60] = False
    image[~mask] = np.nan
    plan = nt.FourierBessel((size, size), centre, radius, mask=mask)
    assert error(plan.transform(image), true) < 1e-3
    blind = nt.FourierBessel((size, size), centre, radius, mask=mask, friedel=False)
    assert error(blind.transform(image), true) > 0.05
    with pytest.raises(ValueError, match="images must be finite"):
        nt.fourier_bessel(image, centre, radius)


def test_images_one_by_one_and_threads() -> None:
    images = np.random.default_rng(1).poisson(3, (5, 40, 50)).astype(np.float32)
    plan = nt.FourierBessel((40, 50), (22.0, 17.5), 21.0, n=12, m=7, odd=True)
    assert plan.orders.tolist() == list(range(8))
    together = plan.transform(images, n_threads=3)
    alone = np.stack([plan.transform(image, n_threads=1) for image in images])
    np.testing.assert_array_equal(together, alone)
    drawn = np.stack([plan.inverse(one, n_threads=1) for one in alone])
    np.testing.assert_array_equal(plan.inverse(together, n_threads=3), drawn)


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"radius": 0}, ValueError, "radius must be > 0"),
        ({"radius": 1e9}, ValueError, "radius must be in"),
        ({"centre": (1, 2, 3)}, ValueError, "centre must be"),
        ({"centre": (900, 900)}, ValueError, "radius and centre must leave a pixel"),
        ({"mask": np.zeros((8, 9))}, ValueError, "radius and centre must leave a pixel"),
        ({"mask": np.ones((8, 8))}, ValueError, "mask must have the shape"),
        ({"shape": (8, 9, 10)}, ValueError, "shape must be"),
        ({"shape": (0, 9)}, ValueError, r"shape\[0\] must be"),
        ({"n": 0}, ValueError, "n must be"),
        ({"m": 3}, ValueError, "m must be even"),
        ({"m": 66}, ValueError, "m must be"),
        ({"odd": True, "friedel": True}, ValueError, "friedel must be False"),
    ],
)
def test_wrong_arguments_are_named(change: dict[str, Any], kind: type, words: str) -> None:
    with pytest.raises(kind, match=words):
        nt.FourierBessel(**{"shape": (8, 9), "centre": (4, 4), "radius": 4.0, **change})


def test_wrong_images_and_coefficients_are_named() -> None:
    plan = nt.FourierBessel((8, 9), (4, 4), 4.0, n=2, m=2)
    with pytest.raises(ValueError, match="images must have the plan's shape"):
        plan.transform(np.ones((9, 8)))
    with pytest.raises(ValueError, match="coefficients must have shape"):
        plan.inverse(np.ones((3, 2)))
    with pytest.raises(ValueError, match="coefficients must be finite"):
        plan.inverse(np.full((2, 2), np.nan))
    with pytest.raises(TypeError, match="coefficients must hold numbers"):
        plan.inverse([["a", "b"], ["c", "d"]])
