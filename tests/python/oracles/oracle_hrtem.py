"""A bright field of a lattice, atom by atom: slow, obvious, in double precision."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

import nanotilt as nt
from nanotilt.instruments.bright_field import POTENTIAL_OF_SCATTERING
from nanotilt.instruments.scattering_factors import electron_scattering_factor, wavelength
from nanotilt.scenes.defect_tables import table
from nanotilt.scenes.lattice_terms import CRYSTALS

Floats = npt.NDArray[np.float64]

FAR = 45.0
"""Angstrom around the frame in which atoms are added up."""

FURTHEST = 1.2
"""Spatial frequency, in 1/angstrom, up to which kernels are integrated."""


def kernels(
    camera: nt.BrightField, imaging: Floats, element: str, r: Floats
) -> tuple[Floats, Floats]:
    """What an atom adds to the wave's real and imaginary part at distances in angstrom."""
    defocus, spherical, focal_spread, convergence = imaging[:4]
    length = wavelength(camera.kilovolts)
    q, step = np.linspace(0, FURTHEST, 1201, retstep=True)
    chi = np.pi * (-length * defocus * q**2 + 0.5 * spherical * length**3 * q**4)
    spread = np.exp(-((np.pi * length * focal_spread * q**2) ** 2) / 2)
    cone = np.exp(-((np.pi * convergence * (spherical * length**2 * q**3 - defocus * q)) ** 2))
    still = camera.vibration_angstrom**2 + (camera.camera_sigma_px * camera.pixel_angstrom) ** 2
    blur = np.exp(-2 * np.pi**2 * still * q**2)
    potential = POTENTIAL_OF_SCATTERING * electron_scattering_factor(element, q)
    weight = camera.phase_of_potential * potential * spread * cone * blur * 2 * np.pi * q * step
    weight[0] *= 0.5
    weight[-1] *= 0.5
    waves = special.j0(2 * np.pi * q[:, None] * r[None])
    return (weight * np.sin(chi)) @ waves, (weight * np.cos(chi)) @ waves


def atoms(
    crystal: str, kind: str | None, pose: Floats, side_px: int
) -> list[tuple[float, float, str]]:
    """(x, y, element) of all atoms near a frame, in pixels; the defect stands at the origin."""
    a, at_a, at_b, _ = CRYSTALS[crystal]
    bond = a / np.sqrt(3)
    shape = np.array([[pose[2], pose[3]], [pose[4], pose[5]]])
    changes = {}
    if kind is not None:
        found = table(kind, crystal)
        sites = zip(found.m.tolist(), found.n.tolist(), found.sublattice.tolist(), strict=True)
        changes = {site: i for i, site in enumerate(sites)}
    per_angstrom = np.sqrt(abs(np.linalg.det(shape)))
    far = FAR * per_angstrom
    most = int((FAR + side_px / per_angstrom) / bond) + 4
    listed = []
    for m in range(-most, most + 1):
        for n in range(-most, most + 1):
            for sublattice, column in enumerate((at_a, at_b)):
                place = np.array(
                    [np.sqrt(3) * (m + 0.5 * n + 0.5 * sublattice), 1.5 * n + 0.5 * sublattice]
                )
                elements = column
                if (m, n, sublattice) in changes:
                    i = changes[m, n, sublattice]
                    place = place + np.array([found.dx[i], found.dy[i]])
                    elements = found.elements[i]
                x, y = shape @ (bond * place) + pose[:2]
                if -far < x < side_px + far and -far < y < side_px + far:
                    listed += [(x, y, element) for element in elements]
    return listed


def intensity(
    camera: nt.BrightField, crystal: str, kind: str | None, pose: Floats, imaging: Floats
) -> Floats:
    """Expected electrons of a dose of one per square angstrom, evenly lit."""
    n = camera.n_pixels
    places = np.arange(n, dtype=float)
    real, imaginary = np.zeros((n, n)), np.zeros((n, n))
    far = np.linspace(0, (FAR + 1.5 * n * camera.pixel_angstrom) * 1.5, 6001)
    by_element: dict[str, tuple[Floats, Floats]] = {}
    for x, y, element in atoms(crystal, kind, pose, n):
        if element not in by_element:
            by_element[element] = kernels(camera, imaging, element, far)
        r = camera.pixel_angstrom * np.hypot(places[None] - x, places[:, None] - y)
        real += np.interp(r, far, by_element[element][0])
        imaginary += np.interp(r, far, by_element[element][1])
    # A constant phase is seen nowhere.
    imaginary -= imaginary.mean()
    wave = 1 + real
    seen = wave**2 + imaginary**2 if camera.second_order else 1 + 2 * real
    return np.asarray(camera.pixel_angstrom**2 * seen)
