"""Atomic lattices: images and lists of atoms against the oracle in NumPy."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
import oracle_lattice
from nanotilt.scenes.lattice_terms import CRYSTALS, DEFECT_FAMILIES, DEFECTS, ELEMENTS
from oracle_lattice import patches

EXPECTED = nt.DarkField(48, counts=None)
GRAPHENE = DEFECT_FAMILIES["graphene"]
TRUTHS = (
    "label", "defects", "n_defects", "atoms", "n_atoms", "mask", "clean", "counts", "pose",
    "imaging",
)  # fmt: skip
POSSIBLE = [
    (crystal, kind)
    for crystal in ("graphene", "hbn", "mos2", "wse2")
    for kind in DEFECT_FAMILIES[CRYSTALS[crystal].family]
    if (crystal, kind)
    not in (("wse2", "tungsten-on-metal"), ("wse2", "selenium-on-chalcogen"))  # its own elements
]


def assert_as_the_oracle(
    lattice: nt.Lattice, camera: nt.DarkField, sample: int, *, clean: float, flawed: float
) -> None:
    """clean: largest error over the mean; flawed: rms error over the contrast."""
    batch = patches(lattice, camera, 5, sample, 1, *TRUTHS)
    expected = oracle_lattice.seen(lattice, camera, 5, sample)
    perfect = np.abs(batch["clean"][0, 0] - expected.clean)
    assert perfect.max() < clean * expected.clean.mean()
    difference = batch.views[0, 0] - expected.expected
    assert np.sqrt(np.mean(difference**2)) < flawed * expected.contrast
    assert np.abs(difference).max() < 12 * flawed * expected.contrast
    words = expected.sample
    np.testing.assert_allclose(batch["pose"][0], [*words.origin, *words.matrix.ravel()], atol=5e-5)
    shown = [words.background, *words.sigmas]
    np.testing.assert_allclose(batch["imaging"][0, : len(shown)], shown, rtol=1e-6)
    assert batch["counts"][0] == pytest.approx(words.counts, rel=1e-6)
    assert batch["n_defects"][0] == len(words.defects)
    assert np.count_nonzero(batch["mask"][0] != expected.mask) <= 1  # a pixel on the rim
    assert_same_atoms(batch["atoms"][0][: batch["n_atoms"][0]], expected, camera.n_pixels)


def assert_same_atoms(rows: Any, expected: oracle_lattice.Seen, n: int) -> None:
    """Atoms within 0.001 px of the frame's rim may be listed or not."""
    wanted = np.array(
        [
            (*place, ELEMENTS.index(element), atom.sublattice, atom.of_core)
            for atom, place in zip(expected.atoms, expected.places, strict=True)
            for element in atom.elements
        ]
    )
    inner, outer = (
        ((list_[:, :2] > slack - 0.5) & (list_[:, :2] < n - 0.5 - slack)).all(axis=1)
        for list_, slack in ((rows, 1e-3), (wanted, -1e-3))
    )
    assert ((wanted[:, :2] > 1e-3 - 0.5) & (wanted[:, :2] < n - 0.501)).all(axis=1).sum() <= len(
        rows
    ) <= outer.sum()  # fmt: skip
    rows, wanted = rows[inner], wanted[outer]
    apart = np.abs(rows[:, None, :2] - wanted[None, :, :2]).max(axis=2)
    alike = (rows[:, None, 2:] == wanted[None, :, 2:]).all(axis=2)
    found = (apart < 2e-4) & alike
    # Atoms of one element on top of each other are listed each for itself.
    np.testing.assert_array_equal(found.any(axis=1), True)
    assert found.any(axis=0).sum() >= len(rows)


@pytest.mark.parametrize("crystal", CRYSTALS)
def test_perfect_patches_are_those_of_the_oracle(crystal: str) -> None:
    for sample in range(3):
        assert_as_the_oracle(nt.Lattice(crystal), EXPECTED, sample, clean=5e-4, flawed=3e-4)


@pytest.mark.parametrize(("crystal", "kind"), POSSIBLE)
def test_patches_with_every_defect_are_those_of_the_oracle(crystal: str, kind: str) -> None:
    """Relaxed ones miss what windows and the rule of wide Gaussians leave out."""
    relaxed = kind in GRAPHENE and kind not in ("vacancy", "boron", "nitrogen", "oxygen")
    for sample in range(2):
        assert_as_the_oracle(
            nt.Lattice(crystal, (kind,)), EXPECTED, sample,
            clean=5e-4, flawed=5e-3 if relaxed else 3e-4,
        )  # fmt: skip


