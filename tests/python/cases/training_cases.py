"""A small run, and someone who watches it."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import nanotilt as nt
from nanotilt import training
from nanotilt.runs.records import EpochRecord
from nanotilt.training import Watcher
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


def small_recipe(n_views: int = 2) -> nt.Recipe:
    recipe = nt.recipes.hole(0.3, n_views=n_views)
    return nt.Recipe(recipe.classes, dataclasses.replace(recipe.line_detector, n_bins=8))


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


def same_weights(one: Any, other: Any) -> bool:
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


TIMES = ("seconds",)


class Stopper(Watcher):
    """Presses Ctrl-C once, after so many epochs, or in the midst of the next one."""

    def __init__(self, epochs: int, *, within: bool = False) -> None:
        self.left, self.within, self.pressed = epochs, within, False
        self.notes: list[str] = []

    def line(self, text: str) -> None:
        self.left -= 1
        if not self.within:
            self._press()

    def stage(self, text: str) -> Any:
        outer = self

        class Stage:
            def __enter__(self) -> Any:
                return lambda share: outer._press() if outer.within else None

            def __exit__(self, *_: object) -> None: ...

        return Stage()

    def note(self, text: str) -> None:
        self.notes.append(text)

    def _press(self) -> None:
        if self.left <= 0 and not self.pressed:
            self.pressed = True
            press_ctrl_c()


def left_behind(folder: Path) -> Mapping[str, Any]:
    """Everything that a run leaves, times and machines left out."""
    import keras

    with (folder / "history.csv").open(newline="") as file:
        history = [{k: v for k, v in row.items() if k not in TIMES} for row in csv.DictReader(file)]
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics.pop("timings_s")
    arrays: dict[str, Any] = {}
    for path in folder.glob("*.npz"):
        with np.load(path) as found:
            arrays |= {f"{path.stem}.{name}": found[name] for name in found}
    model = keras.saving.load_model(folder / "model.keras")
    arrays |= {f"weight {i}": np.asarray(w) for i, w in enumerate(model.get_weights())}
    return {"history": history, "metrics": metrics, "arrays": arrays}


def assert_same(one: Path, other: Path) -> None:
    first, second = left_behind(one), left_behind(other)
    assert first["history"] == second["history"]
    assert first["metrics"] == second["metrics"]
    assert set(first["arrays"]) == set(second["arrays"])
    for name, values in first["arrays"].items():
        np.testing.assert_array_equal(values, second["arrays"][name], err_msg=name)
