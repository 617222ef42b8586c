"""What training is made of: first weights, checkpoints, patience, settings, out folders."""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nanotilt import training
from nanotilt.runs.configuration import Request
from nanotilt.runs.folder import RunFolder
from nanotilt.runs.records import EpochRecord
from nanotilt.runs.settings import RANGE_LIMIT
from training_cases import SMALL, small_recipe


def test_first_weights_follow_from_the_seed_alone(tmp_path: Path) -> None:
    from nanotilt.training import beginning, run

    request = Request(small_recipe(), "small")

    def first_weights(seed: int) -> list[Any]:
        options = training.Options(**{**SMALL, "seed": seed})
        settings = run.resolve(request, options)
        state = beginning.new_state(request, settings, RunFolder(tmp_path))
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
    request = Request(small_recipe(), "small")
    loop = TrainingLoop(request, settings, state, folder, training.Watcher(), StopRequest())
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
    fixed_set = False
    validation_samples = None
    tries = 1


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
            'model must be "fast" or "paper" or "cnn-a" or "cnn-b" or "defect-net" or '
            "\"package.module:function\". Received: model='slow'",
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
