"""Computes what annular detectors see of single atoms: ``python docs/make_cross_sections.py``.

Writes python/nanotilt/instruments/cross_sections.json: square angstrom by detector and element,

    sigma = int |gamma f_e(q)|^2 dOmega = pi (gamma lambda)^2 int f_e(q)^2 d(q^2)

over the detector's scattering angles theta, with q = 2 sin(theta / 2) / lambda, whose square is as
uniform over the sphere as the solid angle is; gamma is the ratio of the electron's mass to its mass
at rest. Gauss-Legendre quadrature in log q; six digits are kept.
"""

from __future__ import annotations

import json
import math

import numpy as np

from nanotilt._base.files import write_text
from nanotilt.instruments.scattering_factors import (
    CROSS_SECTIONS_FILE,
    DETECTORS,
    AnnularDetector,
    electron_scattering_factor,
    mass_ratio,
    wavelength,
)
from nanotilt.scenes.lattice_terms import ELEMENTS

N_POINTS = 48


def main() -> None:
    """Makes the file."""
    write_text(CROSS_SECTIONS_FILE, json.dumps(computed(), indent=1) + "\n")


def computed() -> dict[str, dict[str, float]]:
    """Cross-sections by names of detector and element."""
    return {
        name: {element: float(f"{integral(element, detector):.6g}") for element in ELEMENTS}
        for name, detector in DETECTORS.items()
    }


def integral(element: str, detector: AnnularDetector) -> float:
    """The cross-section of an atom, in square angstrom."""
    length = wavelength(detector.kilovolts)
    inner, outer = (
        math.log(2 * math.sin(angle / 2000) / length)
        for angle in (detector.inner_mrad, detector.outer_mrad)
    )
    nodes, weights = np.polynomial.legendre.leggauss(N_POINTS)
    q = np.exp((inner + outer) / 2 + (outer - inner) / 2 * nodes)
    # d(q^2) = 2 q^2 d(log q)
    values = 2 * q**2 * electron_scattering_factor(element, q) ** 2
    total = (outer - inner) / 2 * float(weights @ values)
    return math.pi * (mass_ratio(detector.kilovolts) * length) ** 2 * total


if __name__ == "__main__":
    main()
