"""Scattering factors and cross-sections: against published values and what must hold of any."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from nanotilt.instruments import scattering_factors
from nanotilt.instruments.scattering_factors import (
    DETECTORS,
    cross_section,
    electron_scattering_factor,
    lobato_parameters,
    mass_ratio,
    wavelength,
)
from nanotilt.scenes.lattice_terms import ATOMIC_NUMBERS, ELEMENTS
from places import script

NOT_A_NAME: Any = 6
FREQUENCIES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
LOBATO = {
    "B": (2.7949, 2.02253, 1.0472, 0.332855, 0.0981489, 0.028499),
    "C": (2.5097, 1.96999, 1.16915, 0.412794, 0.117158, 0.0335954),
    "N": (2.24881, 1.86665, 1.22128, 0.484202, 0.137472, 0.0386973),
    "Si": (5.836, 3.94212, 1.96771, 0.742909, 0.270509, 0.0761957),
    "S": (5.2539, 4.04582, 2.32609, 0.860947, 0.297336, 0.0873085),
    "Mo": (10.8542, 7.31387, 4.34585, 1.9296, 0.697237, 0.21671),
    "W": (12.6368, 9.26045, 5.77806, 2.89786, 1.15759, 0.362016),
}
"""Angstrom; LobatoParametrization().scattering_factor(element)(q**2) of abTEM 1.0.11."""

KIRKLAND = {
    "C": (1.9674, 1.17, 0.4127, 0.11683, 0.033647),
    "N": (1.8467, 1.2171, 0.48386, 0.13718, 0.038737),
    "Si": (3.9393, 1.9658, 0.74228, 0.27022, 0.076178),
    "Mo": (7.2317, 4.3432, 1.935, 0.69503, 0.21656),
    "W": (9.2285, 5.7684, 2.8993, 1.159, 0.35976),
}
"""From 0.25 on, by abTEM: another fit (Kirkland, Advanced Computing in Electron Microscopy)."""

CARBON = {
    "60kv-54-200": 1.45e-3,
    "60kv-80-240": 7.2e-4,
    "80kv-50-200": 1.02e-3,
    "200kv-60-200": 1.7e-4,
}
ABTEM_CROSS_SECTIONS = {
    "60kv-54-200": (
        *(0.000987232, 0.00144742, 0.00200806, 0.00264614, 0.00675459, 0.00835544),
        *(0.0184652, 0.0330229, 0.0460898, 0.0680508, 0.122209),
    ),
    "60kv-80-240": (
        *(0.000512223, 0.000722881, 0.000982937, 0.00129224, 0.003817, 0.00475079),
        *(0.00987222, 0.0191893, 0.0269928, 0.0391511, 0.0745798),
    ),
    "80kv-50-200": (
        *(0.000704885, 0.00102465, 0.00141705, 0.00187036, 0.00495, 0.00611284),
        *(0.0133548, 0.024422, 0.0340732, 0.0501889, 0.0915175),
    ),
    "200kv-60-200": (
        *(0.000119272, 0.000166053, 0.000221828, 0.000286883, 0.000876225, 0.00112998),
        *(0.00233823, 0.00459573, 0.00677246, 0.00983674, 0.0190006),
    ),
}
"""Square angstrom, by element: the trapezoidal rule over abTEM's scattering factors."""

EXPONENTS = {
    "60kv-54-200": (2.10, 2.12, 2.10, 1.82, 1.79, 1.80, 1.78, 1.77),
    "60kv-80-240": (1.89, 1.99, 2.02, 1.96, 1.92, 1.89, 1.86, 1.85),
    "80kv-50-200": (2.05, 2.10, 2.09, 1.86, 1.82, 1.83, 1.80, 1.79),
    "200kv-60-200": (1.81, 1.88, 1.90, 1.96, 1.96, 1.91, 1.91, 1.89),
}
"""n in (Z / 6)^n of B, N, O, Si, S, Se, Mo, W, measured with abTEM."""


@pytest.mark.parametrize("element", LOBATO)
def test_scattering_factors_are_those_of_abtem(element: str) -> None:
    found = electron_scattering_factor(element, FREQUENCIES)
    np.testing.assert_allclose(found, LOBATO[element], rtol=2e-5)


@pytest.mark.parametrize("element", KIRKLAND)
def test_scattering_factors_are_near_another_fit(element: str) -> None:
    found = electron_scattering_factor(element, FREQUENCIES[1:])
    np.testing.assert_allclose(found, KIRKLAND[element], rtol=0.013)


