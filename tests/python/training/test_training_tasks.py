"""Training on a fixed set, begun anew when it stays at chance, and resumed in any of its tries."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt import training
from nanotilt.experiments import tasks
from nanotilt.runs.configuration import Request
from nanotilt.runs.folder import RunFolder
from nanotilt.runs.settings import Options, Settings
from nanotilt.tasks.task import Task
from nanotilt.training import start
from nanotilt.training.data import TrainingData
from training_cases import Recorder, press_ctrl_c, small_recipe

PAPER: dict[str, Any] = {
    "model": "paper",
    "epochs": 2,
    "steps_per_epoch": 6,
    "batch_size": 16,
    "seed": 3,
    "validation_samples": 200,
    "test_samples": 400,
    "n_threads": 1,
}


def settings(**changes: Any) -> Settings:
    class Plan:
        batch_size, samples_per_epoch, epochs, patience = 32, 96, 5, 10
        steps_per_execution, fixed_set, validation_samples, tries = 1, True, 2000, 4

    return Settings.resolve(Options(seed=3, **changes), Plan())  # type: ignore[arg-type]


def batches(data: Any) -> tuple[Any, Any]:
    """All views and labels of an epoch."""
    parts = [(views.numpy(), labels.numpy()) for views, labels in data]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def test_a_fixed_set_is_the_same_samples_in_a_new_order() -> None:
    recipe = small_recipe()
    data = TrainingData(recipe, settings(), Task.of(recipe))
    first, again = batches(data.epoch(0, 0)), batches(data.epoch(0, 0))
    later, next_try = batches(data.epoch(1, 0)), batches(data.epoch(0, 1))
    stream = recipe.sample(seed=3, start=0, count=96)
    np.testing.assert_array_equal(first[0], again[0])
    for views, labels in (first, later, next_try):
        places = [int(np.flatnonzero((stream.views == v).all(axis=(1, 2)))[0]) for v in views]
        assert sorted(places) == list(range(96))
        np.testing.assert_array_equal(labels, stream.label[places])
    assert (first[0] != later[0]).any()
    assert (first[0] != next_try[0]).any()
    assert settings().ranges()["training"] == [0, 96]
    assert (settings().validation_samples, settings().tries) == (2000, 4)
    assert settings(validation_samples=7, tries=2).tries == 2


@pytest.mark.parametrize("fixed", [True, False])
def test_labels_are_the_outputs_that_are_right(fixed: bool) -> None:
    recipe = nt.recipes.small_spiral()
    how = dataclasses.replace(settings(), fixed_set=fixed)
    views, labels = batches(TrainingData(recipe, how, tasks.CLOCKWISE_OR_NOT).epoch(0, 0))
    stream = recipe.sample(seed=3, start=0, count=96)
    right = {v.tobytes(): min(int(c), 1) for v, c in zip(stream.views, stream.label, strict=True)}
    assert [right[v.tobytes()] for v in views] == labels.tolist()
    assert labels.mean() == pytest.approx(0.5, abs=0.05)


def test_seeds_of_tries_never_meet() -> None:
    seeds = [
        dataclasses.replace(settings(), seed=seed).seed_of_try(number)
        for seed in range(50)
        for number in range(4)
    ]
    assert len(set(seeds)) == len(seeds)
    assert settings().seed_of_try(0) == settings().model_seed == 3


class Notes(Recorder):
    """Remembers notes, too."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


HOPELESS = nt.Recipe(
    {name: nt.Particle(nt.Outline()) for name in ("one", "other")}, nt.Detector(n_bins=8)
)
"""Two classes that are alike: no network gets away from chance."""


@pytest.mark.usefixtures("plain_runs")
def test_training_at_chance_is_begun_anew(tmp_path: Path) -> None:
    watcher = Notes()
    how = {**PAPER, "model": "fast"}  # which is compiled sooner
    result = training.train(HOPELESS, **how, tries=3, out=tmp_path / "run", watcher=watcher)
    tries = result.metrics.tries
    assert [tried.trained for tried in tries] == [False] * 3
    assert [tried.seed for tried in tries] == [result.settings.seed_of_try(i) for i in range(3)]
    assert [tried.epochs for tried in tries] == [2, 2, 2]
    assert watcher.notes == [
        f"training stayed at chance and starts again from new first weights: try {n} of 3"
        for n in (2, 3)
    ]
    assert {path.name for path in result.folder.glob("history*")} == {
        *("history.csv", "history-try1.csv", "history-try2.csv")
    }
    metrics = json.loads((result.folder / "metrics.json").read_text())
    assert [tried["trained"] for tried in metrics["tries"]] == [False] * 3


@pytest.mark.usefixtures("plain_runs")
def test_a_run_stopped_in_its_second_try_goes_on_there(tmp_path: Path) -> None:
    """To the bit: order of the samples, dropout and weights are those of a run never stopped."""
    whole = training.train(HOPELESS, **PAPER, tries=2, out=tmp_path / "whole")

    class InSecondTry(Notes):
        def stepped(self, step: training.watcher.Step) -> None:
            if self.notes and step.epoch == 2:
                press_ctrl_c()
                press_ctrl_c()

    with pytest.raises(training.RunStopped):
        training.train(HOPELESS, **PAPER, tries=2, out=tmp_path / "cut", watcher=InSecondTry())
    resumed = training.resume(tmp_path / "cut")
    assert resumed is not None
    assert resumed.metrics.tries == whole.metrics.tries
    for ours, theirs in zip(resumed.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_network_of_two_questions_from_request_to_report(tmp_path: Path) -> None:
    recipe = nt.recipes.hole_and_spiral()
    request = Request(
        recipe,
        "dual",
        task=tasks.FADING_CHIRALITY,
        network={"branch_units": [16], "joined_units": [8]},
        budget="quick",
    )
    options = Options(
        epochs=1, steps_per_epoch=4, batch_size=16, validation_samples=100, test_samples=300,
        n_threads=1,
    )  # fmt: skip
    folder = RunFolder.create(tmp_path / "run")
    result = start.begin(request, options, folder, training.Watcher())
    assert [score.name for score in result.metrics.questions] == ["hole", "chirality"]
    assert result.metrics.class_names == recipe.class_names
    assert result.model.heads == (2, 2)
    described = json.loads((folder.path / "training.json").read_text())
    assert Task.from_json_value(described["task"]) == tasks.FADING_CHIRALITY
    page = (folder.path / "report.html").read_text()
    assert "hole" in page
    assert "chirality" in page


@pytest.mark.usefixtures("plain_runs")
def test_starting_from_a_trained_network(tmp_path: Path) -> None:
    """Before its first step, the second network has the first one's weights but for its answers."""
    from nanotilt.training import beginning, run

    first = training.train(
        small_recipe(), **{**PAPER, "model": "fast"}, out=tmp_path / "first" / "seed0"
    )
    request = Request(small_recipe(), "second", start_from="../first/seed0/model.keras")
    folder = RunFolder.create(tmp_path / "second")
    how = run.resolve(request, Options(**{**PAPER, "model": "fast"}))
    model = beginning.new_state(request, how, folder).model
    for ours, theirs in zip(model.weights, first.model.weights, strict=True):
        same = bool((ours.numpy() == theirs.numpy()).all())
        assert same != ("probabilities" in ours.path), ours.path
