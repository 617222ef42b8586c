"""Whole runs: what is written, stopping and resuming, what is refused."""

from __future__ import annotations

import csv
import dataclasses
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt import training
from nanotilt.report.markup import text
from nanotilt.runs.records import EpochRecord
from nanotilt.runs.settings import TEST_START, VALIDATION_START
from training_cases import SMALL, Recorder, press_ctrl_c, small_recipe

FILES = {
    "model.keras",
    "recipe.json",
    "training.json",
    "history.csv",
    "metrics.json",
    "insight.json",
    "report.html",
}


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
    from nanotilt.runs.records import Predictions, ReportContents

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


def test_stopped_and_resumed_is_the_same_as_never_stopped(
    whole: Whole, folder: Path, request: pytest.FixtureRequest
) -> None:
    out = folder / "stopped"
    watcher = Recorder((2, 7), press_ctrl_c)
    stopped = training.train(small_recipe(), **SMALL, out=out, watcher=watcher)
    assert watcher.was_told_to_stop
    assert stopped.interrupted
    assert [record.samples_seen for record in stopped.history] == [224, 336]
    assert {path.name for path in out.iterdir()} == FILES | {"checkpoint-epoch-0001"}
    assert json.loads((out / "training.json").read_text())["status"] == "interrupted"
    assert "stopped by hand after 336 of 672 samples" in (out / "report.html").read_text()

    request.getfixturevalue("plain_runs")
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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda value: value.update(format=99),
            "is of format 99, which a later release of nanotilt wrote",
        ),
        (lambda value: value.pop("settings"), "is damaged: settings is missing"),
        (
            lambda value: value["settings"].pop("epochs"),
            r"training\.json is damaged: settings\.epochs is missing",
        ),
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
