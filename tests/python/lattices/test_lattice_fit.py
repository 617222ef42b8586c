"""A perfect lattice fitted to images: against known geometry, a slow fit in NumPy, and chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt.lattices.templates import TEMPLATES, difference_atoms, template_atoms
from oracle_lattice_fit import deformation, fit, hollow, smoothed
from oracle_lattice_images import (
    GRAPHENE_A,
    PIXEL_A,
    expected_counts,
    lattice_matrix,
    random_counts,
)

LATTICE_PX = GRAPHENE_A / PIXEL_A


def turned(fitted: nt.lattices.LatticeFit) -> Any:
    """The matrices that the figures stand for."""
    c, s = np.cos(fitted.rotation_rad), np.sin(fitted.rotation_rad)
    turn = np.stack([np.stack([c, -s], -1), np.stack([s, c], -1)], -2)
    return fitted.scale[..., None, None] * (np.eye(2) + fitted.strain) @ turn


def same_lattice(one: Any, other: Any) -> float:
    """Largest difference of two lattices' matrices, one of them turned by sixths of a turn."""
    differences = []
    for k in range(6):
        turn = lattice_matrix(k * np.pi / 3, 1.0, (0.0, 0.0))
        differences.append(np.abs(one @ turn - other).max())
    return float(min(differences))


@pytest.mark.parametrize("degrees", [0.0, 7.0, 29.9, 45.0, 59.99, 200.0])
@pytest.mark.parametrize("n_pixels", [32, 48, 101])
def test_geometry_of_images_without_noise(degrees: float, n_pixels: int) -> None:
    matrix = lattice_matrix(np.deg2rad(degrees), 1.013, (0.004, -0.007))
    origin = (n_pixels / 2 - 2.7, n_pixels / 2 + 1.4)
    image = expected_counts(n_pixels, matrix=matrix, origin=origin)
    fitted = nt.lattice_fit(image, "graphene")
    assert fitted.found
    assert same_lattice(turned(fitted), matrix) < 2e-4
    assert fitted.scale == pytest.approx(1.013, abs=2e-4)
    off = np.abs((fitted.rotation_rad - np.deg2rad(degrees) + 0.5) % (np.pi / 3) - 0.5)
    assert off < 3e-4
    assert fitted.chi2 < 0.01
    # Hollows lie one bond above site A, in the crystal's axes, and wherever the lattice repeats.
    bond = matrix @ np.array([0.0, GRAPHENE_A / np.sqrt(3)]) / PIXEL_A
    cell = matrix @ np.array([[1, 0.5], [0, np.sqrt(0.75)]]) * LATTICE_PX
    cells = np.linalg.solve(cell, fitted.origin - origin - bond)
    np.testing.assert_allclose(cells, np.round(cells), atol=5e-3)


@pytest.mark.parametrize(
    ("crystal", "amplitudes"),
    [
        ("graphene", (1, 1)),
        ("hbn", (0.7, 1.3)),
        ("mos2", (5.5, 5)),
        ("wse2", (8, 3)),
        (3.0, (1, 0)),
    ],
)
def test_any_motif(crystal: str | float, amplitudes: tuple[float, float]) -> None:
    constant = {"graphene": 2.46, "hbn": 2.504, "mos2": 3.16, "wse2": 3.28}.get(str(crystal), 3.0)
    matrix = lattice_matrix(0.4, 0.99, (0.0, 0.006))
    image = expected_counts(
        64, constant_a=constant, matrix=matrix, amplitudes=amplitudes, probe_a=0.6
    )
    fitted = nt.lattice_fit(image, crystal)
    assert same_lattice(turned(fitted), matrix) < 1e-3
    assert fitted.chi2 < 0.02


def test_perfect_lattices_have_the_geometry_and_chi_square_that_noise_leaves() -> None:
    images, matrices = random_counts(1, 100)
    fitted = nt.lattice_fit(images, "graphene")
    assert fitted.found.all()
    errors = [same_lattice(a, b) for a, b in zip(turned(fitted), matrices, strict=True)]
    assert np.median(errors) < 0.007
    assert max(errors) < 0.03
    assert fitted.chi2.mean() == pytest.approx(1, abs=4 * fitted.chi2.std() / 10)


