"""Images of lattices against multislice simulations by abTEM, where that is installed (slow).

A dark field is a convolution here, a bright field a weak phase; abTEM sends waves through the
potential. Measured on graphene with a vacancy: correlations of 0.996 in a dark field, 0.97 to 0.995
in bright fields.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage

import nanotilt as nt
from nanotilt.scenes.lattice_terms import ELEMENTS

Floats = npt.NDArray[np.float64]

SIDE = 30.0
"""Angstrom of the sheet; only its middle is compared."""

STILL = nt.Lattice(
    "graphene", ("vacancy-5-9",), scale_std=0.0, strain_std=0.0, tilt_std_deg=0.0,
    relief=(1.0, 1.0), turn_deg=(20.0, 20.0), spread_angstrom=0.01, contamination=0.0,
)  # fmt: skip

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def seen(camera: nt.DarkField | nt.BrightField) -> tuple[Floats, Any]:
    """The expected image, and its atoms as abTEM takes them."""
    ase = pytest.importorskip("ase")
    recipe = nt.Recipe({"v": STILL}, camera, normalise="none", targets=("atoms", "n_atoms"))
    batch = recipe.sample(1, 0, 1)
    rows = batch["atoms"][0, : batch["n_atoms"][0]]
    places = np.column_stack((rows[:, :2] * camera.pixel_angstrom, np.full(len(rows), 2.0)))
    symbols = [ELEMENTS[int(element)] for element in rows[:, 2]]
    sheet = ase.Atoms(symbols, positions=places, cell=[SIDE, SIDE, 4.0], pbc=True)
    return batch.views[0, 0].astype(float), sheet


def correlation(one: Floats, other: Floats) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_a_dark_field_is_that_of_multislice() -> None:
    abtem = pytest.importorskip("abtem")
    probe = nt.Probe(((0.45, 0.45), (1.29, 1.29)), (0.83, 0.17))
    camera = nt.DarkField(60, 0.5, counts=None, probe=probe, background=(0.0, 0.0))
    image, sheet = seen(camera)
    potential = abtem.Potential(sheet, sampling=0.085, slice_thickness=4)
    beam = abtem.Probe(energy=60e3, semiangle_cutoff=32, defocus=0)
    beam.grid.match(potential)
    first, n = 18, 24  # pixels: the middle 12 angstrom
    start, end = first * 0.5, (first + n) * 0.5
    scan = abtem.GridScan((start, start), (end, end), gpts=(n, n), endpoint=False)
    detector = abtem.AnnularDetector(inner=54, outer=180)
    measured = beam.scan(potential, scan=scan, detectors=detector, lazy=False)
    array = np.asarray(measured.array, float).T  # abTEM's first axis is x
    # The probe of 0.8 angstrom source that the two Gaussians stand for.
    blurred = ndimage.gaussian_filter(array, 0.8 / 2.355 / 0.5)
    inside = slice(2, -2)
    middle = image[first : first + n, first : first + n]
    assert correlation(blurred[inside, inside], middle[inside, inside]) >= 0.99


@pytest.mark.parametrize(
    ("defocus", "spherical_um", "least"),
    [(50.0, 0.0, 0.99), (-60.0, 20.0, 0.96), (90.0, -20.0, 0.96)],
)
def test_a_bright_field_is_that_of_multislice(
    defocus: float, spherical_um: float, least: float
) -> None:
    """Measured 0.995, 0.971, 0.975: a weak phase is fair, not quantitative."""
    abtem = pytest.importorskip("abtem")
    camera = nt.BrightField(
        100, 0.3, dose=None, defocus_angstrom=(defocus, defocus),
        spherical_um=(spherical_um, spherical_um), focal_spread_angstrom=(35.0, 35.0),
        convergence_mrad=(0.0, 0.0), vibration_angstrom=0.0, camera_sigma_px=0.0,
    )  # fmt: skip
    image, sheet = seen(camera)
    potential = abtem.Potential(sheet, sampling=0.1, slice_thickness=4)
    wave = abtem.PlaneWave(energy=80e3).multislice(potential, lazy=False)
    lens = abtem.CTF(energy=80e3, defocus=defocus, Cs=1e4 * spherical_um, focal_spread=35)
    array = np.asarray(wave.apply_ctf(lens).intensity().array, float).T
    assert array.shape == (300, 300)
    middle = slice(35, 65)
    assert correlation(array[::3, ::3][middle, middle], image[middle, middle]) >= least
