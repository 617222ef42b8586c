"""Atomic lattices: what must hold whatever draws them; distributions; counts."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from scipy import ndimage, stats

import nanotilt as nt
from nanotilt.scenes.defect_tables import table
from nanotilt.scenes.lattice_terms import DEFECT_FAMILIES, DEFECTS, ELEMENTS
from oracle_lattice import patches

STILL: dict[str, Any] = {"scale_std": 0.0, "strain_std": 0.0, "tilt_std_deg": 0.0}
SEVEN = nt.Lattice("graphene", nt.recipes.ai4sd_2022.GRAPHENE_DEFECTS)


@pytest.mark.parametrize(
    ("crystal", "kind", "lost"),
    [
        ("graphene", "vacancy", {"C": 1}),
        ("graphene", "vacancy-5-9", {"C": 1}),
        ("graphene", "divacancy-5-8-5", {"C": 2}),
        ("graphene", "stone-wales", {}),
        ("graphene", "silicon", {"C": 1, "Si": -1}),
        ("hbn", "boron-vacancy", {"B": 1}),
        ("hbn", "triangle-3", {"B": 3, "N": 1}),
        ("mos2", "chalcogen-vacancy", {"S": 1}),
        ("mos2", "metal-on-chalcogens", {"S": 2, "Mo": -1}),
    ],
)
def test_a_defect_takes_away_the_electrons_of_its_atoms(
    crystal: str, kind: str, lost: dict[str, int]
) -> None:
    """Far from the sides, whatever moves: the sum of expected electrons counts atoms."""
    lattice = nt.Lattice(crystal, (kind,), spread_angstrom=1.0, **STILL)
    camera = nt.DarkField(128, counts=None)
    batch = patches(lattice, camera, 2, 0, 4, "clean")
    weight = dict(zip(ELEMENTS, camera.weights, strict=True))
    taken = (batch["clean"] - batch.views).astype(np.float64).sum(axis=(1, 2, 3))
    expected = sum(n * weight[element] for element, n in lost.items())
    np.testing.assert_allclose(taken, expected, atol=0.01)


def test_a_crop_of_a_larger_frame_is_the_smaller_frame() -> None:
    """But for further defects, which lie anywhere in the frame, and what has a place in a scan."""
    lattice = dataclasses.replace(
        SEVEN, spread_angstrom=9.0, n_defects=1, adatoms_per_nm2=4.0, contamination=0.3
    )
    wanted = ("clean", "pose", "atoms", "n_atoms")
    for ripple in (0.0, 1.0):
        lattice = dataclasses.replace(lattice, ripple_angstrom=ripple)
        small, large = (
            patches(lattice, nt.DarkField(n, counts=None), 3, 0, 8, *wanted) for n in (48, 112)
        )
        for name in ("views", "clean"):
            crop = large[name][:, 0, 32:80, 32:80]
            assert np.abs(crop - small[name][:, 0]).max() < 1e-3 * small[name].mean()
        np.testing.assert_allclose(large["pose"][:, :2] - 32, small["pose"][:, :2], atol=2e-5)
        for i in range(8):
            there = large["atoms"][i][: large["n_atoms"][i]]
            inside = ((there[:, :2] >= 31.5) & (there[:, :2] < 79.5)).all(axis=1)
            assert abs(int(inside.sum()) - int(small["n_atoms"][i])) <= 1  # one on the rim


def test_both_classes_have_the_same_nuisances() -> None:
    """For one index all but the defects is the same, so nothing else tells the classes apart."""
    recipe = nt.recipes.graphene_defects()
    perfect, flawed = (
        patches(
            recipe.classes[name], nt.DarkField(48), 4, 0, 50, "pose", "imaging", "counts", "clean"
        )
        for name in ("perfect", "defect")
    )
    for name in ("pose", "imaging", "counts", "clean"):
        np.testing.assert_array_equal(perfect[name], flawed[name])


@pytest.mark.parametrize("counting", ["fast", "exact"])
@pytest.mark.parametrize("mean", [0.01, 0.1, 1.0, 5.0, 30.0, 300.0, 1e4])
def test_counts_are_poisson(mean: float, counting: Any) -> None:
    """Chi-square against the distribution at each pixel's own mean, by its quantiles."""
    lattice = nt.Lattice("graphene", contamination=0.0, **STILL, turn_deg=(0, 0))
    camera = nt.DarkField(64, counts=None, counting=counting, background=(1.0, 1.0))
    expected = patches(lattice, camera, 1, 0, 24)
    counts = mean / float(expected.views.mean())
    counted = patches(lattice, dataclasses.replace(camera, counts=counts), 1, 0, 24).views
    means = counts * expected.views.astype(np.float64)
    np.testing.assert_array_equal(counted, np.maximum(np.floor(counted), 0))
    rng = np.random.default_rng(0)
    low, high = stats.poisson.cdf(counted - 1, means), stats.poisson.cdf(counted, means)
    # Uniform where the distribution is right: a random place in the count's own step.
    uniform = (low + (high - low) * rng.random(counted.shape)).ravel()
    assert stats.kstest(uniform, "uniform").pvalue > 1e-4
    observed = np.histogram(uniform, 50, (0, 1))[0]
    assert stats.chisquare(observed).pvalue > 1e-4
    # Neighbours are independent.
    shifted = uniform.reshape(24, 64, 64) - 0.5
    correlation = (shifted[:, :, 1:] * shifted[:, :, :-1]).mean() * 12
    assert abs(correlation) < 5 / math.sqrt(shifted.size)


