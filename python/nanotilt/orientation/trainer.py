"""Training in phases, with progress, scores after every epoch, and a clean stop."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from typing import Any

from nanotilt._base.optional import needed_for
from nanotilt.orientation.data import Angles, Views
from nanotilt.pose.scores import orientation_scores
from nanotilt.runs.words import duration
from nanotilt.training.interrupt import RunStopped, StopRequest
from nanotilt.training.watcher import Advance, Watcher

with needed_for("Training"):
    import keras

_RISING_SHARE = 0.05
"""Of the steps, in which the learning rate rises: Adam's first steps are as large as it allows, and
made encoders that were pretrained answer one angle for all."""


@dataclass(frozen=True)
class EpochLine:
    """One line of the history.

    Attributes:
        phase: What was trained on.
        epoch: Counted from 1 within the phase.
        samples_seen: Views or pairs seen since the beginning of the run, as the phase counts them.
        loss: Mean training loss over the epoch.
        std_deg: Standard deviation of the errors on validation images, degrees.
        within_1_deg: Share of them within 1 degree, in [0, 1].
        seconds: Time that the epoch took, with its validation.
    """

    phase: str
    epoch: int
    samples_seen: int
    loss: float
    std_deg: float
    within_1_deg: float
    seconds: float


class Trainer:
    """Trains Keras models and keeps the history.

    Args:
        validation: First views (n, ...) and true angles (n,) radians, for the scores in the history
            only.
        symmetry: The rotational order.
        watcher: Is told how it goes.
        stop: Whether the user asked to stop.
    """

    def __init__(
        self,
        validation: tuple[Views, Angles],
        symmetry: int,
        watcher: Watcher,
        stop: StopRequest,
    ) -> None:
        self.history: list[EpochLine] = []
        self._validation = validation
        self._symmetry = symmetry
        self._watcher = watcher
        self._stop = stop
        self._seen = 0

    def note(self, words: str) -> None:
        """Tells the watcher something."""
        self._watcher.note(words)

    def stage(self, words: str) -> AbstractContextManager[Advance]:
        """A part of the run that is no training, shown with its progress."""
        return self._watcher.stage(words)

    def fixed(
        self, phase: str, model: Any, inputs: Any, targets: Any, *, epochs: int, batch_size: int
    ) -> None:
        """Trains on the same samples in every epoch, in a new order each time.

        Args:
            phase: What to call it.
            model: A compiled model with `predict_angle_rad`.
            inputs: (n, ...) views.
            targets: (n, ...).
            epochs: Number of epochs.
            batch_size: Samples in a step.

        Raises:
            RunStopped: Ctrl-C.
        """
        n_steps = -(-len(inputs) // batch_size)

        def fit(epoch: int, callback: keras.callbacks.Callback) -> Any:
            return model.fit(
                inputs, targets, batch_size=batch_size, verbose=0, callbacks=[callback]
            )

        self._epochs(phase, model, fit, epochs, n_steps, len(inputs))

    def fresh(
        self,
        phase: str,
        model: Any,
        data: Callable[[int], Any],
        *,
        samples: int,
        batch_size: int,
        epochs: int,
    ) -> None:
        """Trains on samples that are each seen once.

        Args:
            phase: What to call it.
            model: A compiled model with `predict_angle_rad`.
            data: Takes the number of samples seen so far, gives an endless dataset from there on.
            samples: How many, rounded down to whole epochs of whole batches, one step at least.
            batch_size: Samples in an element of the dataset.
            epochs: Into how many epochs to divide them, at most.

        Raises:
            RunStopped: Ctrl-C.
        """
        n_epochs, n_steps = parts(samples, batch_size, epochs)

        def fit(epoch: int, callback: keras.callbacks.Callback) -> Any:
            return model.fit(
                data(epoch * n_steps * batch_size),
                steps_per_epoch=n_steps,
                shuffle=False,  # the order is random already
                verbose=0,
                callbacks=[callback],
            )

        self._epochs(phase, model, fit, n_epochs, n_steps, n_steps * batch_size)

    def _epochs(
        self, phase: str, model: Any, fit: Any, epochs: int, n_steps: int, n_samples: int
    ) -> None:
        with self._watcher.stage(f"Training: {phase}") as advance:
            for epoch in range(epochs):
                if self._stop.requested:  # while the last epoch was scored
                    raise RunStopped(None)
                began = time.perf_counter()
                steps = _Steps(epoch * n_steps, epochs * n_steps, advance, self._stop)
                loss = fit(epoch, steps).history["loss"][-1]
                if self._stop.requested:
                    raise RunStopped(None)
                self._seen += n_samples
                self._record(phase, epoch, epochs, model, float(loss), began)

    def _record(
        self, phase: str, epoch: int, epochs: int, model: Any, loss: float, began: float
    ) -> None:
        views, true_rad = self._validation
        found = orientation_scores(model.predict_angle_rad(views), true_rad, self._symmetry)
        seconds = time.perf_counter() - began
        line = EpochLine(
            phase, epoch + 1, self._seen, loss, found.std_deg, found.within[1], seconds
        )
        self.history.append(line)
        self._watcher.line(
            f"{phase}, epoch {epoch + 1}/{epochs}: loss {loss:.5f}, "
            f"std of the error {found.std_deg:.3f} deg, "
            f"within 1 deg {100 * found.within[1]:.1f} %, {duration(seconds)}"
        )


def falling_rate(highest: float, n_steps: int) -> Any:
    """A learning rate that rises in the first twentieth of the steps, then falls to 0 as a cosine.

    Args:
        highest: Its highest value.
        n_steps: Steps that it spans, >= 1.
    """
    rising = int(_RISING_SHARE * n_steps)
    if not rising:
        return keras.optimizers.schedules.CosineDecay(highest, n_steps)
    return keras.optimizers.schedules.CosineDecay(
        highest / rising, n_steps - rising, warmup_target=highest, warmup_steps=rising
    )


def parts(samples: int, batch_size: int, epochs: int) -> tuple[int, int]:
    """Epochs, and steps in each of them, that samples are divided into; 1 at least of both."""
    n_steps = max(1, samples // batch_size)
    n_epochs = min(epochs, n_steps)
    return n_epochs, n_steps // n_epochs


def history_csv(history: Sequence[EpochLine]) -> str:
    """One line per epoch under a line of names: `EpochLine`'s fields."""
    buffer = io.StringIO()
    names = [field.name for field in fields(EpochLine)]
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for line in history:
        values = (getattr(line, name) for name in names)
        writer.writerow([f"{v:.7g}" if isinstance(v, float) else v for v in values])
    return buffer.getvalue()


class _Steps(keras.callbacks.Callback):  # type: ignore[misc]
    """Tells how far a phase is, and Keras when to stop."""

    def __init__(self, done: int, total: int, advance: Advance, stop: StopRequest) -> None:
        super().__init__()
        self._done, self._total = done, total
        self._advance, self._stop = advance, stop

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Keras calls this after each step, with its number in the epoch, from 0."""
        self._stop.arm()
        self._advance((self._done + batch + 1) / self._total)
        if self._stop.requested:
            self.model.stop_training = True
