"""One run from the request to the report."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

import nanotilt
from nanotilt import models
from nanotilt.recipe import Recipe
from nanotilt.report import metrics as scoring
from nanotilt.report.contents import Metrics, Predictions, ReportContents
from nanotilt.report.metrics import Score
from nanotilt.report.published import published_score
from nanotilt.training import checkpoint, configuration, throughput
from nanotilt.training.checkpoint import Checkpoint
from nanotilt.training.classifier import Classifier, first_view_only
from nanotilt.training.configuration import Request
from nanotilt.training.interrupt import StopRequest
from nanotilt.training.loop import TrainingLoop
from nanotilt.training.result import TrainingResult
from nanotilt.training.run_folder import METRICS, MODEL, RECIPE, REPORT, TRAINING, RunFolder
from nanotilt.training.settings import TEST_START, Options, Settings
from nanotilt.training.watcher import RunStart, Watcher


def resolve(recipe: Recipe, options: Options) -> Settings:
    """Fills in what the user left to the network's training plan.

    Raises:
        ValueError: more training samples than there are.
    """
    return Settings.resolve(options, models.by_name(options.model).training_plan(recipe))


def new_state(recipe: Recipe, settings: Settings) -> Checkpoint:
    """Builds and compiles the network with its first weights.

    Raises:
        ValueError: the network can't be had for this recipe.
    """
    kind = models.by_name(settings.model)
    model = _with_seed(settings.model_seed, lambda: kind.for_recipe(recipe, compile=False))
    kind.training_plan(recipe).compile(
        model, settings.total_steps, steps_per_execution=settings.steps_per_execution
    )
    return Checkpoint(model, history=(), best=None, seconds={})


@dataclass
class Run:
    """A run, ready to train.

    Attributes:
        request: What to train.
        settings: How.
        state: Where it begins.
        folder: Where its files go.
        watcher: Who is told.
        started: When it began first, as `configuration.now` tells.
        loading_seconds: Time that getting ready took.
    """

    request: Request
    settings: Settings
    state: Checkpoint
    folder: RunFolder
    watcher: Watcher
    started: str
    loading_seconds: float

    def execute(self) -> TrainingResult:
        """Trains, tests, writes everything.

        Raises:
            KeyboardInterrupt: Ctrl-C before the first step, after the last one, or twice. What was
                written stays.
            OSError: a file can't be written.
        """
        began = time.perf_counter()
        self._write_configuration("running")
        self.folder.write(RECIPE, self.request.recipe.to_json() + "\n")
        self.watcher.started(self._start())
        interrupted = self._train()
        predictions, same_view, test_seconds = self._test()
        with self.watcher.stage("Measuring throughput"):
            speeds = throughput.measure(
                self.request.recipe,
                self.settings,
                self.state.history,
                self.settings.test_samples / test_seconds,
            )
        timings = {"loading": self.loading_seconds, **self.state.seconds, "test": test_seconds}
        metrics = _metrics(self.request.recipe, predictions, same_view, speeds, timings)
        self.folder.write_json(METRICS, metrics.to_json_value())
        status = "interrupted" if interrupted else "finished"
        with self.watcher.stage("Writing the report"):
            self._report(metrics, predictions, status)
        self._write_configuration(status)
        if not interrupted:
            checkpoint.remove_all(self.folder)
        seconds = self.loading_seconds + time.perf_counter() - began
        return TrainingResult(
            self.folder.path,
            self.state.model,
            self.settings,
            self.state.history,
            metrics,
            interrupted,
            seconds,
        )

    def _train(self) -> bool:
        """Trains and saves the network; tells whether the user stopped it."""
        with StopRequest() as stop:
            loop = TrainingLoop(
                self.request.recipe, self.settings, self.state, self.folder, self.watcher, stop
            )
            loop.run()
            stop.disarm()
            self.state = loop.state
            self.folder.write_with(MODEL, lambda path: _save(self.state.model, path))
            return loop.was_stopped()

    def _test(self) -> tuple[Predictions, Score | None, float]:
        """Predictions on the test range, the score with the first view only, the former's time."""
        settings, recipe = self.settings, self.request.recipe
        classifier = Classifier(self.state.model, recipe, settings.n_threads)
        where = (settings.seed, TEST_START, settings.test_samples)
        began = time.perf_counter()
        with self.watcher.stage(f"Testing on {settings.test_samples:,} unseen samples") as advance:
            predictions = classifier.predict(*where, advance=advance)
        seconds = time.perf_counter() - began
        if recipe.n_views == 1:
            return predictions, None, seconds
        with self.watcher.stage("Testing with the first view only") as advance:
            same = classifier.predict(*where, change=first_view_only, advance=advance)
        return predictions, scoring.score(same.labels, same.probabilities), seconds

    def _report(self, metrics: Metrics, predictions: Predictions, status: str) -> None:
        from nanotilt.report.page import report_page

        contents = ReportContents(
            recipe=self.request.recipe,
            recipe_name=self.request.recipe_name,
            configuration=self._configuration(status),
            history=self.state.history,
            metrics=metrics,
            predictions=predictions,
        )
        self.folder.write(REPORT, report_page(contents))

    def _start(self) -> RunStart:
        return RunStart(
            self.request.recipe_name,
            self.settings,
            self._n_parameters(),
            self.settings.n_threads or nanotilt.build_info()["threads"],
            self.folder.path,
            self.state.history,
        )

    def _write_configuration(self, status: str) -> None:
        self.folder.write_json(TRAINING, self._configuration(status))

    def _configuration(self, status: str) -> dict[str, Any]:
        return configuration.describe(
            self.request, self.settings, self._n_parameters(), status, self.started
        )

    def _n_parameters(self) -> int:
        return sum(math.prod(weight.shape) for weight in self.state.model.trainable_weights)


def _metrics(
    recipe: Recipe,
    predictions: Predictions,
    same_view: Score | None,
    speeds: Any,
    timings: dict[str, float],
) -> Metrics:
    labels, probabilities = predictions.labels, predictions.probabilities
    names = recipe.class_names
    matrix = scoring.confusion_matrix(labels, probabilities.argmax(axis=1), len(names))
    return Metrics(
        class_names=names,
        test=scoring.score(labels, probabilities),
        confusion_matrix=tuple(tuple(int(n) for n in row) for row in matrix),
        per_class=scoring.class_scores(matrix, names),
        same_view=same_view,
        chance=float(matrix.sum(axis=1).max() / matrix.sum()),
        paper=published_score(recipe),
        throughput=speeds,
        timings_s=timings,
    )


def _with_seed(seed: int, build: Callable[[], Any]) -> Any:
    """Builds something while Python's random numbers, Keras's source of seeds, are seeded."""
    state = random.getstate()
    random.seed(seed)
    try:
        return build()
    finally:
        random.setstate(state)


def _save(model: keras.Model, path: Path) -> None:
    model.save(path)