def test_counts_of_a_patch_are_uniform_in_their_logarithm() -> None:
    counts = patches(nt.Lattice(), nt.DarkField(16, 0.5, counts=(2, 512)), 1, 0, 4000, "counts")
    share = np.log2(counts["counts"] / 2) / 8
    assert stats.kstest(share, "uniform").pvalue > 1e-4


def test_pose_and_strain_have_their_distributions() -> None:
    lattice = nt.Lattice(scale_std=0.02, strain_std=0.01, tilt_std_deg=0.0, margin_angstrom=2.0)
    pose = patches(lattice, nt.DarkField(40, 0.3), 1, 0, 4000, "pose")["pose"].astype(np.float64)
    margin = 2.0 / 0.3
    places = (pose[:, :2] + 0.5 - margin) / (40 - 2 * margin)
    for axis in range(2):
        assert stats.kstest(places[:, axis], "uniform").pvalue > 1e-4
    matrix = pose[:, 2:].reshape(-1, 2, 2) * 0.3
    turn = np.arctan2(matrix[:, 1, 0] - matrix[:, 0, 1], matrix[:, 0, 0] + matrix[:, 1, 1])
    assert stats.kstest((turn / (2 * math.pi)) % 1, "uniform").pvalue > 1e-4
    cos, sin = np.cos(turn), np.sin(turn)
    back = np.stack([np.stack([cos, sin], -1), np.stack([-sin, cos], -1)], 1) @ matrix
    scale = (back[:, 0, 0] + back[:, 1, 1]) / 2
    strains = (back[:, 0, 0] - back[:, 1, 1]) / 2 / scale, back[:, 0, 1] / scale
    assert stats.kstest((scale - 1) / 0.02, "norm").pvalue > 1e-4
    for strain in strains:
        assert stats.kstest(strain / 0.01, "norm").pvalue > 1e-4
    np.testing.assert_allclose(back[:, 0, 1], back[:, 1, 0], atol=1e-6)
    assert abs(np.corrcoef(*strains)[0, 1]) < 5 / math.sqrt(4000)


def test_tilt_shortens_one_direction() -> None:
    lattice = nt.Lattice(scale_std=0.0, strain_std=0.0, tilt_std_deg=4.0)
    pose = patches(lattice, nt.DarkField(16, 0.5), 1, 0, 4000, "pose")["pose"].astype(np.float64)
    turn, values, _ = np.linalg.svd(pose[:, 2:].reshape(-1, 2, 2) * 0.5)
    np.testing.assert_allclose(values[:, 0], 1, atol=1e-6)
    tilt = np.degrees(np.arccos(np.clip(values[:, 1], 0, 1)))
    tilted = tilt > 1.0  # below, the cosine does not tell
    axis = np.arctan2(turn[tilted, 1, 1], turn[tilted, 0, 1]) / math.pi % 1
    assert stats.kstest(axis, "uniform").pvalue > 1e-4
    expected = stats.truncnorm(0.25, 7.5, scale=4.0)
    assert stats.kstest(tilt[tilted], expected.cdf).pvalue > 1e-4


