"""Training in phases: progress, scores, a checkpoint after every epoch, a clean stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from nanotilt._base.optional import needed_for
from nanotilt.runs.arrays import read_arrays
from nanotilt.runs.folder import ANGLES, HISTORY, RunFolder
from nanotilt.runs.history import to_csv
from nanotilt.training import checkpoint
from nanotilt.training.checkpoint import State, put_into
from nanotilt.training.interrupt import RunStopped, StopRequest
from nanotilt.training.watcher import Advance, Watcher

with needed_for("Training"):
    import keras

_RISING_SHARE = 0.05
"""Of the steps, in which the learning rate rises: Adam's first steps are as large as it allows, and
made encoders that were pretrained answer one angle for all."""


class Record(Protocol):
    """One line of the history of a run that trains in phases.

    It is a dataclass whose fields are ``phase``, ``epoch``, ``samples_seen``, ``loss``, the scores
    of the validation by name, and ``seconds``.
    """

    @property
    def epoch(self) -> int:
        """Counted from 1 within the phase."""

    @property
    def samples_seen(self) -> int:
        """Samples seen since the beginning of the run."""

    def scores_in_words(self) -> str:
        """The scores of the validation, and the time, for the terminal."""


R = TypeVar("R", bound=Record)


class Trainer(Generic[R]):
    """Trains Keras models phase by phase, and keeps the history.

    A method is a function that builds models and calls `fixed` and `fresh`, a phase each. A run
    that goes on calls the same function again: phases that are done are passed over, in the last
    one the model gets the state that it had after its last complete epoch, and training goes on
    from there. So all that a method does between its phases must follow from its job alone.

    Args:
        record: The kind of the history's lines.
        score: Scores a model on the validation samples, for the history only.
        seed: Decides the order of fixed sets.
        folder: Where history and checkpoints go.
        watcher: Is told how it goes.
        stop: Whether the user asked to stop.
        state: Where it goes on; None: at the beginning.

    Attributes:
        history: The epochs.
        seconds: Time that training took so far.
    """

    def __init__(
        self,
        record: type[R],
        score: Callable[[Any], Mapping[str, float]],
        seed: int,
        folder: RunFolder,
        watcher: Watcher,
        stop: StopRequest,
        state: State[R] | None,
    ) -> None:
        self.history: tuple[R, ...] = () if state is None else state.history
        self._before = 0.0 if state is None else state.seconds.get("training", 0.0)
        self._began = time.perf_counter()
        self._kind, self._score, self._seed = record, score, seed
        self._folder = folder
        self._watcher, self._stop = watcher, stop
        self._state = state
        self._phase = 0

    @property
    def seconds(self) -> float:
        """Time that training took so far, before an interruption and since."""
        return self._before + time.perf_counter() - self._began

    def once(self, find: Callable[[], Mapping[str, Any]], file: str = ANGLES) -> Mapping[str, Any]:
        """What takes long and is found once in a run: from the run's folder if it is there.

        Args:
            find: Finds numbers and arrays by name.
            file: Where they are kept, a name of `nanotilt.runs.folder`.
        """
        path = self._folder.file(file)
        if not path.exists():
            self._folder.write_arrays(file, **find())
        return read_arrays(path)

    def note(self, words: str) -> None:
        """Tells the watcher something."""
        self._watcher.note(words)

    def stage(self, words: str) -> AbstractContextManager[Advance]:
        """A part of the run that is no training, shown with its progress."""
        return self._watcher.stage(words)

    def fixed(
        self,
        phase: str,
        model: Any,
        inputs: Any,
        targets: Any,
        *,
        epochs: int,
        batch_size: int,
        change: Callable[[np.random.Generator, Any], Any] | None = None,
        class_weight: Mapping[int, float] | None = None,
    ) -> None:
        """Trains on the same samples in every epoch, in a new order each time.

        Args:
            phase: What to call it.
            model: A compiled model.
            inputs: (n, ...) views.
            targets: (n, ...).
            epochs: Number of epochs.
            batch_size: Samples in a step.
            change: Takes random numbers and inputs, gives those that an epoch trains on.
            class_weight: As of `keras.Model.fit`.

        Raises:
            RunStopped: Ctrl-C.
        """
        n, n_steps = len(inputs), -(-len(inputs) // batch_size)
        phase_number = self._phase

        def fit(epoch: int, callback: keras.callbacks.Callback) -> Any:
            # Keras's own order depends on what TensorFlow did before, which no checkpoint holds.
            random = np.random.default_rng([self._seed, phase_number, epoch])
            order = random.permutation(n)
            seen = inputs[order] if change is None else change(random, inputs[order])
            return model.fit(
                seen,
                targets[order],
                batch_size=batch_size,
                shuffle=False,
                verbose=0,
                callbacks=[callback],
                class_weight=class_weight,
            )

        self._epochs(phase, model, fit, epochs, n_steps, n)

    def fresh(
        self,
        phase: str,
        model: Any,
        data: Callable[[int], Any],
        *,
        samples: int,
        batch_size: int,
        epochs: int,
        class_weight: Mapping[int, float] | None = None,
    ) -> None:
        """Trains on samples that are each seen once.

        Args:
            phase: What to call it.
            model: A compiled model.
            data: Takes the number of samples seen so far, gives an endless dataset from there on.
            samples: How many, rounded down to whole epochs of whole batches, one step at least.
            batch_size: Samples in an element of the dataset.
            epochs: Into how many epochs to divide them, at most.
            class_weight: As of `keras.Model.fit`.

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
                class_weight=class_weight,
            )

        self._epochs(phase, model, fit, n_epochs, n_steps, n_steps * batch_size)

    def _epochs(
        self, phase: str, model: Any, fit: Any, epochs: int, n_steps: int, n_samples: int
    ) -> None:
        done = self._done(model, epochs)
        self._phase += 1
        if done == epochs:
            return
        with self._watcher.stage(f"Training: {phase}") as advance:
            for epoch in range(done, epochs):
                if self._stop.requested:  # while the last epoch was scored
                    raise RunStopped(self._folder.path)
                began = time.perf_counter()
                steps = _Steps(epoch * n_steps, epochs * n_steps, advance, self._stop)
                loss = fit(epoch, steps).history["loss"][-1]
                if steps.n < n_steps:
                    raise RunStopped(self._folder.path)
                self._record(phase, epoch, epochs, model, float(loss), n_samples, began)

    def _done(self, model: Any, epochs: int) -> int:
        """How many epochs of the phase that begins are done; the model gets its state back."""
        if self._state is None:
            return 0
        last = sum(record.epoch == 1 for record in self._state.history) - 1
        if self._phase < last:
            return epochs
        if self._phase > last:
            return 0
        put_into(self._state.model, model)
        return self._state.history[-1].epoch

    def _record(
        self,
        phase: str,
        epoch: int,
        epochs: int,
        model: Any,
        loss: float,
        n_samples: int,
        began: float,
    ) -> None:
        scores = self._score(model)
        seen = n_samples + (self.history[-1].samples_seen if self.history else 0)
        make: Callable[..., R] = self._kind
        record = make(
            phase=phase, epoch=epoch + 1, samples_seen=seen, loss=loss, **scores,
            seconds=time.perf_counter() - began,
        )  # fmt: skip
        self.history = (*self.history, record)
        checkpoint.save(self._folder, State(model, self.history, None, {"training": self.seconds}))
        self._folder.write(HISTORY, to_csv(self.history, self._kind))
        self._watcher.line(
            f"{phase}, epoch {epoch + 1}/{epochs}: loss {loss:.5f}, {record.scores_in_words()}"
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


class _Steps(keras.callbacks.Callback):  # type: ignore[misc]
    """Tells how far a phase is, and Keras when to stop.

    Attributes:
        n: Steps done of the epoch.
    """

    def __init__(self, done: int, total: int, advance: Advance, stop: StopRequest) -> None:
        super().__init__()
        self._done, self._total = done, total
        self._advance, self._stop = advance, stop
        self.n = 0

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Keras calls this after each step, with its number in the epoch, from 0."""
        self.n = batch + 1
        self._stop.arm()
        self._advance((self._done + self.n) / self._total)
        if self._stop.requested:
            self.model.stop_training = True
