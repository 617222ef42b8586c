"""Training: settings, the out folder, checkpoints, stopping and resuming, what is written."""

from __future__ import annotations

import csv
import dataclasses
import itertools
import json
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt import training
from nanotilt.report.contents import EpochRecord
from nanotilt.report.markup import text
from nanotilt.training.run_folder import RunFolder
from nanotilt.training.settings import RANGE_LIMIT, TEST_START, VALIDATION_START
from nanotilt.training.watcher import RunStart, Step

SMALL: dict[str, Any] = {
    "epochs": 3,
    "steps_per_epoch": 14,  # in two calls of Keras, seven each
    "batch_size": 16,
    "seed": 5,
    "validation_samples": 300,
    "test_samples": 2100,
    "n_threads": 2,
}
FILES = {
    "model.keras",
    "recipe.json",
    "training.json",
    "history.csv",
    "metrics.json",
    "report.html",
}


def small_recipe(n_views: int = 2) -> nt.Recipe:
    recipe = nt.recipes.hole(0.3, n_views=n_views)
    return nt.Recipe(recipe.classes, dataclasses.replace(recipe.detector, n_bins=8))


class Recorder(training.Watcher):
    """Remembers what it is told, and does something at a step of its choice."""

    def __init__(self, at: tuple[int, int] = (0, 0), act: Callable[[], None] | None = None) -> None:
        self.steps: list[Step] = []
        self.records: list[EpochRecord] = []
        self.start: RunStart | None = None
        self.was_told_to_stop = False
        self._at, self._act = at, act

    def started(self, start: RunStart) -> None:
        self.start = start

    def stepped(self, step: Step) -> None:
        self.steps.append(step)
        if self._act is not None and (step.epoch, step.step) == self._at:
            self._act()

    def epoch_ended(self, record: EpochRecord) -> None:
        self.records.append(record)

    def stopping(self) -> None:
        self.was_told_to_stop = True


