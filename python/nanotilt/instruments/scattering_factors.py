"""How strongly atoms scatter electrons: scattering factors, cross-sections of annular detectors.

Scattering factors are those of I. Lobato and D. Van Dyck, Acta Cryst. A 70, 636 (2014); their
parameters are in lobato_2014.json. cross_sections.json holds what annular detectors see of single
atoms; ``docs/make_cross_sections.py`` computes it.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nanotilt._base.arrays import finite_array
from nanotilt._base.checks import choice, real, received
from nanotilt._base.text_files import damaged, read_json_object
from nanotilt.scenes.lattice_terms import ELEMENTS

PARAMETERS_FILE = Path(__file__).with_name("lobato_2014.json")
CROSS_SECTIONS_FILE = Path(__file__).with_name("cross_sections.json")

REST_ENERGY_KEV = 510.99895
"""Of an electron."""

PLANCK_KEV_ANGSTROM = 12.398419843
"""Planck's constant times the speed of light."""


class AnnularDetector(NamedTuple):
    """A dark-field detector at an accelerating voltage."""

    kilovolts: float
    #: Scattering angles that it collects, in mrad.
    inner_mrad: float
    outer_mrad: float


DETECTORS = {
    "60kv-54-200": AnnularDetector(60.0, 54.0, 200.0),
    "60kv-80-240": AnnularDetector(60.0, 80.0, 240.0),
    "80kv-50-200": AnnularDetector(80.0, 50.0, 200.0),
    "200kv-60-200": AnnularDetector(200.0, 60.0, 200.0),
}
"""Detectors whose cross-sections are known, by name."""


def cross_section(element: str, detector: str) -> float:
    """The area with which an atom scatters electrons onto an annular detector.

    Dose in electrons per area times this is the expected number of electrons that an atom sends
    there. Single, elastic, incoherent scattering without lattice vibrations.

    Args:
        element: One of `nanotilt.scenes.lattice_terms.ELEMENTS`.
        detector: One of `DETECTORS`.

    Returns:
        Square angstrom.

    Raises:
        TypeError: A name is no string.
        ValueError: No such element or detector.
    """
    element = choice("element", element, ELEMENTS)
    detector = choice("detector", detector, tuple(DETECTORS))
    try:
        return float(_cross_sections()[detector][element])
    except (KeyError, TypeError) as error:
        raise damaged(CROSS_SECTIONS_FILE, error) from error


def electron_scattering_factor(element: str, q: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """An atom's scattering factor for electrons, f_e(q), in the first Born approximation.

    Without the relativistic factor (`mass_ratio`), by which fast electrons are scattered more.

    Args:
        element: One of `nanotilt.scenes.lattice_terms.ELEMENTS`.
        q: Spatial frequencies, 2 sin(theta / 2) / wavelength for a scattering angle theta, in
            1/angstrom, >= 0; any shape.

    Returns:
        Angstrom, float64, of q's shape.

    Raises:
        TypeError: The name is no string, or `q` holds no real numbers.
        ValueError: No such element; `q` holds negative numbers, or some that are not finite.
    """
    element = choice("element", element, ELEMENTS)
    frequency = finite_array("q", q, np.float64)
    if frequency.size and float(frequency.min()) < 0:
        raise ValueError(f"q must be >= 0. {received('q', float(frequency.min()))}")
    with np.errstate(over="ignore"):  # where the result is 0
        squared = frequency**2
        total = np.zeros_like(squared)
        for a, b in zip(*lobato_parameters(element), strict=True):
            share = 1.0 / (1.0 + b * squared)
            total += a * (share + share * share)
    return total


def lobato_parameters(element: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The parameters a (angstrom) and b (square angstrom), five each, of an atom's f_e(q).

    f_e(q) is the sum of a (2 + b q^2) / (1 + b q^2)^2.

    Args:
        element: One of `nanotilt.scenes.lattice_terms.ELEMENTS`.

    Returns:
        All a, and all b.

    Raises:
        TypeError: The name is no string.
        ValueError: No such element.
    """
    element = choice("element", element, ELEMENTS)
    try:
        stored = _parameters()["elements"][element]
        a, b = (tuple(float(value) for value in stored[name]) for name in "ab")
    except (KeyError, TypeError) as error:
        raise damaged(PARAMETERS_FILE, error) from error
    return a, b


def wavelength(kilovolts: float) -> float:
    """The wavelength of electrons.

    Args:
        kilovolts: The accelerating voltage, > 0.

    Returns:
        Angstrom.

    Raises:
        TypeError: The voltage is no real number.
        ValueError: It is not finite, or not above 0.
    """
    kilovolts = real("kilovolts", kilovolts, above=0.0)
    return PLANCK_KEV_ANGSTROM / math.sqrt(kilovolts * (kilovolts + 2 * REST_ENERGY_KEV))


def mass_ratio(kilovolts: float) -> float:
    """How much larger an electron's mass is in flight than at rest, by which it scatters more.

    Args:
        kilovolts: The accelerating voltage, >= 0.

    Returns:
        The ratio, >= 1.

    Raises:
        TypeError: The voltage is no real number.
        ValueError: It is not finite, or negative.
    """
    return 1.0 + real("kilovolts", kilovolts, at_least=0.0) / REST_ENERGY_KEV


@cache
def _parameters() -> dict[str, Any]:
    return read_json_object(PARAMETERS_FILE)


@cache
def _cross_sections() -> dict[str, Any]:
    return read_json_object(CROSS_SECTIONS_FILE)