def test_probe_and_background_are_uniform() -> None:
    camera = nt.DarkField(16, 0.5, probe=nt.Probe([(0.4, 0.6), (1, 2)], [1, 1]))
    imaging = patches(nt.Lattice(), camera, 1, 0, 4000, "imaging")["imaging"]
    for column, (low, high) in enumerate([(0.1, 0.4), (0.4, 0.6), (1.0, 2.0)]):
        assert stats.kstest((imaging[:, column] - low) / (high - low), "uniform").pvalue > 1e-4


def test_kinds_come_by_their_shares_and_numbers_equally_often() -> None:
    defects = (nt.Defect("vacancy", 1), nt.Defect("silicon", 3), nt.Defect("boron", 0))
    lattice = nt.Lattice("graphene", defects, n_defects=(0, 3))
    batch = patches(lattice, nt.DarkField(128), 1, 0, 1600, "defects", "n_defects")
    numbers = np.bincount(batch["n_defects"], minlength=4)
    assert stats.chisquare(numbers).pvalue > 1e-4
    rows = np.arange(3) < batch["n_defects"][:, None]
    kinds = np.bincount(batch["defects"][..., 0][rows].astype(int), minlength=len(DEFECTS))
    vacancies, silicons = kinds[DEFECTS.index("vacancy")], kinds[DEFECTS.index("silicon")]
    assert vacancies + silicons == rows.sum()
    assert stats.binomtest(int(vacancies), int(rows.sum()), 0.25).pvalue > 1e-4
    assert not batch["defects"][~rows].any()


def test_cores_of_several_defects_are_apart() -> None:
    kinds = DEFECT_FAMILIES["graphene"]
    lattice = nt.Lattice("graphene", kinds, n_defects=32, **STILL)
    batch = patches(lattice, nt.DarkField(128), 1, 0, 40, "defects", "n_defects")
    assert batch["n_defects"].max() > 8
    bond_px = 2.46 / math.sqrt(3) / 0.3125
    for rows, n in zip(batch["defects"], batch["n_defects"], strict=True):
        places = rows[:n, 1:3].astype(np.float64)
        reach = np.array([table(DEFECTS[int(kind)], "graphene").reach for kind in rows[:n, 0]])
        apart = np.linalg.norm(places[:, None] - places, axis=2) / bond_px
        least = reach[:, None] + reach + 1
        assert (apart >= least - 1e-3)[~np.eye(n, dtype=bool)].all()


def test_further_defects_lie_anywhere_and_turn_by_the_crystals_own_turns() -> None:
    lattice = nt.Lattice("graphene", ("vacancy-5-9",), n_defects=2, turn_deg=(0, 0), **STILL)
    batch = patches(lattice, nt.DarkField(128), 1, 0, 1500, "defects", "n_defects")
    there = batch["n_defects"] == 2
    first, second = batch["defects"][there, 0], batch["defects"][there, 1]
    turns = np.degrees(second[:, 3] - first[:, 3]) % 360
    steps = np.round(turns / 60) % 6
    np.testing.assert_allclose(np.abs((turns + 30) % 60 - 30), 0, atol=1e-3)
    assert stats.chisquare(np.bincount(steps.astype(int), minlength=6)).pvalue > 1e-4
    # Half a cell and the core's own place about a point that lies 9.6 px or more within the frame.
    assert 0 < second[:, 1:3].min() < 12
    assert 115 < second[:, 1:3].max() < 127


