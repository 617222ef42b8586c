"""Runs that find defects: scores and files, stopped and resumed, in sweeps, refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nanotilt as nt

pytest.importorskip("tensorflow")

from nanotilt import training
from nanotilt.report import overview
from nanotilt.runs import collect, csv_file
from nanotilt.runs.lattices.places import NONE, SCORES
from nanotilt.runs.lattices.reading import DefectRun
from nanotilt.runs.reading import read_run
from nanotilt.training.methods.patches.defect_test import compared, true_defects
from training_cases import Stopper, assert_same

RECIPE = nt.recipes.graphene_several_defects((64.0, 512.0), n_pixels=24)
TINY: dict[str, Any] = {
    "model": "finder", "epochs": 2, "steps_per_epoch": 4, "batch_size": 8,
    "validation_samples": 16, "test_samples": 120, "n_threads": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "whole"
    result = training.train(RECIPE, out=folder, **TINY)
    assert not result.failed
    return folder


@pytest.fixture(scope="module")
def run(whole: Path) -> DefectRun:
    found = read_run(whole)
    assert isinstance(found, DefectRun), found
    return found


def test_scores_and_files_of_a_run(run: DefectRun) -> None:
    assert run.results.n_patches == 120
    assert run.samples_seen == 2 * 4 * 8
    assert set(run.scores) == set(SCORES)
    assert set(run.results.levels) <= {64.0, 128.0, 256.0, 512.0}
    described = json.loads((run.folder / "training.json").read_text())
    assert (described["kind"], described["status"]) == ("detection", "finished")
    assert (run.folder / "defects.csv").read_text() == run.results.to_csv()
    metrics = json.loads((run.folder / "metrics.json").read_text())
    assert {row["kind"] for row in metrics["table"]} == set(run.results.columns)
    page = (run.folder / "report.html").read_text()
    for words in ("Defects against dose", "What kinds are taken for", "green where kind and place"):
        assert words in page
    with np.load(run.folder / "examples.npz") as shown:
        assert shown["view"].shape == (len(shown["number"]), 24, 24)
    model: Any = nt.load(run.folder / "model.keras")
    assert model.recipe == RECIPE
    assert len(model.found(RECIPE.sample(5, 0, 3).views)) == 3


def test_tables_and_overview_hold_it(run: DefectRun) -> None:
    lines = csv_file.to_csv([run]).splitlines()
    assert len(lines) == 1 + len(list(run.results.rows()))
    collection = collect.collect([run.folder])
    assert NONE in overview.overview_page(collection)


def test_a_stopped_run_goes_on_bit_for_bit(
    whole: Path, tmp_path: Path, ctrl_c_is_heard: None
) -> None:
    stopper = Stopper(1, within=True)
    stopped = training.train(RECIPE, out=tmp_path / "a", watcher=stopper, **TINY)
    assert stopper.pressed
    assert stopped.interrupted
    resumed = training.resume(tmp_path / "a", n_threads=1)
    assert resumed is not None
    assert not resumed.interrupted
    assert_same(tmp_path / "a", whole)
    assert training.resume(tmp_path / "a") is None


def test_a_network_that_knows_all_is_always_right() -> None:
    batch = RECIPE.sample(2, 0, 200)
    true = true_defects(batch)
    found = compared(true, true, batch["counts"].astype(float), 0.3125)
    assert set(found.overall()) == set(SCORES)
    assert all(metric.value == 1 for metric in found.overall().values())
    assert found.error_angstrom.max() == 0
    perfect = found.row(None, NONE)
    assert perfect is not None
    assert perfect.scores["right"].value == 1


def test_what_is_far_away_or_twice_is_not_right() -> None:
    batch = RECIPE.sample(2, 0, 200)
    true = true_defects(batch)
    moved = [one.copy() for one in true]
    for one in moved:
        one["x"] += 3.3  # 1.03 angstrom
    counts = batch["counts"].astype(float)
    alone = [one if len(one) == 1 else one[:0] for one in true]
    away = [one if len(here) == 1 else one[:0] for one, here in zip(moved, true, strict=True)]
    assert compared(alone, away, counts, 0.3125).overall()["placed"].value == 0
    twice = [np.concatenate([one, one]) for one in true]
    scores = compared(true, twice, counts, 0.3125).overall()
    assert scores["right"].value == 1
    assert scores["precision"].value == 0.5


@pytest.mark.parametrize("recipe", ["chirality-images", "graphene-defects"])
def test_recipes_of_something_else_are_refused(recipe: str, tmp_path: Path) -> None:
    if recipe == "graphene-defects":
        options = {**TINY, "tries": 2}
        with pytest.raises(ValueError, match="tries has no meaning"):
            training.train(recipe, out=tmp_path / "run", **options)
    else:
        with pytest.raises(ValueError, match="classes must be lattices"):
            training.train(recipe, out=tmp_path / "run", **TINY)
    assert not (tmp_path / "run").exists()
