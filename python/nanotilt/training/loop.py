"""The training loop: epochs of fresh samples, validation, checkpoints, and a clean stop."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from nanotilt._base.optional import needed_for
from nanotilt.runs.configuration import Request
from nanotilt.runs.folder import HISTORY, RunFolder
from nanotilt.runs.history import to_csv
from nanotilt.runs.records import EpochRecord, Predictions
from nanotilt.runs.settings import VALIDATION_START, Settings
from nanotilt.tasks.metrics import score
from nanotilt.training import checkpoint
from nanotilt.training.checkpoint import BestWeights, Checkpoint
from nanotilt.training.classifier import Classifier
from nanotilt.training.data import TrainingData
from nanotilt.training.interrupt import StopRequest
from nanotilt.training.pace import Pace
from nanotilt.training.scores import weighted_loss
from nanotilt.training.watcher import Step, Watcher

with needed_for("Training"):
    import keras


class TrainingLoop:
    """Trains a network epoch by epoch.

    Args:
        request: What is trained.
        settings: How.
        state: Where it begins: a new network with an empty history, or a checkpoint.
        folder: Where history and checkpoints go.
        watcher: Who is told.
        stop: Whether to stop.

    Attributes:
        state: Where it stands.
        classifier: Predicts with the network as it stands.
    """

    def __init__(
        self,
        request: Request,
        settings: Settings,
        state: Checkpoint,
        folder: RunFolder,
        watcher: Watcher,
        stop: StopRequest,
    ) -> None:
        self.state = state
        self._task = request.asked
        self._data = TrainingData(request.recipe, settings, self._task)
        self._settings = settings
        self._folder = folder
        self._watcher = watcher
        self._stop = stop
        self.classifier = Classifier(state.model, request.recipe, settings.n_threads, self._task)
        self._pace = Pace(settings, len(state.history))
        self._told = False

    def run(self) -> None:
        """Trains until all epochs are done, patience is at its end, or a stop is requested.

        Afterwards the network has the weights to be tested: the best ones for runs with patience,
        else the last ones.
        """
        while not (self.is_done() or self._stop.requested):
            self._run_epoch(len(self.state.history))
        if self.was_stopped() and not self._told:  # asked between two epochs
            self._watcher.stopping()
        if self.state.best is not None:
            self.state.model.set_weights(self.state.best.weights)

    def is_done(self) -> bool:
        """Whether all epochs are trained, or patience is at its end."""
        settings, state = self._settings, self.state
        if len(state.history) >= settings.epochs:
            return True
        if settings.patience is None or state.best is None:
            return False
        return len(state.history) - state.best.epoch >= settings.patience

    def was_stopped(self) -> bool:
        """Whether the user stopped it before it was done."""
        history = self.state.history
        has_partial = (
            bool(history) and history[-1].samples_seen % self._settings.samples_per_epoch > 0
        )
        return self._stop.requested and (has_partial or not self.is_done())

    def _run_epoch(self, n_done: int) -> None:
        """Trains one epoch; a stop in its midst leaves a shorter last record and no checkpoint."""
        settings, model = self._settings, self.state.model
        data = self._data.epoch(n_done, len(self.state.failed))
        steps = _Steps(n_done + 1, settings, self._watcher, self._stop, self._pace)
        self._watcher.epoch_started(n_done + 1)
        began = time.perf_counter()
        result = model.fit(
            data,
            steps_per_epoch=settings.steps_per_epoch,
            shuffle=False,  # the order is random already
            verbose=0,
            callbacks=[steps],
        )
        seconds = time.perf_counter() - began
        self._told = self._stop.requested
        logs = {name: float(values[-1]) for name, values in result.history.items()}
        self._end_epoch(n_done, steps.done * settings.batch_size, logs, seconds)

    def _end_epoch(
        self, n_done: int, n_samples: int, logs: dict[str, float], seconds: float
    ) -> None:
        began = time.perf_counter()
        labels, probabilities = _pair(self._validate())
        validated = score(labels, probabilities)
        validation_seconds = time.perf_counter() - began
        self._pace.validated(validation_seconds)
        record = EpochRecord(
            epoch=n_done + 1,
            samples_seen=n_done * self._settings.samples_per_epoch + n_samples,
            loss=logs["loss"],
            accuracy=logs["accuracy"],
            val_loss=weighted_loss(self._task, labels, probabilities),
            val_accuracy=validated.accuracy,
            seconds=seconds,
            samples_per_second=n_samples / seconds,
            learning_rate=_learning_rate(self.state.model),
        )
        spent = self.state.seconds
        self.state = replace(
            self.state,
            history=(*self.state.history, record),
            best=self._best_after(record),
            seconds={
                "training": spent.get("training", 0.0) + seconds,
                "validation": spent.get("validation", 0.0) + validation_seconds,
            },
        )
        if n_samples == self._settings.samples_per_epoch:
            checkpoint.save(self._folder, self.state)
        self._folder.write(HISTORY, to_csv(self.state.history))
        self._watcher.epoch_ended(record)

    def _validate(self) -> Predictions:
        settings = self._settings
        return self.classifier.predict(settings.seed, VALIDATION_START, settings.validation_samples)

    def _best_after(self, record: EpochRecord) -> BestWeights | None:
        best = self.state.best
        if self._settings.patience is None or (best and best.val_loss <= record.val_loss):
            return best
        return BestWeights(record.epoch, record.val_loss, self.state.model.get_weights())


class _Steps(keras.callbacks.Callback):  # type: ignore[misc]
    """Listens to one epoch: tells the watcher of each step, and Keras when to stop.

    Attributes:
        done: Gradient steps done.
    """

    def __init__(
        self, epoch: int, settings: Settings, watcher: Watcher, stop: StopRequest, pace: Pace
    ) -> None:
        super().__init__()
        self.done = 0
        self._epoch = epoch
        self._settings = settings
        self._watcher = watcher
        self._stop = stop
        self._pace = pace

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Keras calls this after each execution, with the number of its last step, from 0."""
        self.done = batch + 1
        self._stop.arm()
        rate, left = self._pace.stepped(self._epoch, self.done)
        values = logs or {}
        self._watcher.stepped(
            Step(
                self._epoch,
                self.done,
                float(values.get("loss", float("nan"))),
                float(values.get("accuracy", float("nan"))),
                rate,
                left,
            )
        )
        if self._stop.requested and not self.model.stop_training:
            self._watcher.stopping()
            self.model.stop_training = True


def _pair(predictions: Predictions) -> tuple[Any, Any]:
    return predictions.labels, predictions.probabilities


def _learning_rate(model: keras.Model) -> float:
    return float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