SCANS: dict[str, dict[str, Any]] = {
    "straight": {},
    "jitter": {"jitter_px": 0.5},
    "jitter of pixels": {"jitter_px": 3.0},
    "drift": {"drift_px": 20.0},
    "flyback": {"flyback_px": 20.0, "flyback_columns": 12.0},
    "flyback ahead": {"flyback_px": -6.0},
    "all": {"jitter_px": 0.4, "drift_px": 2.0, "flyback_px": 1.5},
    "z power": {"z_power": 1.7},
    "another detector": {"detector": "80kv-50-200"},
    "one Gaussian": {"probe": nt.Probe([(0.3, 0.3)], [1.0])},
    "wide": {"probe": nt.Probe([(0.5, 0.8), (2.0, 3.0), (0.4, 0.4)], [3, 1, 1])},
}


@pytest.mark.parametrize("name", SCANS)
@pytest.mark.parametrize("ripple", [0.0, 0.8])
def test_scans_and_probes_are_those_of_the_oracle(name: str, ripple: float) -> None:
    """A window about an atom lies where the scan sees the atom, which once was forgotten."""
    camera = dataclasses.replace(EXPECTED, **SCANS[name])
    lattice = nt.Lattice("graphene", ("divacancy-5-8-5",), ripple_angstrom=ripple)
    for sample in range(2):
        assert_as_the_oracle(lattice, camera, sample, clean=2e-3 if ripple else 5e-4, flawed=5e-3)


SCENES: dict[str, dict[str, Any]] = {
    "ripple": {"ripple_angstrom": 1.5, "ripple_length_angstrom": 40.0},
    "adatoms": {"adatoms_per_nm2": 10.0, "adatom": "Si"},
    "dirt": {"contamination": 1.0, "contamination_length_angstrom": 3.0},
    "clean": {"contamination": 0.0},
    "steep": {"tilt_std_deg": 20.0, "strain_std": 0.02, "scale_std": 0.03},
    "turned": {"turn_deg": (10.0, 12.0), "margin_angstrom": 6.0},
    "spread": {"spread_angstrom": 4.0},
    "outside": {"spread_angstrom": 60.0},
}


@pytest.mark.parametrize("name", SCENES)
def test_what_else_is_drawn_is_that_of_the_oracle(name: str) -> None:
    lattice = nt.Lattice("graphene", ("nitrogen",), **SCENES[name])
    for sample in range(2):
        assert_as_the_oracle(lattice, EXPECTED, sample, clean=4e-3, flawed=1e-3)


@pytest.mark.parametrize("sample", range(3))
@pytest.mark.parametrize(
    ("crystal", "number"), [("graphene", 5), ("hbn", 4), ("mos2", (2, 8)), ("graphene", 32)]
)
def test_several_defects_are_those_of_the_oracle(
    crystal: str, number: int | tuple[int, int], sample: int
) -> None:
    lattice = nt.Lattice(crystal, DEFECT_FAMILIES[CRYSTALS[crystal].family], n_defects=number)
    camera = nt.DarkField(96, counts=None)
    assert_as_the_oracle(lattice, camera, sample, clean=5e-4, flawed=6e-3)


@pytest.mark.parametrize(
    ("n_pixels", "pixel"), [(16, 0.4), (17, 0.5), (100, 0.3125), (256, 0.2), (1024, 0.06)]
)
def test_frames_of_all_sizes_are_those_of_the_oracle(n_pixels: int, pixel: float) -> None:
    lattice = nt.Lattice("graphene", ("stone-wales",), margin_angstrom=2.0)
    camera = nt.DarkField(n_pixels, pixel, counts=None)
    assert_as_the_oracle(lattice, camera, 0, clean=5e-4, flawed=5e-3)


def test_counts_multiply_the_expected_image() -> None:
    """One random number sets both the image's brightness and the target ``counts``."""
    lattice = nt.Lattice("hbn", ("triangle-3",))
    camera = nt.DarkField(48, counts=(2.0, 512.0))
    for sample in range(3):
        batch = patches(lattice, camera, 5, sample, 1, "counts", "clean")
        expected = oracle_lattice.seen(lattice, camera, 5, sample)
        assert batch["counts"][0] == pytest.approx(expected.sample.counts, rel=1e-6)
        np.testing.assert_allclose(
            batch["clean"][0, 0], expected.clean, atol=1e-3 * expected.clean.mean()
        )
        # 2304 counts of a mean of 0.3 or more: their sum within 5 standard deviations.
        total = expected.expected.sum()
        assert abs(batch.views[0].sum() - total) < 5 * np.sqrt(total)


def test_kinds_have_their_numbers() -> None:
    for crystal, kind in POSSIBLE:
        batch = patches(nt.Lattice(crystal, (kind,)), EXPECTED, 1, 0, 3, "defects", "mask")
        np.testing.assert_array_equal(batch["defects"][:, 0, 0], DEFECTS.index(kind))
        assert set(np.unique(batch["mask"])) == {0, 1 + DEFECTS.index(kind)}
