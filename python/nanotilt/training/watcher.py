"""How a run tells what it is doing, for whoever watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from nanotilt.runs.records import EpochRecord
from nanotilt.runs.settings import Settings
from nanotilt.runs.words import duration

Advance = Callable[[float], None]
"""Takes the share that is done of a stage, in [0, 1]."""


@dataclass(frozen=True)
class RunStart:
    """What is about to be trained.

    Attributes:
        recipe_name: The recipe.
        settings: The settings.
        n_parameters: Trainable parameters of the network.
        n_threads: Threads in use.
        folder: The out folder.
        history: Epochs that are done already; empty unless a run is resumed.
    """

    recipe_name: str
    settings: Settings
    n_parameters: int
    n_threads: int
    folder: Path
    history: tuple[EpochRecord, ...]


@dataclass(frozen=True)
class Step:
    """Where training stands.

    Attributes:
        epoch: The epoch, counted from 1.
        step: Gradient steps done in it.
        loss: Mean training loss of the epoch so far.
        accuracy: Mean training accuracy of the epoch so far.
        samples_per_second: Training samples per second, or None while unknown.
        seconds_left: Until the last epoch ends, or None while unknown.
    """

    epoch: int
    step: int
    loss: float
    accuracy: float
    samples_per_second: float | None
    seconds_left: float | None


class Watcher:
    """Receives what happens in a run, and ignores it: override the methods that you need."""

    @contextmanager
    def stage(self, text: str) -> Iterator[Advance]:
        """Surrounds longer work, as a context.

        Args:
            text: What is done, in words.

        Yields:
            A function to be called with the share that is done, in [0, 1].
        """
        yield lambda share: None

    def started(self, start: RunStart) -> None:
        """The network is built; training begins.

        Args:
            start: What is trained, and how.
        """

    def epoch_started(self, epoch: int) -> None:
        """An epoch begins.

        Args:
            epoch: Its number, from 1.
        """

    def stepped(self, step: Step) -> None:
        """One or a few gradient steps were taken.

        Args:
            step: Where training stands.
        """

    def epoch_ended(self, record: EpochRecord) -> None:
        """An epoch was trained and validated.

        Args:
            record: Its losses, accuracies and times.
        """

    def stopping(self) -> None:
        """The user asked to stop; evaluation and report follow."""

    def note(self, text: str) -> None:
        """Receives something that the user should know.

        Args:
            text: Whole words, one line.
        """

    def line(self, text: str) -> None:
        """Receives a line on the progress of a training whose scores are no accuracies.

        Args:
            text: The line.
        """


class LineWatcher(Watcher):
    """Prints plain lines: for files, pipes and notebooks.

    If they can no longer be written, because a pipe's reader is gone or a disk is full, it stops
    printing, and the run goes on.

    Args:
        file: Where to; None: standard output.
    """

    def __init__(self, file: TextIO | None = None) -> None:
        self._file = file
        self._n_epochs = 0
        self._is_heard = True

    @contextmanager
    def stage(self, text: str) -> Iterator[Advance]:
        """Prints what begins."""
        self._print(f"{text} ...")
        yield lambda share: None

    def started(self, start: RunStart) -> None:
        """Prints what is trained, on which samples, and where the results go."""
        self._n_epochs = start.settings.epochs
        for line in headline(start):
            self._print(line)

    def epoch_ended(self, record: EpochRecord) -> None:
        """Prints loss, accuracy and time of the epoch."""
        self._print(
            f"epoch {record.epoch}/{self._n_epochs}: loss {record.loss:.4f}, "
            f"accuracy {100 * record.accuracy:.2f} %, validation loss {record.val_loss:.4f}, "
            f"validation accuracy {100 * record.val_accuracy:.2f} %, "
            f"{record.samples_per_second:,.0f} samples/s, {duration(record.seconds)}"
        )

    def stopping(self) -> None:
        """Prints that the run stops and what follows."""
        self._print(STOPPING)

    def note(self, text: str) -> None:
        """Prints something that the user should know."""
        self._print(f"note: {text}")

    def line(self, text: str) -> None:
        """Prints the line."""
        self._print(text)

    def _print(self, text: str) -> None:
        if not self._is_heard:
            return
        try:
            print(text, file=self._file or sys.stdout, flush=True)
        except (OSError, ValueError):  # a closed file raises ValueError
            self._is_heard = False


STOPPING = "Stopping here: test and report follow. Press Ctrl-C again to quit at once."


def headline(start: RunStart) -> list[str]:
    """What is trained, on which samples, and where to, in a few lines."""
    settings = start.settings
    kind = "samples, the same in each" if settings.fixed_set else "fresh samples"
    samples = f"{settings.epochs} epochs of {settings.samples_per_epoch:,} {kind}"
    if settings.patience:
        samples = f"up to {samples}"
    lines = [
        f"{start.recipe_name}: {settings.model} network, {start.n_parameters:,} parameters, "
        f"seed {settings.seed}, {start.n_threads} threads",
        f"{samples}; {settings.validation_samples:,} for validation, "
        f"{settings.test_samples:,} for the test",
        f"writing to {start.folder}",
    ]
    if start.history:
        lines.append(f"going on after epoch {start.history[-1].epoch}")
    return lines
