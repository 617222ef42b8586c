"""Runs that tag scattering images: scores and files, unseen runs, stopped and resumed, refused."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nanotilt as nt

pytest.importorskip("tensorflow")

from nanotilt import models, training
from nanotilt.report import overview
from nanotilt.runs import collect, csv_file
from nanotilt.runs.fields import configuration
from nanotilt.runs.fields.configuration import FieldRequest, FieldSettings
from nanotilt.runs.folder import RunFolder
from nanotilt.runs.reading import read_run
from nanotilt.runs.scattering.reading import TaggingRun
from nanotilt.runs.settings import TEST_START, VALIDATION_START
from nanotilt.scenes.scattering_terms import TAGS
from nanotilt.training.methods.scattering import tagging_networks
from nanotilt.training.methods.scattering.tagging_run import TaggingTraining
from nanotilt.training.watcher import Watcher
from training_cases import Stopper, assert_same

RECIPE = nt.recipes.scattering(32, scene=nt.Scattering(images_per_run=10))
TINY: dict[str, Any] = {
    "model": "scattering-cnn", "epochs": 2, "steps_per_epoch": 3, "batch_size": 8,
    "validation_samples": 20, "test_samples": 60, "n_threads": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "whole"
    result = training.train(RECIPE, out=folder, **TINY)
    assert not result.failed
    return folder


@pytest.fixture(scope="module")
def run(whole: Path) -> TaggingRun:
    found = read_run(whole)
    assert isinstance(found, TaggingRun), found
    return found


def test_scores_and_files_of_a_run(run: TaggingRun) -> None:
    assert list(run.scores) == ["mean", *TAGS]
    assert run.samples_seen == 2 * 3 * 8
    described = json.loads((run.folder / "training.json").read_text())
    assert (described["kind"], described["status"]) == ("tagging", "finished")
    assert (run.folder / "tags.csv").read_text() == run.results.to_csv()
    metrics = json.loads((run.folder / "metrics.json").read_text())
    assert [row["tag"] for row in metrics["table"]] == ["mean", *TAGS]
    page = (run.folder / "report.html").read_text()
    assert "never saw" in page
    assert all(tag in page for tag in TAGS)


def test_what_it_is_tested_on_is_of_runs_that_training_never_saw(run: TaggingRun) -> None:
    batch = tagging_networks.tested_recipe(RECIPE).sample(0, TEST_START, 60)
    for name in ("tags", "snr", "run"):
        np.testing.assert_array_equal(getattr(run.results, name), batch[name])
    validated = tagging_networks.tested_recipe(RECIPE).sample(0, VALIDATION_START, 20)
    trained = tagging_networks.tested_recipe(RECIPE).sample(0, 0, 48)
    for one in (trained, validated):
        assert not set(one["run"]) & set(batch["run"])
    assert run.of_seen_runs is None


def test_the_network_carries_recipe_and_tags_and_answers_alike(run: TaggingRun) -> None:
    model: Any = nt.load(run.folder)
    assert model.class_names == TAGS
    assert model.recipe.digest == dataclasses.replace(RECIPE, normalise="none").digest
    counts = model.recipe.sample(0, TEST_START, 60)
    scores = model.predict(counts.views, verbose=0)
    np.testing.assert_allclose(scores, run.results.scores, rtol=1e-4, atol=1e-5)


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


@pytest.mark.parametrize("model", ["fast", "coefficient-cnn"])
def test_what_a_network_looks_at_is_drawn_and_nothing_else(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: set[str] = set()
    plain = nt.Recipe._drawn

    def told(self: nt.Recipe, names: Any, *arguments: Any) -> Any:
        drawn.update(names)
        return plain(self, names, *arguments)

    # But for the few images that the report shows.
    monkeypatch.setattr("nanotilt.report.scattering.figures.worth_showing", lambda results: [])
    monkeypatch.setattr(nt.Recipe, "_drawn", told)
    training.train(RECIPE, out=tmp_path / "run", **{**TINY, "model": model, "epochs": 1})
    looks_at = "polar" if model == "fast" else "coefficients"
    assert drawn == {looks_at, "tags", "snr", "run"}
    found: Any = nt.load(tmp_path / "run")
    batch = found.recipe.sample(1, 0, 3)
    assert found.probabilities(found.seen({looks_at: batch[looks_at]})).shape == (3, len(TAGS))


def request(**changes: Any) -> FieldRequest:
    settings = FieldSettings(
        **{**TINY, "seed": 0, **changes.pop("settings", {})},
    )
    recipe = tagging_networks.learned_recipe(changes.pop("recipe", RECIPE), settings.model)
    return FieldRequest(recipe, "scattering", settings)


def begun(folder: Path, asked: FieldRequest) -> TaggingRun:
    result = TaggingTraining.begin(asked, RunFolder.create(folder), Watcher())
    assert not result.failed
    found = read_run(folder)
    assert isinstance(found, TaggingRun), found
    return found


def test_images_of_runs_that_training_saw_are_tested_beside_unseen_ones(tmp_path: Path) -> None:
    run = begun(tmp_path / "run", request(settings={"images": 40, "held_out": 4}))
    assert run.of_seen_runs is not None
    assert sorted(run.of_seen_runs.run) == sorted([0, 1, 2, 3] * 4)
    batch = tagging_networks.tested_recipe(RECIPE).sample(0, 0, 10)
    np.testing.assert_array_equal(run.of_seen_runs.tags[:4], batch["tags"][6:])
    assert run.samples_seen == 2 * 24  # of 48 images that were asked for, whole epochs of 24
    assert "Runs seen in training" in (run.folder / "report.html").read_text()
    again, _ = configuration.read(RunFolder(run.folder))
    assert again.settings.held_out == 4


def test_networks_of_the_paper_end_with_their_averaged_weights(tmp_path: Path) -> None:
    """What is tested and saved are averages; training went on from the weights themselves."""
    asked = request(
        settings={
            "model": "vgg", "size": "paper", "batch_size": 2, "epochs": 1, "steps_per_epoch": 2,
            "validation_samples": 2, "test_samples": 10,
        }
    )  # fmt: skip
    run = begun(tmp_path / "run", asked)
    model: Any = nt.load(run.folder)
    assert isinstance(model.optimizer, models.AveragedSGD)
    for weight, average in zip(model.trainable_weights, model.optimizer.averages, strict=True):
        np.testing.assert_array_equal(weight.numpy(), average.numpy())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"held_out": 4}, "held_out must be 0 where training sees fresh images"),
        ({"images": 40, "held_out": -1}, "held_out must be >= 0"),
        ({"size": "large"}, 'size must be "paper" or "small"'),
        ({"model": "resnet"}, 'model must be "unet" or'),
    ],
)
def test_wrong_settings_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        FieldSettings(**{**TINY, "seed": 0, **changes})


def test_all_images_of_a_run_cannot_be_held_out(tmp_path: Path) -> None:
    asked = request(settings={"images": 40, "held_out": 10})
    with pytest.raises(ValueError, match="held_out must be < 10"):
        TaggingTraining.begin(asked, RunFolder.create(tmp_path / "run"), Watcher())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tries": 2}, "tries has no meaning where the recipe asks for tagging"),
        ({"model": "unet"}, 'model must be "fast" or "polar-net" or "scattering-cnn"'),
        ({"model": "module:build"}, "networks of your own are trained on recipes with classes"),
    ],
)
def test_what_has_no_meaning_is_refused(
    options: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=words):
        training.train(RECIPE, out=tmp_path / "run", **{**TINY, **options})
    assert not (tmp_path / "run").exists()


def test_other_recipes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="classes must be scattering"):
        tagging_networks.learned_recipe(nt.recipes.by_name("graphene-defects"), "vgg")
    with pytest.raises(ValueError, match='model must be "fast" or "paper"'):
        training.train("graphene-defects", out=tmp_path / "run", **TINY)


def test_tables_and_overview_hold_it(run: TaggingRun) -> None:
    lines = csv_file.to_csv([run]).splitlines()
    assert len(lines) == 1 + 1 + len(TAGS)
    collection = collect.collect([run.folder])
    page = overview.overview_page(collection)
    assert all(tag in page for tag in TAGS)
