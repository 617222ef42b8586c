"""A run that trains in phases, tests its network on unseen samples, and writes its folder.

It can be stopped at any point, and goes on bit for bit from its last complete epoch. What is asked
of the network, and how it is trained and tested, each kind of run says.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

import numpy as np

from nanotilt._base.optional import needed_for
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs import configuration
from nanotilt.runs.folder import MODEL, RECIPE, TRAINING, RunFolder
from nanotilt.runs.words import error_in_words
from nanotilt.training import checkpoint
from nanotilt.training.checkpoint import State
from nanotilt.training.interrupt import RunStopped, StopRequest
from nanotilt.training.methods.trainer import Record, Trainer
from nanotilt.training.rehearsal import check_room
from nanotilt.training.watcher import Advance, Watcher

with needed_for("Training"):
    import keras

R = TypeVar("R", bound=Record)
T = TypeVar("T")

MOST_PARAMETERS = 2_000_000
"""More than any of the networks for orientations has: room on the disk is looked for beforehand."""


def note_versions(described: Mapping[str, Any], watcher: Watcher) -> None:
    """Tells the user where a run goes on with other versions than those it was begun with.

    Args:
        described: What training.json holds.
        watcher: Is told.
    """
    if described["versions"] != configuration.versions():
        watcher.note(
            "the run was begun with other versions; "
            "it may end differently than if it had not been interrupted"
        )


class PhasedRun(ABC, Generic[R]):
    """A run, ready to train.

    Args:
        recipe: What samples are drawn from.
        seed: Seed of the stream and of the first weights.
        folder: Where its files go.
        watcher: Is told how it goes.
        started: When it began first.
        state: Where it goes on, or None: at the beginning.
    """

    record: type[R]
    most_parameters: int = MOST_PARAMETERS

    def __init__(
        self,
        recipe: Recipe,
        seed: int,
        folder: RunFolder,
        watcher: Watcher,
        started: str,
        state: State[R] | None,
    ) -> None:
        self.recipe, self.seed = recipe, seed
        self.folder, self.watcher = folder, watcher
        self.started, self.state = started, state

    @abstractmethod
    def prepare(self) -> None:
        """Draws what validation needs, and finds out what would fail later, before training."""

    @abstractmethod
    def train(self, trainer: Trainer[R]) -> Any:
        """Builds a network and trains it phase by phase."""

    @abstractmethod
    def validated(self, model: Any) -> Mapping[str, float]:
        """The scores of an epoch, as fields of its record."""

    @abstractmethod
    def test(self, model: Any, trainer: Trainer[R]) -> dict[str, str]:
        """Tests on unseen samples and writes all results.

        Returns:
            What failed of that which follows the scores, and why, in words.
        """

    @abstractmethod
    def describe(
        self, status: str, n_parameters: int | None, failed: Mapping[str, str]
    ) -> dict[str, Any]:
        """The contents of training.json."""

    def execute(self) -> bool:
        """Trains, tests, writes everything; tells whether the user stopped it.

        Raises:
            KeyboardInterrupt: Ctrl-C before the first step, after the last one, or twice.
            OSError: the folder can't be written to, or has no room for what a run leaves.
        """
        self._write_configuration("running")
        self.folder.write(RECIPE, self.recipe.to_json() + "\n")
        check_room(self.folder.path, self.most_parameters)
        try:
            model, trainer = self._train()
        except RunStopped:
            self._write_configuration("interrupted")
            return True
        n_parameters = int(sum(np.prod(weight.shape) for weight in model.trainable_weights))
        model.recipe = self.recipe
        self.folder.write_with(MODEL, model.save)
        self._write_configuration("trained", n_parameters)
        failed = self.test(model, trainer)
        self._write_configuration("trained" if failed else "finished", n_parameters, failed)
        if not failed:
            checkpoint.remove_all(self.folder)
        return False

    def stage(self, words: str) -> AbstractContextManager[Advance]:
        """A part of the run that is no training, shown with its progress."""
        return self.watcher.stage(words)

    def tried(self, what: str, make: Callable[[], T]) -> tuple[T | None, dict[str, str]]:
        """What `make` gives; or what failed and why: network and scores are kept then."""
        try:
            return make(), {}
        except Exception as error:
            words = error_in_words(error)
            warnings.warn(
                f"the network is trained and tested, but its {what} failed: {words}", stacklevel=2
            )
            return None, {what: words}

    def _train(self) -> tuple[Any, Trainer[R]]:
        """The trained network, and who trained it."""
        with StopRequest() as stop:
            # Keras takes seeds below 2**32; the stream's own are longer.
            keras.utils.set_random_seed(self.seed % 2**32)
            self.prepare()
            trainer = Trainer(
                self.record, self.validated, self.seed, self.folder, self.watcher, stop, self.state
            )
            model = self.train(trainer)
            if stop.requested:
                raise RunStopped(self.folder.path)
            stop.disarm()
        return model, trainer

    def _write_configuration(
        self,
        status: str,
        n_parameters: int | None = None,
        failed: Mapping[str, str] | None = None,
    ) -> None:
        self.folder.write_json(TRAINING, self.describe(status, n_parameters, failed or {}))
