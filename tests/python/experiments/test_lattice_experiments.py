"""Experiments on defects of lattices: what they train on, and that they go on bit for bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

import nanotilt as nt
from nanotilt import experiments, limits, sweeps

pytest.importorskip("tensorflow")

from nanotilt.experiments.ai4sd_2022 import SHARES
from nanotilt.runs.lattices.reading import PatchRun
from nanotilt.runs.reading import read_run
from nanotilt.sweeps import anomaly
from nanotilt.sweeps import sweep as sweeping
from nanotilt.sweeps.sweep import is_finished
from nanotilt.training.methods.patches.patch_networks import class_weights, turned
from training_cases import Stopper, assert_same

FIXED: dict[str, list[float]] = {
    "samples": [600], "patches": [200], "share": [0.2], "weighted": [1], "augmented": [1],
}  # fmt: skip


@pytest.fixture(autouse=True)
def few_patches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tests of a few patches, in a folder of their own."""
    monkeypatch.setattr(anomaly, "TEST_PATCHES", {"quick": 480, "full": 480})
    monkeypatch.setattr(anomaly, "VALIDATION_PATCHES", 64)
    monkeypatch.chdir(tmp_path)


def finished(folder: Path) -> PatchRun:
    run = read_run(folder)
    assert isinstance(run, PatchRun), run
    return run


@pytest.mark.usefixtures("plain_overviews")
@pytest.mark.parametrize(
    ("name", "vary", "epochs", "within"),
    [
        ("lattice-perfect-only", {"samples": [5120]}, 2, True),
        ("lattice-imbalance", FIXED, 1, True),
        ("lattice-cnn-b", {"samples": [1280]}, 3, False),
    ],
)
def test_a_stopped_run_goes_on_bit_for_bit(
    name: str, vary: Mapping[str, list[float]], epochs: int, within: bool
) -> None:
    (unbroken,) = sweeps.run(name, vary=vary, n_threads=1, seed=3, out="unbroken").cells
    stopper = Stopper(epochs, within=within)
    (cell,) = sweeps.run(name, vary=vary, n_threads=1, seed=3, out="broken", watcher=stopper).cells
    assert stopper.pressed
    assert not is_finished(cell.folder)
    before = (cell.folder / "history.csv").read_text().splitlines()
    assert len(before) == 1 + epochs
    sweeps.run(name, vary=vary, n_threads=1, seed=3, out="broken")
    assert is_finished(cell.folder)
    assert (cell.folder / "history.csv").read_text().splitlines()[: len(before)] == before
    assert_same(unbroken.folder, cell.folder)


@pytest.mark.usefixtures("plain_overviews")
def test_rare_defects_are_learned_as_asked_for() -> None:
    """Training has the share that was asked for; the test as many of both kinds."""
    (cell,) = sweeps.run("lattice-imbalance", vary=FIXED, n_threads=1, out="runs").cells
    run = finished(cell.folder)
    assert run.recipe is not None
    assert run.tested_on is not None
    assert run.recipe.weights == (0.8, 0.2)
    assert run.tested_on.digest == nt.recipes.graphene_defects().digest
    settings = json.loads((cell.folder / "training.json").read_text())["settings"]
    assert (settings["images"], settings["weighted"], settings["augmented"]) == (200, True, True)
    assert run.samples_seen == 400  # of whole epochs
    assert run.results.levels == (4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)
    assert (run.results.kind < 0).mean() == pytest.approx(0.5, abs=0.1)


def test_imbalance_has_all_arms_at_every_share() -> None:
    cells = sweeping.plan(
        experiments.by_name("lattice-imbalance"), "fast", "quick", 1, 0, {}, None, None
    ).cells
    assert {cell.variation["share"] for cell in cells} == set(SHARES)
    arms = [tuple(sorted((set(cell.variation.items())) - {("share", cell.variation["share"])}))
            for cell in cells]  # fmt: skip
    assert len(arms) == 24
    assert len(set(arms)) == 6
    assert len({cell.folder for cell in cells}) == 24


def test_one_network_is_tested_elsewhere() -> None:
    """On kinds of defects, crystals and an instrument that it never saw; all are in the page."""
    sweep = sweeps.run("lattice-transfer", vary={"samples": [256]}, n_threads=1, out="runs")
    run = finished(sweep.cells[0].folder)
    kinds = {name: set(results.kinds) for name, results in run.elsewhere.items()}
    assert set(kinds) == {
        "unseen kinds", "hexagonal boron nitride", "molybdenum disulphide", "bright field"
    }  # fmt: skip
    assert not kinds["unseen kinds"] & set(run.results.kinds)
    assert "boron-vacancy" in kinds["hexagonal boron nitride"]
    assert run.elsewhere["bright field"].levels == (1e4, 3e4, 1e5, 3e5, 1e6)
    assert run.elsewhere["bright field"].best_fit is None
    assert run.elsewhere["hexagonal boron nitride"].best_fit is not None
    for page in (sweep.out / "report.html", run.folder / "report.html"):
        assert "molybdenum disulphide" in page.read_text()