@pytest.mark.parametrize("per_atom", [32, 300])
def test_the_slow_fit_in_numpy_agrees(per_atom: float) -> None:
    images, _ = random_counts(2, 2, per_atom=per_atom, removed=1)
    fitted = nt.lattice_fit(images, "graphene")
    for i, image in enumerate(images):
        waves, coefficients, model = fit(image, LATTICE_PX)
        rotation, scale, strain = deformation(waves, LATTICE_PX)
        assert fitted.rotation_rad[i] == pytest.approx(rotation, abs=1e-5)
        assert fitted.scale[i] == pytest.approx(scale, abs=1e-5)
        np.testing.assert_allclose(fitted.strain[i], strain, atol=1e-5)
        np.testing.assert_allclose(fitted.origin[i], hollow(waves, coefficients) + 23.5, atol=1e-4)
        np.testing.assert_allclose(fitted.residual[i], (image - model) / np.sqrt(model), atol=5e-3)
        inside = smoothed(image, model, 1.2)[6:-6, 6:-6]
        assert fitted.hole[i] == pytest.approx(-inside.min(), abs=5e-3)
        assert fitted.bump[i] == pytest.approx(inside.max(), abs=5e-3)
        y, x = np.unravel_index(inside.argmin(), inside.shape)
        assert tuple(fitted.hole_place[i]) == (x + 6, y + 6)
        assert fitted.either[i] == max(fitted.hole[i], fitted.bump[i])


def auc(negative: Any, positive: Any) -> float:
    """Share of pairs in the right order."""
    return float((positive[:, None] > negative[None]).mean())


def test_a_missing_atom_is_a_hole() -> None:
    perfect = nt.lattice_fit(random_counts(3, 60)[0], "graphene", template="vacancy")
    images, _ = random_counts(4, 60, removed=1)
    missing = nt.lattice_fit(images, "graphene", template="vacancy")
    assert auc(perfect.hole, missing.hole) > 0.98
    assert auc(perfect.match, missing.match) > 0.99
    assert missing.chi2.mean() > perfect.chi2.mean()
    # An excess of the same size is a bump.
    brighter = nt.lattice_fit(2 * images.mean() - np.minimum(images, 2 * images.mean()), "graphene")
    assert auc(perfect.bump, brighter.bump) > 0.5


def test_places_of_a_missing_atom() -> None:
    place = (20.3, 25.8)
    image = expected_counts(48, origin=place, removed=1, per_atom=300)
    fitted = nt.lattice_fit(image, "graphene", template="vacancy")
    assert np.abs(fitted.hole_place - place).max() < 1
    np.testing.assert_allclose(fitted.match_place, place, atol=0.15)
    assert fitted.match > fitted.hole > 10
    # The template of one atom has no direction but that of its sublattice.
    away = (fitted.match_rad + np.pi / 3) % (2 * np.pi / 3) - np.pi / 3
    assert abs(away) < 0.01


def test_a_template_of_ones_own_is_the_named_one() -> None:
    images, _ = random_counts(5, 3, removed=1)
    atoms = template_atoms("vacancy-5-9", GRAPHENE_A)
    named = nt.lattice_fit(images, "graphene", template="vacancy-5-9")
    own = nt.lattice_fit(images, GRAPHENE_A, template=atoms)
    np.testing.assert_array_equal(named.match, own.match)
    weaker = nt.lattice_fit(images, GRAPHENE_A, template=atoms * [1, 1, 0.5])
    np.testing.assert_allclose(weaker.match, named.match, rtol=1e-9)
    without = nt.lattice_fit(images, "graphene")
    assert (without.match == 0).all()
    assert np.isnan(without.match_place).all()


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_lack_one_atom(name: str) -> None:
    atoms = difference_atoms(TEMPLATES[name], GRAPHENE_A)
    assert atoms[:, 2].sum() == -1
    assert np.abs(atoms[:, :2]).max() < 3 * GRAPHENE_A
    mirrored = atoms * [-1, 1, 1]
    nearest = [np.abs(mirrored - atom).max(axis=1).min() for atom in atoms]
    assert max(nearest) < 1e-9


def test_same_bits_for_any_threads_and_batches() -> None:
    images, _ = random_counts(6, 11)
    whole = nt.lattice_fit(images, "graphene", template="vacancy", n_threads=1)
    for n_threads in (2, 5):
        other = nt.lattice_fit(images, "graphene", template="vacancy", n_threads=n_threads)
        for name in vars(whole):
            np.testing.assert_array_equal(getattr(whole, name), getattr(other, name))
    parts = [nt.lattice_fit(part, "graphene", template="vacancy") for part in np.split(images, [4])]
    np.testing.assert_array_equal(whole.match, np.concatenate([part.match for part in parts]))
    np.testing.assert_array_equal(whole.residual[5], parts[1].residual[1])


