"""Tells how far a sweep is, and keeps it going when the page over its runs can't be made."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from nanotilt.runs.words import duration, error_in_words
from nanotilt.training import Watcher


class Clock:
    """Tells how far a sweep is.

    Args:
        n_runs: Runs of the sweep.
        n_left: Those that are not finished.
        watcher: Is told.
    """

    def __init__(self, n_runs: int, n_left: int, watcher: Watcher) -> None:
        self._n, self._left = n_runs, n_left
        self._watcher = watcher
        self._spent: list[float] = []
        self._began = 0.0
        if n_left < n_runs:
            watcher.note(f"{n_runs - n_left} of {n_runs} runs are done already")

    def begins(self, name: str, variation: Mapping[str, float], seed: int) -> None:
        """A run begins: says which, and how long all that are left will take."""
        words = [f"run {self._n - self._left + 1} of {self._n}: {name}"]
        words += [f"{name} {value:g}" for name, value in variation.items()]
        words.append(f"seed {seed}")
        if self._spent:
            mean = sum(self._spent) / len(self._spent)
            words.append(f"about {duration(mean * self._left)} left for all")
        self._watcher.note(", ".join(words))
        self._began = time.perf_counter()

    def ended(self) -> None:
        """The run has ended."""
        self._spent.append(time.perf_counter() - self._began)
        self._left -= 1


class ResultsWriter:
    """Writes table and page over all runs after each of them; a failure costs no further run.

    Args:
        out: The sweep's folder.
        write: Writes them.
        watcher: Is told when that fails.
    """

    def __init__(self, out: Path, write: Callable[[Path], None], watcher: Watcher) -> None:
        self._out, self._write, self._watcher = out, write, watcher
        self._error: Exception | None = None

    def write(self) -> None:
        """Writes them, or notes why that can't be done now."""
        try:
            self._write(self._out)
            self._error = None
        except Exception as error:
            self._error = error
            self._watcher.note(f"the page over all runs failed: {error_in_words(error)}")

    def check(self) -> None:
        """Raises RuntimeError if they could not be written the last time."""
        if self._error is not None:
            raise RuntimeError(
                f"the runs in {self._out} are kept, but the page over them failed: "
                f"{error_in_words(self._error)}. Give the same command again to make it"
            ) from self._error
