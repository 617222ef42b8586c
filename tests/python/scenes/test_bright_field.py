"""Bright fields of lattices: against a sum over all atoms, and what is refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import stats

import nanotilt as nt
import oracle_hrtem

EVEN = nt.Lattice(contamination=0.0, relief=(1.0, 1.0))
ONE = (45.0, 45.0)


def recipe(camera: nt.BrightField, kind: str | None, crystal: str = "graphene") -> nt.Recipe:
    kinds = () if kind is None else (kind,)
    lattice = dataclasses.replace(EVEN, crystal=crystal, defects=kinds)
    targets = ("clean", "pose", "imaging", "counts")
    return nt.Recipe({"only": lattice}, camera, normalise="none", targets=targets)


@pytest.mark.parametrize(
    ("crystal", "kind", "error"),
    [
        ("graphene", None, 1e-3),
        ("hbn", None, 1e-3),
        ("mos2", None, 1e-3),
        # What an atom more than 6 angstrom from the square adds is left out, and moves below 0.01.
        ("graphene", "vacancy-5-9", 0.02),
        ("graphene", "silicon", 0.03),
        ("mos2", "chalcogen-vacancy", 0.03),
    ],
)
@pytest.mark.parametrize("second_order", [False, True])
def test_images_are_sums_over_atoms(
    crystal: str, kind: str | None, error: float, second_order: bool
) -> None:
    camera = nt.BrightField(
        24, dose=None, focal_spread_angstrom=ONE, second_order=second_order,
        defocus_angstrom=(60.0, 90.0), spherical_um=(-20.0, 20.0),
    )  # fmt: skip
    drawn = recipe(camera, kind, crystal)
    batch = drawn.sample(1, 0, 1)
    pose, imaging = (batch[name][0].astype(float) for name in ("pose", "imaging"))
    expected = oracle_hrtem.intensity(camera, crystal, kind, pose, imaging)
    spread = expected.std()
    assert spread / expected.mean() > 0.005
    off = batch.views[0, 0] - expected
    assert np.sqrt(np.mean(off**2)) < error * spread
    assert abs(off.mean()) < 0.5 * error * spread
    without = oracle_hrtem.intensity(camera, crystal, None, pose, imaging)
    assert np.abs(batch["clean"][0, 0] - without).max() < 5e-3 * spread


def test_what_is_drawn_lies_within_its_ranges() -> None:
    camera = nt.BrightField(24, convergence_mrad=(0.1, 0.2), dose=(100.0, 1000.0))
    batch = recipe(camera, None).sample(3, 0, 2000)
    defocus, spherical, spread, cone = batch["imaging"][:, :4].T
    for values, low, high in (
        (defocus, -200, 200), (spherical, -2e5, 2e5), (spread, 25, 50), (cone, 1e-4, 2e-4),
        (np.log10(batch["counts"]), 2, 3),
    ):  # fmt: skip
        assert stats.kstest((values - low) / (high - low), "uniform").pvalue > 1e-4


def test_counts_are_poisson_numbers_of_the_dose() -> None:
    camera = nt.BrightField(64, dose=200.0)
    batch = recipe(camera, None).sample(5, 0, 20)
    expected = batch["clean"].astype(float)
    assert expected.mean() == pytest.approx(200 * 0.3125**2, rel=0.01)
    pull = (batch.views - expected) / np.sqrt(expected)
    n = pull.size
    assert abs(pull.mean()) < 4 / np.sqrt(n)
    assert abs(pull.var() - 1) < 4 * np.sqrt((2 + 1 / expected.mean()) / n)
    np.testing.assert_array_equal(batch.views, np.round(batch.views))


def test_a_large_frame_has_its_defect_where_it_says() -> None:
    """Squares of 26 angstrom about defects; a frame of 200 pixels is 62 angstrom wide."""
    camera = nt.BrightField(200, dose=None)
    scene = dataclasses.replace(EVEN, defects=("divacancy-5-8-5",), n_defects=3)
    targets = ("clean", "defects", "n_defects")
    batch = nt.Recipe({"only": scene}, camera, normalise="none", targets=targets).sample(2, 0, 3)
    change = np.abs(batch.views[:, 0] - batch["clean"][:, 0])
    rows, columns = np.mgrid[:200, :200]
    for i in range(3):
        places = batch["defects"][i, : batch["n_defects"][i], 1:3]
        assert len(places) == 3
        near = np.min([np.hypot(columns - x, rows - y) for x, y in places], axis=0)
        assert change[i][near > 120].max() == 0  # further than a square is wide, corner to corner
        assert change[i][near < 10].max() > 3 * change[i][near > 30].max()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("dose", 0.0, "dose must be a number in"),
        ("dose", (5.0, 2.0), "dose must be a number in"),
        ("kilovolts", 1.0, "kilovolts must be in"),
        ("defocus_angstrom", (10.0, -10.0), "defocus_angstrom must be .least, most."),
        ("focal_spread_angstrom", (-1.0, 2.0), "focal_spread_angstrom must be .least, most."),
        ("n_pixels", 8, "n_pixels must be >= 16"),
        ("pixel_angstrom", 5.0, "pixel_angstrom must be in"),
    ],
)
def test_what_is_refused(field: str, value: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        nt.BrightField(**{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["ripple_angstrom", "adatoms_per_nm2"])
def test_sheets_that_are_no_sum_of_waves_are_refused(field: str) -> None:
    scene = nt.Lattice(**{field: 1.0})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=f"{field} must be 0 for a BrightField"):
        nt.Recipe({"only": scene}, nt.BrightField())