def test_shapes() -> None:
    images, _ = random_counts(7, 6)
    flat = nt.lattice_fit(images, "graphene")
    batch = nt.lattice_fit(images.reshape(2, 3, 1, 48, 48).astype(np.int32), "graphene")
    assert batch.hole.shape == (2, 3, 1)
    assert batch.strain.shape == (2, 3, 1, 2, 2)
    assert batch.residual.shape == (2, 3, 1, 48, 48)
    assert batch.residual.dtype == np.float32
    np.testing.assert_array_equal(batch.hole.ravel(), flat.hole)
    single = nt.lattice_fit(images[0], "graphene")
    assert single.origin.shape == (2,)
    assert single.found.shape == ()
    none = nt.lattice_fit(images[:0], "graphene")
    assert none.hole.shape == (0,)
    assert none.residual.shape == (0, 48, 48)
    oblong = nt.lattice_fit(images[0, :40], nt.Lattice("graphene", ("nitrogen",)))
    assert oblong.residual.shape == (40, 48)
    assert oblong.scale == pytest.approx(single.scale, abs=0.01)


def test_images_without_a_lattice() -> None:
    empty = nt.lattice_fit(np.zeros((48, 48)), "graphene", template="vacancy")
    assert not empty.found
    assert empty.hole == empty.bump == empty.either == empty.match == 0
    assert not empty.residual.any()
    assert np.isnan([empty.chi2, empty.scale, empty.rotation_rad, *empty.origin]).all()
    constant = nt.lattice_fit(np.full((48, 48), 7.0), "graphene", template="vacancy")
    assert not constant.found
    assert constant.chi2 == pytest.approx(0, abs=1e-9)
    assert constant.hole == pytest.approx(0, abs=1e-3)
    one = np.zeros((48, 48))
    one[24, 24] = 1
    assert np.isfinite(nt.lattice_fit(one, "graphene", template="vacancy").either)
    noise = np.random.default_rng(1).poisson(3, (300, 48, 48))
    assert nt.lattice_fit(noise, "graphene").found.mean() < 0.02


IMAGE = np.ones((48, 48), np.float32)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"images": "no"}, TypeError, "images must hold real numbers"),
        ({"images": np.ones(48)}, ValueError, "images must have shape"),
        ({"images": np.ones((2, 31, 48))}, ValueError, "sides from 32 to 512"),
        ({"images": np.ones((513, 64))}, ValueError, "sides from 32 to 512"),
        ({"images": IMAGE - 2}, ValueError, "images must hold counts >= 0"),
        ({"images": IMAGE * np.nan}, ValueError, "images must be finite"),
        ({"images": IMAGE * 1e10}, ValueError, "images must hold counts <= 1e"),
        ({"lattice": "grafene"}, ValueError, "lattice must be"),
        ({"lattice": None}, TypeError, "lattice must be the name"),
        ({"lattice": True}, TypeError, "lattice must be the name"),
        ({"lattice": -2.46}, ValueError, "lattice must be > 0"),
        ({"lattice": 1e6}, ValueError, "lattice must be in"),
        ({"pixel_angstrom": 0.6}, ValueError, "pixel_angstrom must be from 1/100 to 1/5"),
        ({"pixel_angstrom": 0.01}, ValueError, "pixel_angstrom must be from 1/100 to 1/5"),
        ({"pixel_angstrom": "fine"}, TypeError, "pixel_angstrom must be a real number"),
        ({"pixel_angstrom": 0.1}, ValueError, "images must show 4 rows of cells"),
        ({"blob_angstrom": 0.05}, ValueError, "blob_angstrom must be from 0.3 to 60 pixels"),
        ({"blob_angstrom": 3.0}, ValueError, "blob_angstrom must be so small"),
        ({"probe_angstrom": 0.0}, ValueError, "probe_angstrom must be > 0"),
        ({"template": "hole"}, ValueError, "template must be"),
        ({"template": np.ones((2, 2))}, ValueError, r"template must have shape \(n, 3\)"),
        ({"template": np.zeros((2, 3))}, ValueError, "template must have a largest amplitude"),
        ({"template": [(99, 0, 1)]}, ValueError, "template must have atoms within 30"),
        ({"n_threads": 0}, ValueError, "n_threads must be >= 1"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], error: type[Exception], words: str) -> None:
    right: dict[str, Any] = {"images": IMAGE, "lattice": "graphene"}
    with pytest.raises(error, match=words):
        nt.lattice_fit(**{**right, **arguments})
