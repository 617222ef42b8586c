"""Runs that a request describes: networks that find particles, and those that learn patches."""

from __future__ import annotations

import dataclasses
import time
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, TypeVar

from nanotilt.recipes.recipe import Recipe
from nanotilt.runs import configuration
from nanotilt.runs.fields import configuration as field_configuration
from nanotilt.runs.fields.configuration import FieldRequest
from nanotilt.runs.folder import RunFolder
from nanotilt.training import checkpoint
from nanotilt.training.checkpoint import State
from nanotilt.training.methods.phased_run import PhasedRun, note_versions
from nanotilt.training.methods.trainer import Record
from nanotilt.training.result import PhasedResult
from nanotilt.training.watcher import Watcher

R = TypeVar("R", bound=Record)


class RequestedRun(PhasedRun[R]):
    """A run of a `FieldRequest`; `test` leaves what came out in lines, and what failed.

    Args:
        request: What to train.
        folder: Where its files go.
        watcher: Is told how it goes.
        started: When it began first.
        state: Where it goes on, or None: at the beginning.
    """

    def __init__(
        self,
        request: FieldRequest,
        folder: RunFolder,
        watcher: Watcher,
        started: str,
        state: State[R] | None,
    ) -> None:
        super().__init__(request.recipe, request.settings.seed, folder, watcher, started, state)
        self._request = request
        self._trained_on = self.learned(request)
        self._lines: list[str] = []
        self._failed: dict[str, str] = {}

    @classmethod
    @abstractmethod
    def learned(cls, request: FieldRequest) -> Recipe:
        """The recipe of what the network is trained on."""

    @classmethod
    def begin(cls, request: FieldRequest, folder: RunFolder, watcher: Watcher) -> PhasedResult:
        """Trains, tests, and writes a folder that is made already, from the beginning.

        Args:
            request: What to train.
            folder: Where its files go.
            watcher: Is told how it goes.

        Raises:
            KeyboardInterrupt: Ctrl-C before the first step, after the last one, or twice.
            OSError: the folder can't be written to, or has no room for what a run leaves.
        """
        return cls(request, folder, watcher, configuration.now(), None).finish()

    @classmethod
    def resume(cls, folder: RunFolder, watcher: Watcher, n_threads: int | None) -> PhasedResult:
        """Goes on with a run that was stopped, from its last complete epoch, bit for bit.

        Args:
            folder: The run's folder.
            watcher: Is told how it goes.
            n_threads: Threads, or None: all that may be used.

        Raises:
            KeyboardInterrupt: as for `begin`.
            OSError: the folder can't be written to.
            ValueError: its files are damaged.
        """
        request, described = field_configuration.read(folder)
        settings = dataclasses.replace(request.settings, n_threads=n_threads)
        request = dataclasses.replace(request, settings=settings)
        note_versions(described, watcher)
        state = checkpoint.load_state(folder, cls.record)
        if state is not None:
            watcher.note(f"going on after epoch {state.history[-1].epoch}")
        return cls(request, folder, watcher, described["started"], state).finish()

    def finish(self) -> PhasedResult:
        """Runs it, and tells what came out."""
        began = time.perf_counter()
        interrupted = self.execute()
        seconds = time.perf_counter() - began
        return PhasedResult(
            self.folder.path, tuple(self._lines), interrupted, seconds, self._failed
        )

    def describe(
        self, status: str, n_parameters: int | None, failed: Mapping[str, str]
    ) -> dict[str, Any]:
        """The contents of training.json."""
        return field_configuration.describe(
            self._request, status, self.started, n_parameters, failed
        )
