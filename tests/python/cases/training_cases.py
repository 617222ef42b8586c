"""A small run, and someone who watches it."""

from __future__ import annotations

import dataclasses
import os
import signal
from collections.abc import Callable
from typing import Any

import nanotilt as nt
from nanotilt import training
from nanotilt.runs.records import EpochRecord
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
