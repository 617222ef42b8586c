"""The oracle of defects of crystals: closed forms, calibration, known values, bad input."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt.cli import main
from nanotilt.limits import estimate_limit, lattice_limit
from nanotilt.limits._lattice_ratio import Oracle, log_changes, orientations, origins
from nanotilt.recipes.ai4sd_2022 import lattice_defects
from nanotilt.scenes.lattice_terms import CRYSTALS

Captured = pytest.CaptureFixture[str]

STILL: dict[str, Any] = {
    "turn_deg": (0.0, 0.0), "scale_std": 0.0, "strain_std": 0.0, "tilt_std_deg": 0.0,
    "relief": (1.0, 1.0), "spread_angstrom": 0.1,
}  # fmt: skip
TOLD = ("clean", "counts", "pose", "imaging", "n_defects")


def drawn(recipe: nt.Recipe, share: float, count: int, seed: int = 3) -> Any:
    told = dataclasses.replace(recipe, normalise="none", targets=TOLD, weights=(1 - share, share))
    return told.sample(seed, 0, count)


def oracle_of(recipe: nt.Recipe) -> Oracle:
    lattice, camera = recipe.classes["defect"], recipe.detector
    assert isinstance(lattice, nt.Lattice)
    assert isinstance(camera, nt.DarkField)
    return Oracle(lattice, camera, (sum(lattice.relief) / 2,))


def scores(recipe: nt.Recipe, batch: Any) -> Any:
    oracle = oracle_of(recipe)
    return np.array(
        [
            oracle.log_ratios(
                batch.views[i], batch["counts"][i : i + 1],
                batch["clean"][i, 0] / batch["counts"][i], batch["pose"][i], batch["imaging"][i],
            )[0]
            for i in range(len(batch.views))
        ]
    )  # fmt: skip


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_vacancy_of_known_place_is_two_images_compared(share: float) -> None:
    recipe = lattice_defects("graphene", ("vacancy",), counts=40.0, lattice=nt.Lattice(**STILL))
    batch = drawn(recipe, share, 6)
    expected = []
    for view, clean, pose, imaging in zip(
        batch.views, batch["clean"], batch["pose"], batch["imaging"], strict=True
    ):
        down, across = np.mgrid[:48, :48].astype(np.float64)
        squared = (across - pose[0]) ** 2 + (down - pose[1]) ** 2
        without = clean[0].astype(np.float64)
        with_it = without.copy()
        for sigma, part in zip(imaging[1:3] / 0.3125, (0.8, 0.2), strict=True):
            with_it -= 40 * part * np.exp(-squared / (2 * sigma**2)) / (2 * math.pi * sigma**2)
        expected.append((view[0] * np.log(with_it / without) - (with_it - without)).sum())
    assert np.allclose(scores(recipe, batch), expected, atol=2e-3)


@pytest.mark.parametrize(
    ("crystal", "kind"),
    [
        ("graphene", "vacancy-5-9"),
        ("graphene", "stone-wales"),
        ("graphene", "nitrogen"),
        ("hbn", "triangle-3"),
        ("mos2", "metal-on-chalcogens"),
        ("mos2", "chalcogen-vacancy"),
    ],
)
def test_defects_are_those_that_are_drawn(crystal: str, kind: str) -> None:
    lattice = nt.Lattice(relief=(1.0, 1.0))
    recipe = lattice_defects(crystal, (kind,), counts=None, lattice=lattice)
    batch = drawn(recipe, 1.0, 4)
    flawed, camera = oracle_of(recipe).lattice, oracle_of(recipe).camera
    placed = orientations(kind, flawed, camera, 1.0)[0]
    for view, clean, pose, imaging in zip(
        batch.views[:, 0], batch["clean"][:, 0], batch["pose"], batch["imaging"], strict=True
    ):
        matrix = pose[2:].astype(np.float64).reshape(2, 2)
        change, added = log_changes(
            clean, pose[None, :2].astype(np.float64), matrix, placed,
            imaging[1:3].astype(np.float64) / 0.3125, np.array([0.8, 0.2]),
        )  # fmt: skip
        there, here = view - clean, np.expm1(change[0]) * clean
        assert np.sqrt(np.mean((here - there) ** 2) / np.mean(there**2)) < 0.02
        assert added[0] == pytest.approx(there.sum(), abs=0.05)


@pytest.mark.parametrize(
    ("crystal", "kind", "ways"), [("graphene", "vacancy", 2), ("hbn", "boron-vacancy", 1)]
)
def test_a_defect_may_be_at_every_site(crystal: str, kind: str, ways: int) -> None:
    recipe = lattice_defects(crystal, (kind,), counts=None)
    batch = drawn(recipe, 0.5, 40)
    flawed, camera = oracle_of(recipe).lattice, oracle_of(recipe).camera
    numbers = []
    for pose in batch["pose"]:
        number = 0.0
        for placed in orientations(kind, flawed, camera, 1.0):
            at, weight = origins(pose, flawed, camera, placed)
            number += weight * len(at)
            where = at + pose[2:].astype(np.float64).reshape(2, 2) @ placed.origin
            assert (np.abs(where - 23.5) <= 0.5 * (48 - 6 / 0.3125) + 1e-3).all()
        numbers.append(number / 3)
    cell = CRYSTALS[crystal].a ** 2 * math.sqrt(0.75)
    assert np.mean(numbers) == pytest.approx(ways * 81 / cell, rel=0.03)


def test_orientations_that_are_not_drawn_are_not_thought_of() -> None:
    recipe = lattice_defects(
        "graphene", ("vacancy-5-9",), counts=None, lattice=nt.Lattice(turn_deg=(0.0, 120.0))
    )
    flawed, camera = oracle_of(recipe).lattice, oracle_of(recipe).camera
    for pose in drawn(recipe, 0.5, 10)["pose"]:
        weights = [
            origins(pose, flawed, camera, placed)[1]
            for placed in orientations("vacancy-5-9", flawed, camera, 1.0)
        ]
        assert weights[:3] == [1.0, 0.0, 0.0]
        assert sum(weights[3:]) == 1.0 or (np.degrees(np.arctan2(pose[4], pose[2])) % 120) > 0


def test_what_it_says_of_itself_is_true() -> None:
    """Ratios are probabilities: defects are as frequent as they say, and right answers."""
    recipe = lattice_defects("mos2", ("chalcogen-vacancy",), counts=2.0)
    batch = drawn(recipe, 0.5, 400, seed=5)
    ratios = scores(recipe, batch)
    probability = 1 / (1 + np.exp(-ratios))
    error = np.sqrt((probability * (1 - probability)).sum()) / 400
    assert abs(probability.mean() - 0.5) < 3 * error
    right = (ratios > 0) == (batch["n_defects"] > 0)
    assert abs(right.mean() - np.maximum(probability, 1 - probability).mean()) < 3 * error


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("vacancy-5-9", {4.0: 0.66, 8.0: 0.76, 16.0: 0.89, 32.0: 0.98, 64.0: 0.998}),
        ("silicon", {2.0: 0.80, 4.0: 0.93, 8.0: 0.994}),
    ],
)
def test_values_of_an_independent_simulation(kind: str, known: dict[float, float]) -> None:
    """Found with splats of every atom in NumPy for 200 + 200 patches, +- 0.02."""
    limit = lattice_limit(lattice_defects("graphene", (kind,)), list(known), n_samples=240)
    assert limit.n_perfect == limit.n_defects == 120
    for point in limit.curve:
        assert point.auc.standard_error is not None
        error = math.hypot(0.02, point.auc.standard_error)
        assert point.auc.value == pytest.approx(known[point.counts], abs=2.5 * error)
        assert 0.5 < point.accuracy.value <= 1


def test_a_dose_does_not_depend_on_the_others_nor_on_threads() -> None:
    recipe = nt.recipes.graphene_vacancy()
    both = lattice_limit(recipe, (8.0, 32.0), n_samples=40, n_threads=2)
    one = lattice_limit(recipe, (32.0,), n_samples=40, n_threads=1)
    assert both.curve[1] == one.curve[0]
    own = lattice_limit(nt.recipes.graphene_vacancy(counts=32.0), n_samples=40)
    assert own.curve == one.curve
    assert own.recipe_digest != one.recipe_digest


def test_shares_move_the_accuracy_and_not_the_area() -> None:
    even = lattice_limit(nt.recipes.graphene_vacancy(8.0), n_samples=60).curve[0]
    rare = lattice_limit(nt.recipes.graphene_vacancy(8.0, 0.01), n_samples=60).curve[0]
    assert rare.auc == even.auc
    assert rare.accuracy.value == pytest.approx(0.99)


def test_each_kind_has_its_area() -> None:
    recipe = lattice_defects("graphene", ("vacancy", "boron"), counts=32.0)
    areas = lattice_limit(recipe, n_samples=80, n_reliefs=2).curve[0].auc_by_kind
    assert set(areas) == {"vacancy", "boron"}
    assert areas["boron"].value < 0.75 < 0.9 < areas["vacancy"].value


def changed(**fields: Any) -> Callable[[], nt.Recipe]:
    return lambda: lattice_defects("graphene", ("vacancy",), camera=nt.DarkField(48, **fields))


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "bright": (nt.recipes.graphene_hrtem, "must have a DarkField: .* of a BrightField"),
    "lines": (nt.recipes.chirality, "must have a DarkField"),
    "jitter": (changed(jitter_px=0.5), r"jitter_px must be 0: .* Received: jitter_px=0\.5"),
    "readout": (changed(readout_noise=1.0), "readout_noise must be 0"),
    "saturation": (changed(saturation=9.0), "saturation must be 0"),
    "no noise": (changed(counts=None), "counts must be given for a recipe without noise"),
    "several": (
        lambda: lattice_defects("graphene", ("vacancy",), n_defects=2),
        "one with n_defects=1: the oracle weighs one defect",
    ),
    "ripples": (
        lambda: lattice_defects("graphene", ("vacancy",), lattice=nt.Lattice(ripple_angstrom=1.0)),
        r"ripple_angstrom must be 0: the oracle knows flat sheets\. Received: ripple_angstrom=1\.0",
    ),
    "wide": (lambda: nt.recipes.graphene_vacancy(n_pixels=512), "n_pixels must be <= 256"),
    "told apart": (
        lambda: nt.Recipe(
            {"a": nt.Lattice(scale_std=0.0), "b": nt.Lattice(defects=("vacancy",))},
            nt.DarkField(),
            normalise="view",
        ),
        r"scale_std must be the same in both classes.*scale_std=0\.0 and 0\.01",
    ),
    "one class": (
        lambda: nt.Recipe(
            {"b": nt.Lattice(defects=("vacancy",))}, nt.DarkField(), normalise="view"
        ),
        "classes must be two",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_recipes_that_it_does_not_know(case: str) -> None:
    made, words = WRONG[case]
    with pytest.raises(ValueError, match=words):
        lattice_limit(made())


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"counts": ()}, ValueError, "counts must be one at least"),
        ({"counts": (0.0,)}, ValueError, r"counts\[0\] must be in .* Received: counts\[0\]=0\.0"),
        ({"counts": 3.0}, TypeError, "counts must be a sequence"),
        ({"n_samples": 2}, ValueError, r"n_samples must be .*Received: n_samples=2"),
        ({"n_reliefs": 0}, ValueError, "n_reliefs must be"),
        ({"seed": -1}, ValueError, "seed must be"),
        ({"recipe": 3}, TypeError, r"recipe must be a Recipe\. Received: recipe=3"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        lattice_limit(**{"recipe": nt.recipes.graphene_vacancy(), **arguments})


def test_the_banks_point_to_it() -> None:
    with pytest.raises(ValueError, match=r"limit of their own, nanotilt\.limits\.lattice_limit"):
        estimate_limit(nt.recipes.graphene_vacancy())


def test_interrupted() -> None:
    def stop(_words: str, share: float) -> None:
        if share > 0.3:
            raise KeyboardInterrupt

    limit = lattice_limit(nt.recipes.graphene_vacancy(64.0), n_samples=96, progress=stop)
    assert not limit.complete
    assert limit.n_perfect + limit.n_defects == 32


def test_command(tmp_path: Path, capsys: Captured) -> None:
    figures = tmp_path / "limit.json"
    words = ["limit", "graphene-vacancy", "--counts", "8", "64", "--test-samples", "40"]
    assert main([*words, "-o", str(figures)]) == 0
    said = capsys.readouterr()
    rows = [line.split() for line in said.out.splitlines() if "%" in line]
    assert [row[:2] for row in rows] == [["8", "5,527"], ["64", "44,216"]]
    assert "20 perfect patches, 20 with a defect, seed 0" in said.out
    found = json.loads(figures.read_text())
    assert [point["counts"] for point in found["curve"]] == [8.0, 64.0]
    for row, point in zip(rows, found["curve"], strict=True):
        assert float(row[2]) == pytest.approx(point["auc"]["value"], abs=1e-4)
        assert row[-2] == f"{100 * point['precision']:.1f}"
    assert found["complete"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["graphene-vacancy", "--bank", "5"], "--bank is for banks of templates"),
        (["graphene-vacancy", "--plot", "a.png"], "--plot is for banks of templates"),
        (["graphene-vacancy", "--counts", "-1"], "Received: counts[0]=-1.0"),
        (["chirality", "--counts", "3"], "--counts is for crystals"),
        (["graphene-hrtem"], "it does not know that of a BrightField"),
    ],
)
def test_wrong_words(words: list[str], error: str, capsys: Captured) -> None:
    assert main(["limit", *words]) == 2
    assert error in capsys.readouterr().err