def press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def without_times(record: EpochRecord) -> EpochRecord:
    return dataclasses.replace(record, seconds=0.0, samples_per_second=0.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def whole(folder: Path) -> tuple[training.TrainingResult, Recorder]:
    """A run that nobody stopped."""
    watcher = Recorder()
    result = training.train(small_recipe(), **SMALL, out=folder / "whole", watcher=watcher)
    return result, watcher


Whole = tuple[training.TrainingResult, Recorder]


def test_all_files_are_there_and_nothing_else(whole: Whole) -> None:
    assert {path.name for path in whole[0].folder.iterdir()} == FILES


def test_configuration(whole: Whole) -> None:
    value = json.loads((whole[0].folder / "training.json").read_text())
    assert value["status"] == "finished"
    assert value["recipe"] == {"name": "custom", "digest": small_recipe().digest}
    assert value["seeds"] == {"stream": 5, "model": 5}
    assert value["sample_ranges"] == {
        "training": [0, 3 * 14 * 16],
        "validation": [VALIDATION_START, VALIDATION_START + 300],
        "test": [TEST_START, TEST_START + 2100],
    }
    assert value["build_info"] == nt.build_info()
    assert {"nanotilt", "python", "keras", "numpy"} <= set(value["versions"])
    assert value["model"]["trainable_parameters"] == whole[0].model.count_params() - sum(
        int(np.prod(weight.shape)) for weight in whole[0].model.non_trainable_weights
    )
    saved = nt.Recipe.from_json((whole[0].folder / "recipe.json").read_text())
    assert saved == small_recipe()


def test_history(whole: Whole) -> None:
    result, watcher = whole
    with (result.folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3]
    assert [int(row["samples_seen"]) for row in rows] == [224, 448, 672]
    for row, record in zip(rows, result.history, strict=True):
        for name, value in row.items():
            assert float(value) == pytest.approx(getattr(record, name), rel=1e-6)
        assert record.samples_per_second == pytest.approx(224 / record.seconds)
        assert 0 <= record.accuracy <= 1
        assert record.loss > 0
        assert 0 <= record.val_accuracy <= 1
    assert result.history[-1].learning_rate == 0  # the schedule spans the steps asked for
    assert tuple(watcher.records) == result.history
    assert watcher.steps[-1].step == 14
    assert watcher.start is not None
    assert watcher.start.settings == result.settings


def test_metrics_are_those_of_the_saved_model_on_the_test_range(whole: Whole) -> None:
    """Recomputed from the saved files alone, the plain way."""
    import keras

    result, _ = whole
    value = json.loads((result.folder / "metrics.json").read_text())
    batch = small_recipe().sample(seed=5, start=2**41, count=2100)
    model = keras.saving.load_model(result.folder / "model.keras")
    probabilities = model.predict(batch.views, batch_size=700, verbose=0)
    right = probabilities.argmax(axis=1) == batch.label
    assert value["test"]["n_samples"] == 2100
    assert value["test"]["accuracy"] == pytest.approx(right.mean(), abs=1e-3)
    assert value["test"]["loss"] == pytest.approx(
        -np.log(probabilities[np.arange(2100), batch.label]).mean(), rel=1e-4
    )
    assert np.sum(value["confusion_matrix"]) == 2100
    assert np.trace(value["confusion_matrix"]) == round(2100 * value["test"]["accuracy"])
    twice = batch.views[:, [0, 0]]
    same = model.predict(twice, batch_size=700, verbose=0).argmax(axis=1) == batch.label
    assert value["same_view"]["accuracy"] == pytest.approx(same.mean(), abs=1e-3)
    assert value["chance"] == pytest.approx(0.5, abs=1e-3)
    assert value["paper"] is None
    for speed in value["throughput"].values():
        assert speed > 0
    assert set(value["timings_s"]) == {"loading", "training", "validation", "test"}
    assert result.accuracy == value["test"]["accuracy"]
    assert result.standard_error == value["test"]["standard_error"]


def test_what_the_report_says_to_type_gives_the_same_accuracy(
    whole: Whole, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from nanotilt.report import particulars
    from nanotilt.report.contents import Predictions, ReportContents

    result, _ = whole
    empty = Predictions(5, TEST_START, np.zeros(0, np.int32), np.zeros((0, 2), np.float32))
    contents = ReportContents(
        recipe=small_recipe(),
        recipe_name="custom",
        configuration=json.loads((result.folder / "training.json").read_text()),
        history=result.history,
        metrics=result.metrics,
        predictions=empty,
    )
    code = particulars.test_again(contents)
    assert text(code) in (result.folder / "report.html").read_text()
    monkeypatch.chdir(result.folder)
    exec(code, {})
    printed = float(capsys.readouterr().out.split()[-1])
    assert printed == pytest.approx(result.accuracy, abs=1e-3)


def test_stopped_and_resumed_is_the_same_as_never_stopped(whole: Whole, folder: Path) -> None:
    out = folder / "stopped"
    watcher = Recorder((2, 7), press_ctrl_c)
    stopped = training.train(small_recipe(), **SMALL, out=out, watcher=watcher)
    assert watcher.was_told_to_stop
    assert stopped.interrupted
    assert [record.samples_seen for record in stopped.history] == [224, 336]
    assert {path.name for path in out.iterdir()} == FILES | {"checkpoint-epoch-0001"}
    assert json.loads((out / "training.json").read_text())["status"] == "interrupted"
    assert "stopped by hand after 336 of 672 samples" in (out / "report.html").read_text()

    resumed = training.resume(out)
    assert resumed is not None
    assert not resumed.interrupted
    assert {path.name for path in out.iterdir()} == FILES
    expected = [without_times(record) for record in whole[0].history]
    assert [without_times(record) for record in resumed.history] == expected
    for ours, theirs in zip(resumed.model.weights, whole[0].model.weights, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    assert resumed.metrics.test == whole[0].metrics.test
    assert resumed.metrics.confusion_matrix == whole[0].metrics.confusion_matrix
    assert training.resume(out) is None


def test_ctrl_c_twice_quits_and_keeps_the_last_epoch(folder: Path) -> None:
    out = folder / "twice"

    def press_twice() -> None:
        press_ctrl_c()
        press_ctrl_c()

    with pytest.raises(training.RunStopped) as stopped:
        training.train(small_recipe(), **SMALL, out=out, watcher=Recorder((2, 7), press_twice))
    assert stopped.value.folder == out
    assert {"checkpoint-epoch-0001", "history.csv", "recipe.json", "training.json"} == {
        path.name for path in out.iterdir()
    }


def test_ctrl_c_before_the_first_step_leaves_nothing(folder: Path) -> None:
    class Impatient(training.Watcher):
        def epoch_started(self, epoch: int) -> None:
            press_ctrl_c()

    with pytest.raises(training.RunStopped) as stopped:
        training.train(small_recipe(), **SMALL, out=folder / "never", watcher=Impatient())
    assert stopped.value.folder is None
    assert not (folder / "never").exists()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_failure_before_training_leaves_nothing(folder: Path) -> None:
    one_class = nt.Recipe({"only": nt.Particle(nt.Outline())}, nt.Detector())
    with pytest.raises(ValueError, match="n_classes must be >= 2"):
        training.train(one_class, **SMALL, out=folder / "failed")
    assert not (folder / "failed").exists()


def test_first_weights_follow_from_the_seed_alone() -> None:
    from nanotilt.training import run

    def first_weights(seed: int) -> list[Any]:
        options = training.Options(**{**SMALL, "seed": seed})
        state = run.new_state(small_recipe(), run.resolve(small_recipe(), options))
        return [weight.numpy() for weight in state.model.weights]

    random.seed(1)
    before = random.getstate()
    one = first_weights(3)
    assert random.getstate() == before  # nobody else's random numbers are re-seeded
    random.seed(2)
    for ours, theirs in zip(one, first_weights(3), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert any((a != b).any() for a, b in zip(one, first_weights(4), strict=True))


def test_checkpoints_keep_dropout_optimizer_and_best_weights(tmp_path: Path) -> None:
    """Two more steps after loading are the two more steps that would have come."""
    import keras

    from nanotilt.training import checkpoint

    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dropout(0.5), keras.layers.Dense(2, activation="softmax")]
    )
    model.compile(keras.optimizers.Adam(0.1), "sparse_categorical_crossentropy")
    x, y = np.arange(32, dtype=np.float32).reshape(8, 4), np.arange(8) % 2
    model.fit(x, y, verbose=0, shuffle=False)
    best = checkpoint.BestWeights(1, 0.5, [weight + 1 for weight in model.get_weights()])
    record = EpochRecord(1, 8, 0.7, 0.5, 0.5, 0.5, 1.0, 8.0, 0.1)
    folder = RunFolder.create(tmp_path / "run")
    saved = checkpoint.Checkpoint(model, (record,), best, {"training": 1.5})
    checkpoint.save(folder, saved)
    loaded = checkpoint.load_latest(folder)
    assert loaded is not None
    assert (loaded.history, loaded.seconds) == (saved.history, saved.seconds)
    assert loaded.best is not None
    assert (loaded.best.epoch, loaded.best.val_loss) == (1, 0.5)
    for ours, theirs in zip(loaded.best.weights, best.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for each in (model, loaded.model):
        each.fit(x, y, epochs=2, verbose=0, shuffle=False)
    for ours, theirs in zip(loaded.model.variables, model.variables, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_only_complete_checkpoints_count(tmp_path: Path) -> None:
    from nanotilt.training import checkpoint

    folder = RunFolder.create(tmp_path)
    assert checkpoint.load_latest(folder) is None
    (tmp_path / "checkpoint-epoch-0002.partial").mkdir()
    assert checkpoint.load_latest(folder) is None
    (tmp_path / "checkpoint-epoch-0001").mkdir()
    with pytest.raises(ValueError, match="checkpoint-epoch-0001 is damaged"):
        checkpoint.load_latest(folder)
    checkpoint.remove_all(folder)
    assert not list(tmp_path.iterdir())


def test_patience_ends_training_and_restores_the_best_weights(tmp_path: Path) -> None:
    import keras

    from nanotilt.training.checkpoint import Checkpoint
    from nanotilt.training.interrupt import StopRequest
    from nanotilt.training.loop import TrainingLoop

    model = keras.Sequential(
        [keras.Input((2, 8)), keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")]
    )
    rates = keras.optimizers.schedules.PiecewiseConstantDecay(
        [8], [0.1, 300.0]
    )  # first well, then wild
    model.compile(
        keras.optimizers.SGD(rates), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    settings = dataclasses.replace(
        resolved(seed=5, epochs=50, steps_per_epoch=4, batch_size=16, validation_samples=200),
        patience=3,
    )
    state = Checkpoint(model, (), None, {})
    folder = RunFolder.create(tmp_path)
    loop = TrainingLoop(small_recipe(), settings, state, folder, training.Watcher(), StopRequest())
    loop.run()
    best, history = loop.state.best, loop.state.history
    assert best is not None
    assert best.val_loss == min(record.val_loss for record in history)
    assert history[-1].epoch == best.epoch + 3 < 50
    for ours, theirs in zip(model.get_weights(), best.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not loop.was_stopped()


class Plan:
    """The part of a training plan that settings read."""

    batch_size = 100
    samples_per_epoch = 1000
    epochs = 7
    patience = 4
    steps_per_execution = 5


def resolved(**options: Any) -> training.Settings:
    return training.Settings.resolve(training.Options(**options), Plan())  # type: ignore[arg-type]


def test_settings_fill_in_the_plan() -> None:
    settings = resolved()
    assert (settings.epochs, settings.steps_per_epoch, settings.batch_size) == (7, 10, 100)
    assert (settings.patience, settings.steps_per_execution) == (4, 5)
    assert settings.total_samples == 7000
    assert resolved(batch_size=50).steps_per_epoch == 20  # as many samples per epoch
    assert resolved(batch_size=4000).steps_per_epoch == 1
    assert resolved(steps_per_epoch=9).steps_per_execution == 3
    assert resolved(steps_per_epoch=7).steps_per_execution == 1
    assert resolved(seed=2**32 + 9).model_seed == 9
    as_json = json.loads(json.dumps(dataclasses.asdict(settings)))
    assert training.Settings.from_json_value(as_json) == settings


def test_ranges_never_meet() -> None:
    largest = resolved(
        epochs=2**20, steps_per_epoch=2**10, batch_size=2**10,
        validation_samples=RANGE_LIMIT, test_samples=RANGE_LIMIT,
    )  # fmt: skip
    ends = sorted(largest.ranges().values())
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(ends))
    with pytest.raises(ValueError, match=r"must be <= 2\*\*40"):
        resolved(epochs=2**20, steps_per_epoch=2**10, batch_size=2**10 + 1)


def test_model_names_are_those_of_the_registry() -> None:
    from nanotilt import models

    assert models.names() == training.MODEL_NAMES


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs must be >= 1. Received: epochs=0"),
        ({"epochs": 1.5}, TypeError, "epochs must be an integer. Received: epochs=1.5"),
        ({"steps_per_epoch": -1}, ValueError, "steps_per_epoch must be >= 1"),
        ({"batch_size": True}, TypeError, "batch_size must be an integer"),
        ({"seed": -1}, ValueError, r"seed must be in \[0, 2\*\*64\). Received: seed=-1"),
        ({"seed": 2**64}, ValueError, "seed must be in"),
        (
            {"model": "slow"},
            ValueError,
            'model must be "fast" or "paper". Received: model=\'slow\'',
        ),
        ({"validation_samples": 0}, ValueError, "validation_samples must be >= 1"),
        ({"test_samples": 2**41}, ValueError, "test_samples must be <"),
        ({"n_threads": 0}, ValueError, "n_threads must be >= 1"),
    ],
)
def test_wrong_options(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        training.train(small_recipe(), **options)


def test_wrong_recipes() -> None:
    with pytest.raises(TypeError, match=r"recipe must be a nanotilt\.Recipe or a name"):
        training.train(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="name must be one of chirality"):
        training.train("chiralty")


def test_out_folders(tmp_path: Path) -> None:
    assert RunFolder.create_new(tmp_path, "run").path == tmp_path / "run"
    assert RunFolder.create_new(tmp_path, "run").path == tmp_path / "run-2"
    assert RunFolder.create_new(tmp_path, "run").path == tmp_path / "run-3"
    RunFolder.create(tmp_path / "run")  # an empty one may be taken
    run = tmp_path / "run"
    for name in ("model.keras", "mine.txt"):
        (run / name).write_text("x")
    (run / "checkpoint-epoch-0003").mkdir()
    with pytest.raises(FileExistsError, match="run is not empty"):
        RunFolder.create(run)
    RunFolder.create(run, overwrite=True)
    assert [path.name for path in run.iterdir()] == ["mine.txt"]  # what is not a run's, stays
    with pytest.raises(OSError, match=r"mine\.txt can't be written to: it is a file"):
        RunFolder.create(run / "mine.txt")
    with pytest.raises(OSError, match="can't be written to"):
        RunFolder.create(run / "mine.txt" / "deeper")
    with pytest.raises(OSError, match="can't be written to"):
        RunFolder.create_new(run / "mine.txt", "run")
    with pytest.raises(FileNotFoundError, match="there is no run to resume"):
        training.resume(run)


def test_files_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path)
    folder.write("history.csv", "old")

    def fail_midway(path: Path) -> None:
        path.write_text("ne")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        folder.write_with("history.csv", fail_midway)
    assert (tmp_path / "history.csv").read_text() == "old"
    folder.write("history.csv", "new")
    assert (tmp_path / "history.csv").read_text() == "new"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda value: value.update(format=99), "must be of format 1. Received: format=99"),
        (lambda value: value.pop("settings"), "is damaged"),
        (lambda value: value["settings"].pop("epochs"), "settings must have the keys"),
        (lambda value: value["recipe"].update(digest="0" * 64), "is not the recipe that"),
    ],
)
def test_damaged_runs_are_refused(
    whole: Whole, tmp_path: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    value = json.loads((whole[0].folder / "training.json").read_text())
    value["status"] = "running"
    change(value)
    (tmp_path / "training.json").write_text(json.dumps(value))
    (tmp_path / "recipe.json").write_text(small_recipe().to_json())
    with pytest.raises(ValueError, match=message):
        training.resume(tmp_path)
    (tmp_path / "training.json").write_text("{")
    with pytest.raises(ValueError, match=r"training\.json is damaged"):
        training.resume(tmp_path)