@pytest.mark.parametrize("kind", ["vacancy-5-9", "stone-wales", "divacancy-555-777"])
def test_orientations_are_those_of_the_image(kind: str) -> None:
    """Turned back by its orientation about its place, every defect looks the same."""
    lattice = nt.Lattice(
        "graphene", (kind,), n_defects=3, relief=(1, 1), contamination=0.0, **STILL
    )
    camera = nt.DarkField(256, counts=None, background=(0, 0), probe=nt.Probe([(0.5, 0.5)], [1]))
    batch = patches(lattice, camera, 5, 0, 12, "defects", "n_defects")
    grid = np.mgrid[-14:15, -14:15].astype(float)
    seen = []
    for image, rows, n in zip(batch.views[:, 0], batch["defects"], batch["n_defects"], strict=True):
        for _, x, y, turn in rows[:n]:
            others = np.hypot(*(rows[:n, 1:3] - (x, y)).T)
            if min(x, y, 255 - x, 255 - y) < 22 or np.sort(others)[1:2].min(initial=99) < 60:
                continue
            cos, sin = math.cos(turn), math.sin(turn)
            columns = x + cos * grid[1] - sin * grid[0]
            lines = y + sin * grid[1] + cos * grid[0]
            seen.append(ndimage.map_coordinates(image, [lines, columns], order=3))
    assert len(seen) >= 6
    stack = np.array(seen)
    disc = np.hypot(*grid) <= 14
    spread = stack.std(axis=0)[disc].mean() / stack.mean(axis=0)[disc].std()
    assert spread < 0.02


@pytest.mark.parametrize("crystal", ["graphene", "hbn", "mos2"])
def test_atoms_have_the_density_of_the_crystal(crystal: str) -> None:
    """And the mask covers what a defect moves: only there the image differs by much."""
    lattice = nt.Lattice(crystal, **STILL)
    batch = patches(lattice, nt.DarkField(128, 0.3), 1, 0, 20, "atoms", "n_atoms")
    a = {"graphene": 2.46, "hbn": 2.504, "mos2": 3.16}[crystal]
    per_cell = 3 if crystal == "mos2" else 2
    expected = per_cell * (128 * 0.3) ** 2 / (a * a * math.sqrt(3) / 2)
    assert batch["n_atoms"].mean() == pytest.approx(expected, rel=5e-3)
    for rows, n in zip(batch["atoms"], batch["n_atoms"], strict=True):
        assert not rows[n:].any()
        np.testing.assert_array_equal(rows[:n, 4], 0)
        names = {ELEMENTS[int(i)] for i in rows[:n, 2]}
        assert names == {"graphene": {"C"}, "hbn": {"B", "N"}, "mos2": {"Mo", "S"}}[crystal]


@pytest.mark.parametrize("counts", [None, 3.0, (2.0, 512.0)])
def test_each_view_is_normalised_by_itself(counts: Any) -> None:
    camera = nt.DarkField(48, counts=counts)
    plain = patches(SEVEN, camera, 1, 0, 20, "clean")
    recipe = nt.Recipe({"p": SEVEN}, camera, normalise="view", targets=("clean",))
    normalised = recipe.sample(1, 0, 20)
    np.testing.assert_allclose(normalised.views.mean(axis=(1, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(normalised.views.std(axis=(1, 2, 3)), 1, atol=1e-5)
    values, clean = (
        2 * np.sqrt(plain[name].astype(np.float64) + 3 / 8) if counts else plain[name]
        for name in ("views", "clean")
    )
    mean, spread = (f(values, axis=(1, 2, 3), keepdims=True) for f in (np.mean, np.std))
    np.testing.assert_allclose(normalised.views, (values - mean) / spread, atol=2e-5)
    np.testing.assert_allclose(normalised["clean"], (clean - mean) / spread, atol=2e-4)


def test_readout_and_saturation() -> None:
    lattice = nt.Lattice(contamination=0.0)
    camera = nt.DarkField(48, counts=100.0)
    plain = patches(lattice, camera, 1, 0, 20).views
    noisy = patches(lattice, dataclasses.replace(camera, readout_noise=3.0), 1, 0, 20).views
    assert stats.kstest(((noisy - plain) / 3).ravel(), "norm").pvalue > 1e-4
    cut = patches(lattice, dataclasses.replace(camera, saturation=6.0), 1, 0, 20).views
    np.testing.assert_array_equal(cut, np.minimum(plain, 6))