@pytest.mark.parametrize(("element", "number"), [*zip(ELEMENTS, ATOMIC_NUMBERS, strict=True)])
def test_scattering_of_the_bare_nucleus_at_large_angles(element: str, number: int) -> None:
    """f_e(q) tends to Z / (2 pi^2 a0 q^2): the law of Mott and Bethe without electrons."""
    far = 60.0
    expected = number / (2 * math.pi**2 * 0.529177210903 * far**2)
    assert electron_scattering_factor(element, far) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("element", ELEMENTS)
def test_scattering_factors_fall(element: str) -> None:
    found = electron_scattering_factor(element, np.linspace(0, 12, 500))
    assert found.dtype == np.float64
    assert np.all(found > 0)
    assert np.all(np.diff(found) < 0)
    a, b = lobato_parameters(element)
    assert len(a) == len(b) == 5
    assert found[0] == pytest.approx(2 * sum(a), rel=1e-12)


def test_shapes_are_kept() -> None:
    assert electron_scattering_factor("C", 0.5).shape == ()
    assert electron_scattering_factor("C", np.zeros((3, 0, 2))).shape == (3, 0, 2)
    grid = np.arange(6.0).reshape(2, 3)
    found = electron_scattering_factor("C", grid)
    assert found[1, 2] == electron_scattering_factor("C", 5)
    assert electron_scattering_factor("C", 1e200) == 0


@pytest.mark.parametrize("detector", DETECTORS)
def test_cross_sections(detector: str) -> None:
    found = [cross_section(element, detector) for element in ELEMENTS]
    np.testing.assert_allclose(found, ABTEM_CROSS_SECTIONS[detector], rtol=5e-5)
    # Published to two or three digits.
    carbon = cross_section("C", detector)
    assert carbon == pytest.approx(CARBON[detector], rel=0.01 if carbon > 2e-4 else 0.03)


@pytest.mark.parametrize("detector", DETECTORS)
def test_exponents(detector: str) -> None:
    names = ("B", "N", "O", "Si", "S", "Se", "Mo", "W")
    for name, exponent in zip(names, EXPONENTS[detector], strict=True):
        number = ATOMIC_NUMBERS[ELEMENTS.index(name)]
        ratio = cross_section(name, detector) / cross_section("C", detector)
        assert math.log(ratio) / math.log(number / 6) == pytest.approx(exponent, abs=0.0051)


def test_cross_sections_by_another_integration() -> None:
    """Rings of solid angle, midpoints of 20,000 angles."""
    maker = script("make_cross_sections")
    for name, detector in DETECTORS.items():
        edges = np.linspace(detector.inner_mrad, detector.outer_mrad, 20001) / 1000
        angle = (edges[1:] + edges[:-1]) / 2
        q = 2 * np.sin(angle / 2) / wavelength(detector.kilovolts)
        amplitude = mass_ratio(detector.kilovolts) * electron_scattering_factor("Si", q)
        solid = 2 * np.pi * np.sin(angle) * np.diff(edges)
        expected = float((amplitude**2 * solid).sum())
        assert maker.integral("Si", detector) == pytest.approx(expected, rel=1e-7), name


def test_the_script_makes_the_file() -> None:
    made = script("make_cross_sections").computed()
    stored = json.loads(scattering_factors.CROSS_SECTIONS_FILE.read_text(encoding="utf-8"))
    assert made.keys() == stored.keys()
    for name, row in made.items():
        assert row == pytest.approx(stored[name], rel=2e-6)


def test_wavelengths() -> None:
    """As tables of electron microscopy have them."""
    for kilovolts, picometres in ((60, 4.866), (80, 4.176), (200, 2.508), (300, 1.969)):
        assert wavelength(kilovolts) * 100 == pytest.approx(picometres, abs=5e-4)
    assert mass_ratio(0) == 1
    assert mass_ratio(200) == pytest.approx(1.3914, abs=5e-5)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: cross_section("Xx", "60kv-54-200"), ValueError, "Received: element='Xx'"),
        (lambda: cross_section(NOT_A_NAME, "60kv-54-200"), TypeError, "Received: element=6"),
        (lambda: cross_section("C", "60 kV"), ValueError, "Received: detector='60 kV'"),
        (lambda: electron_scattering_factor("U", 1.0), ValueError, "Received: element='U'"),
        (lambda: electron_scattering_factor("C", [1, -0.5]), ValueError, r"Received: q=-0\.5"),
        (lambda: electron_scattering_factor("C", math.nan), ValueError, "q"),
        (lambda: electron_scattering_factor("C", "a"), TypeError, "q"),
        (lambda: wavelength(0), ValueError, "Received: kilovolts=0"),
        (lambda: mass_ratio(-1), ValueError, "Received: kilovolts=-1"),
    ],
)
def test_wrong_values(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
