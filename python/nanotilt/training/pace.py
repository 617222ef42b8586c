"""How fast training goes, and how long it will take."""

from __future__ import annotations

import time

from nanotilt.runs.settings import Settings

_RECENT_SECONDS = 15.0
"""Training further back counts little for the present speed."""


class Pace:
    """Measures training speed.

    The first steps of an epoch start its clock and are not measured: the very first ones
    compile the network.

    Args:
        settings: The run's settings.
        n_done: Epochs that are done already.
    """

    def __init__(self, settings: Settings, n_done: int) -> None:
        self._settings = settings
        self._rate: float | None = None
        self._validation_seconds = 0.0
        self._epoch = n_done
        self._last: tuple[int, float] | None = None

    def stepped(self, epoch: int, step: int) -> tuple[float | None, float | None]:
        """Takes note that these steps of an epoch are done.

        Returns:
            Samples per second and seconds left, None while unknown.
        """
        now = time.perf_counter()
        if epoch == self._epoch and self._last is not None:
            self._measure(step - self._last[0], now - self._last[1])
        self._epoch, self._last = epoch, (step, now)
        if self._rate is None:
            return None, None
        settings = self._settings
        n_epochs = settings.epochs - epoch + 1
        n_steps = n_epochs * settings.steps_per_epoch - step
        left = n_steps * settings.batch_size / self._rate + n_epochs * self._validation_seconds
        return self._rate, left

    def validated(self, seconds: float) -> None:
        """Takes note of how long a validation took."""
        self._validation_seconds = seconds

    def _measure(self, n_steps: int, seconds: float) -> None:
        if seconds <= 0:
            return
        rate = n_steps * self._settings.batch_size / seconds
        weight = min(1.0, seconds / _RECENT_SECONDS)
        self._rate = rate if self._rate is None else (1 - weight) * self._rate + weight * rate
