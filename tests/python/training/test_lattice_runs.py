"""Runs on lattices: perfect patches alone, and classifiers, each with AUC by kind and dose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nanotilt as nt

pytest.importorskip("tensorflow")

from nanotilt.runs.lattices.reading import PatchRun
from nanotilt.runs.lattices.results import PERFECT
from nanotilt.runs.reading import read_run
from nanotilt.training import lattice_truth, train
from nanotilt.training.methods.patches.patch_networks import at_doses, learned_recipe

RECIPE = nt.recipes.graphene_defects((64.0, 512.0), n_pixels=32)
FEW: dict[str, Any] = {
    "epochs": 2, "steps_per_epoch": 3, "batch_size": 16, "validation_samples": 64,
    "test_samples": 600, "n_threads": 1,
}  # fmt: skip


@pytest.fixture(scope="module", params=["dense-ae", "vae", "denoiser"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> PatchRun:
    out = tmp_path_factory.mktemp("run") / request.param
    result = train(RECIPE, model=request.param, out=out, **FEW)
    assert not result.failed
    found = read_run(out)
    assert isinstance(found, PatchRun), found
    return found


def test_scores_of_a_run(run: PatchRun) -> None:
    scores = {"error", "hole", "bump", "either"}
    codes = {"kl", "elbo", "mahalanobis"} if run.model == "vae" else set()
    fits = {"fit_hole", "fit_bump", "fit_either", "fit_match"}
    assert set(run.scores) == scores | codes | fits
    assert run.results.best in scores | codes
    assert run.results.best_fit in fits
    assert run.results.n_patches == 600
    assert run.samples_seen == 2 * 3 * 16
    assert 0.4 < (run.results.kind == PERFECT).mean() < 0.6
    assert set(run.results.levels) <= {64.0, 128.0, 256.0, 512.0}


def test_files_of_a_run(run: PatchRun) -> None:
    assert (run.folder / "defects.csv").read_text() == run.results.to_csv()
    metrics = json.loads((run.folder / "metrics.json").read_text())
    assert {row["score"] for row in metrics["table"]} == set(run.scores)
    page = (run.folder / "report.html").read_text()
    assert ("Codes of perfect" in page) == (run.model == "vae")
    with np.load(run.folder / "examples.npz") as shown:
        assert shown["view"].shape == shown["drawn"].shape == shown["found"].shape
    model: Any = nt.load(run.folder / "model.keras")
    batch = RECIPE.sample(5, 0, 3)
    assert model.redrawn(batch.views).shape == (3, 32, 32)


def test_training_sees_perfect_patches_alone() -> None:
    recipe = learned_recipe(RECIPE, "denoiser")
    assert recipe.class_names == ("perfect",)
    batch = lattice_truth.with_truth(recipe).sample(1, 0, 50)
    assert (lattice_truth.truth_of(batch)[0] == PERFECT).all()


def test_doses_of_a_test() -> None:
    for one, dose in zip(at_doses(RECIPE, (4.0, 16.0)), (4.0, 16.0), strict=True):
        batch = lattice_truth.with_truth(one).sample(1, 0, 20)
        np.testing.assert_allclose(lattice_truth.truth_of(batch)[1], dose, rtol=1e-6)
    assert at_doses(RECIPE, None) == (RECIPE,)


def test_truth_is_the_batchs() -> None:
    batch = lattice_truth.with_truth(RECIPE).sample(2, 0, 100)
    kind, counts = lattice_truth.truth_of(batch)
    np.testing.assert_array_equal(kind != PERFECT, batch.label == 1)
    assert ((counts >= 63.9) & (counts <= 512.1)).all()


def test_a_classifier_tells_defects_by_kind_and_dose(tmp_path: Path) -> None:
    result = train(RECIPE, model="cnn-a", out=tmp_path / "run", **FEW)
    assert not result.failed
    lines = (tmp_path / "run" / "defects.csv").read_text().splitlines()
    assert lines[1].startswith("log_odds,any,64.0,")
    assert "Defects against dose" in (tmp_path / "run" / "report.html").read_text()


@pytest.mark.parametrize("model", ["dense-ae", "denoiser"])
def test_recipes_without_perfect_lattices_are_refused(model: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="first class must be a perfect lattice"):
        train("chirality-images", model=model, out=tmp_path / "run", **FEW)
    assert not (tmp_path / "run").exists()


def test_the_usual_network_of_lattices(tmp_path: Path) -> None:
    """Without a word on the network, it is the one that was made for defects."""
    train(RECIPE, out=tmp_path / "run", **FEW)
    model = nt.load(tmp_path / "run" / "model.keras")
    assert isinstance(model, nt.models.DefectNet)
    settings = json.loads((tmp_path / "run" / "training.json").read_text())["settings"]
    assert settings["model"] == "defect-net"
