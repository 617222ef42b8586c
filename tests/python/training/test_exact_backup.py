"""Training of one's own that was killed goes on bit for bit."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nanotilt as nt

keras = pytest.importorskip("keras")
pytest.importorskip("tensorflow")

from child_processes import finished, running  # noqa: E402
from nanotilt import training  # noqa: E402  (only where Keras is)
from places import PROGRAMS  # noqa: E402

RECIPE = nt.recipes.chirality()
BATCH, STEPS = 16, 3


class KilledError(Exception):
    """In place of a signal."""


class Kill(keras.callbacks.Callback):  # type: ignore[misc, name-defined]
    """Ends training in the midst of an epoch."""

    def __init__(self, epoch: int) -> None:
        super().__init__()
        self._at = epoch
        self._epoch = -1

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Keras calls this."""
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Keras calls this."""
        if (self._epoch, batch) == (self._at, 1):
            raise KilledError


def network(units: int = 8) -> Any:
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input(RECIPE.spec["views"].shape), keras.layers.Flatten(),
            keras.layers.Dense(units, activation="relu"), keras.layers.Dropout(0.4),
            keras.layers.Dense(2),
        ]
    )  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, jit_compile=False)
    return model


def patient() -> Any:
    return keras.callbacks.EarlyStopping(
        "loss", patience=2, min_delta=1.0, restore_best_weights=True
    )


def fit(path: Path, *others: Any, epochs: int = 5, kill: int | None = None) -> tuple[Any, Any]:
    model = network()
    backup = training.ExactBackup(path, batch_size=BATCH, callbacks=others)
    extra = [] if kill is None else [Kill(kill)]
    try:
        model.fit(
            nt.stream(RECIPE, 3, BATCH, start=backup.position), epochs=epochs,
            initial_epoch=backup.epoch, steps_per_epoch=STEPS, shuffle=False, verbose=0,
            callbacks=[*others, *extra, backup],
        )  # fmt: skip
    except KilledError:
        assert kill is not None
    return model, backup


def state(model: Any) -> list[bytes]:
    variables = [*model.variables, *model.optimizer.variables]
    return [np.asarray(keras.ops.convert_to_numpy(v)).tobytes() for v in variables]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    return fit(tmp_path_factory.mktemp("whole") / "backup.npz")


@pytest.mark.parametrize("kill", [0, 2])
def test_killed_training_goes_on_bit_for_bit(
    kill: int, tmp_path: Path, whole: tuple[Any, Any]
) -> None:
    path = tmp_path / "backup.npz"
    _, backup = fit(path, kill=kill)
    assert (backup.epoch, backup.position) == (kill, kill * STEPS * BATCH)
    model, backup = fit(path)
    assert state(model) == state(whole[0])
    assert backup.history == whole[1].history
    assert (backup.epoch, backup.steps) == (5, 5 * STEPS)
    again, _ = fit(path)  # nothing is left to do: the weights are put back
    assert state(again) == state(whole[0])


def test_other_callbacks_remember(tmp_path: Path) -> None:
    model, backup = fit(tmp_path / "a.npz", patient(), epochs=9)
    assert len(backup.history) == 3  # no loss falls by 1
    path = tmp_path / "b.npz"
    fit(path, patient(), epochs=9, kill=2)
    other, found = fit(path, patient(), epochs=9)
    assert state(other) == state(model)
    assert found.history == backup.history
    third, _ = fit(path, patient(), epochs=9)  # it was ended for good
    assert state(third) == state(model)


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "backup.npz"
    fit(path, epochs=1)
    with pytest.raises(ValueError, match=r"batch_size must be that of the backup.*, 16\. Received"):
        training.ExactBackup(path, batch_size=8)
    with pytest.raises(ValueError, match="callbacks must be those of the backup"):
        training.ExactBackup(path, batch_size=BATCH, callbacks=[patient()])
    with pytest.raises(TypeError, match="callbacks must be Keras callbacks"):
        training.ExactBackup(path, batch_size=BATCH, callbacks=["early"])
    wrong: Any = None
    with pytest.raises(TypeError, match=r"path must be the path of a file\. Received: path=None"):
        training.ExactBackup(wrong, batch_size=BATCH)
    with pytest.raises(TypeError, match=r"callbacks must be a sequence\. Received: callbacks=None"):
        training.ExactBackup(path, batch_size=BATCH, callbacks=wrong)
    backup = training.ExactBackup(path, batch_size=BATCH)
    data = nt.stream(RECIPE, 3, BATCH)
    options: dict[str, Any] = {
        "steps_per_epoch": 1,
        "verbose": 0,
        "shuffle": False,
        "callbacks": [backup],
    }
    with pytest.raises(ValueError, match="initial_epoch must be the backup's epoch, 1"):
        network().fit(data, epochs=2, **options)
    with pytest.raises(ValueError, match="path must hold the backup of a model built alike"):
        network(9).fit(data, epochs=2, initial_epoch=1, **options)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match=r"backup\.npz"):
        training.ExactBackup(path, batch_size=BATCH)
    with pytest.raises(OSError, match="nowhere"):
        training.ExactBackup(tmp_path / "nowhere" / "b.npz", batch_size=BATCH)


def run_killed(folder: Path, n_kills: int, seed: int) -> str:
    """The last line of a run that is killed so often, at random moments, and started again."""
    command = [sys.executable, str(PROGRAMS / "killed_training.py"), str(folder / "b.npz"), "12"]
    environment = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3", NANOTILT_NUM_THREADS="1")
    chance = random.Random(seed)
    for _ in range(n_kills):
        with running(command, env=environment, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            time.sleep(chance.uniform(0.0, 2.5))  # leaving the block kills it
    done = finished(command, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("n_kills", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_processes_end_with_the_same_weights(n_kills: int, tmp_path: Path) -> None:
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    told = run_killed(tmp_path / "whole", 0, 0)
    assert told.split()[1:] == ["12", str(12 * 5 * 32)]
    assert run_killed(tmp_path / "killed", n_kills, n_kills) == told