def test_runs_of_several_experiments_stand_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = experiments.by_name("lattice-dose")
    assert all(part in experiments.names() for part in experiment.parts)
    cells = sweeping.plan(experiment, "fast", "quick", 2, 4, {}, None, None).cells
    assert [cell.experiment.name for cell in cells[::2]] == list(experiment.parts)
    assert [cell.seed for cell in cells[:2]] == [4, 5]
    with pytest.raises(ValueError, match="vary must be empty: lattice-dose lays runs"):
        sweeping.plan(experiment, "fast", "quick", 1, 0, {"samples": [256]}, None, None)


def test_a_fitted_lattice_stands_beside_every_network() -> None:
    """On dark fields: its scores are those of the counts that the network saw scaled."""
    (cell,) = sweeps.run("lattice-cnn-a", vary={"samples": [256]}, n_threads=1, out="runs").cells
    results = finished(cell.folder).results
    assert {"fit_hole", "fit_bump", "fit_either", "fit_match", "log_odds"} == set(results.scores)
    assert results.best == "log_odds"
    at = results.level == 64.0
    recipe = nt.recipes.graphene_defects(64.0)
    counts = nt.Recipe(recipe.classes, recipe.detector, recipe.weights, normalise="none")
    start = 2**41 + 4 * 60
    fit = nt.lattice_fit(counts.sample(0, start, 60).views[:, 0], "graphene")
    np.testing.assert_array_equal(results.scores["fit_either"][at], fit.either)
    page = (cell.folder / "report.html").read_text()
    assert "lattice fit, no training" in page
    assert "limit (exact likelihood ratio)" in page


def test_weights_make_classes_alike() -> None:
    recipe = nt.recipes.graphene_defects(defect_share=0.05)
    weights = class_weights(recipe)
    assert weights == pytest.approx({0: 1 / 1.9, 1: 10.0})
    assert class_weights(nt.Recipe(recipe.classes, recipe.detector, normalise="view")) == {
        0: 1.0, 1: 1.0
    }  # fmt: skip


def test_augmented_patches_are_turned_by_quarters_and_flipped() -> None:
    """All eight ways equally often, and each is a way to lay a square on itself."""
    patch = np.arange(9.0).reshape(1, 1, 3, 3)
    seen = turned(np.random.default_rng(1), np.repeat(patch, 4000, axis=0))
    ways, counts = np.unique(seen.reshape(len(seen), -1), axis=0, return_counts=True)
    expected = {
        np.rot90(one, k).tobytes() for one in (patch[0, 0], patch[0, 0, :, ::-1]) for k in range(4)
    }
    assert {way.tobytes() for way in ways} == expected
    assert abs(counts - 500).max() < 4.5 * 500**0.5


@pytest.mark.parametrize(
    ("vary", "words"),
    [
        ({"share": [0.0]}, r"vary\['share'\] must be in \(0, 1\)"),
        ({"share": [1.0]}, r"vary\['share'\] must be in \(0, 1\)"),
        ({"patches": [10.5]}, r"vary\['patches'\] must be a whole number >= 0"),
        ({"weighted": [2]}, r"vary\['weighted'\] must be a whole number >= 0 and <= 1"),
        ({"augmented": [1]}, r"vary\['augmented'\] must be 0 where patches are fresh"),
        ({"noise": [1]}, "vary must name one of samples, share, patches, weighted, augmented"),
    ],
)
def test_wrong_variations(vary: dict[str, list[float]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        anomaly.checked(vary, experiments.by_name("lattice-imbalance"))


def test_limits_that_were_measured_are_of_known_recipes() -> None:
    for name in ("graphene-defects", "graphene-vacancy", "hbn-defects", "mos2-defects"):
        limit = limits.measured_lattice(nt.recipes.by_name(name))
        assert limit is not None
        aucs = [point.auc.value for point in limit.curve]
        assert aucs == sorted(aucs)
        assert 0.5 < aucs[0] < aucs[-1] <= 1
        assert limit.n_perfect + limit.n_defects == 6_000
    assert limits.measured_lattice(nt.recipes.graphene_defects(3.0)) is None
