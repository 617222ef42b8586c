"""One run from the request to the report."""

from __future__ import annotations

import math
import time
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nanotilt
from nanotilt._base.optional import needed_for
from nanotilt.runs import configuration
from nanotilt.runs.configuration import Request
from nanotilt.runs.findings import Insight
from nanotilt.runs.folder import INSIGHT, METRICS, MODEL, RECIPE, REPORT, TRAINING, RunFolder
from nanotilt.runs.history import to_csv
from nanotilt.runs.published import Published, published_score
from nanotilt.runs.records import Metrics, Predictions, ReportContents, Try
from nanotilt.runs.settings import TEST_START, VALIDATION_START, Options, Settings
from nanotilt.runs.words import error_in_words
from nanotilt.tasks import metrics as scoring
from nanotilt.tasks.metrics import Score
from nanotilt.training import beginning, checkpoint, lattice_truth, throughput
from nanotilt.training.checkpoint import Checkpoint
from nanotilt.training.classifier import Classifier, first_view_only
from nanotilt.training.insight import examine
from nanotilt.training.interrupt import StopRequest
from nanotilt.training.loop import TrainingLoop
from nanotilt.training.rehearsal import rehearse
from nanotilt.training.result import TrainingResult
from nanotilt.training.scores import has_learned, question_scores
from nanotilt.training.watcher import RunStart, Watcher

with needed_for("Training"):
    import keras


def resolve(request: Request, options: Options) -> Settings:
    """Fills in what the user left to the network's training plan.

    Raises:
        ValueError: more training samples than there are.
    """
    plan = beginning.plan_of(options.model, request)
    return Settings.resolve(options, plan)


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
        tries: The times that training was begun, once it has ended.
        classifier: Predicts with the trained network, once training has ended.
    """

    request: Request
    settings: Settings
    state: Checkpoint
    folder: RunFolder
    watcher: Watcher
    started: str
    loading_seconds: float
    tries: tuple[Try, ...] = ()
    classifier: Classifier | None = None

    def execute(self) -> TrainingResult:
        """Trains, tests, writes everything.

        Raises:
            KeyboardInterrupt: Ctrl-C before the first step, after the last one, or twice. What was
                written stays.
            OSError: a file can't be written, or there is no room for what training leaves.
            ValueError: what follows training can't be done with this recipe or these settings.
        """
        began = time.perf_counter()
        self._write_configuration("running")
        self.folder.write(RECIPE, self.request.recipe.to_json() + "\n")
        rehearse(self.request, self.settings, self._n_parameters(), self.folder)
        self.watcher.started(self._start())
        interrupted = self._train()
        self._write_configuration("interrupted" if interrupted else "trained")
        predictions, same_view, test_seconds = self._test()
        with self.watcher.stage("Measuring throughput"):
            speeds = throughput.measure(
                self.request.recipe,
                self.settings,
                self.state.history,
                self.settings.test_samples / test_seconds,
            )
        timings = {"loading": self.loading_seconds, **self.state.seconds, "test": test_seconds}
        metrics = self._metrics(predictions, same_view, speeds, timings)
        self.folder.write_json(METRICS, metrics.to_json_value())
        status = "interrupted" if interrupted else "finished"
        failed = self._explain(metrics, predictions, status)
        self._write_configuration("trained" if failed and not interrupted else status, failed)
        if not interrupted and not failed:
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
            failed,
        )

    def _explain(self, metrics: Metrics, predictions: Predictions, status: str) -> dict[str, str]:
        """Examines the network and writes the report; gives what failed, and why, in words.

        The network and its scores are on disk already, and nothing that fails here takes them away.
        """
        failed: dict[str, str] = {}
        insight = None
        try:
            insight = self._examine()
        except Exception as error:
            failed["insight"] = error_in_words(error)
        try:
            with self.watcher.stage("Writing the report"):
                self._report(metrics, predictions, status, insight)
        except Exception as error:
            failed["report"] = error_in_words(error)
        for what, why in failed.items():
            words = f"the network is trained and tested, but its {what} failed: {why}"
            warnings.warn(words, stacklevel=2)
        return failed

    def _train(self) -> bool:
        """Trains and saves the network; tells whether the user stopped it."""
        with StopRequest() as stop:
            while True:
                loop = TrainingLoop(
                    self.request, self.settings, self.state, self.folder, self.watcher, stop
                )
                loop.run()
                self.state = loop.state
                self.tries = (*self.state.failed, self._tried(loop.classifier))
                if (
                    loop.was_stopped()
                    or self.tries[-1].trained
                    or len(self.tries) >= self.settings.tries
                ):
                    break
                self._begin_anew()
            self.classifier = loop.classifier
            stop.disarm()
            self.folder.write_with(MODEL, lambda path: _save(self.state.model, path))
            return loop.was_stopped()

    def _tried(self, classifier: Classifier) -> Try:
        """How the try that has just ended went."""
        settings, history = self.settings, self.state.history
        predictions = classifier.predict(
            settings.seed, VALIDATION_START, settings.validation_samples
        )
        best = min(history, key=lambda record: record.val_loss, default=None)
        return Try(
            seed=settings.seed_of_try(len(self.state.failed)),
            epochs=len(history),
            best_val_loss=math.nan if best is None else best.val_loss,
            best_val_accuracy=math.nan if best is None else best.val_accuracy,
            trained=has_learned(self.request.asked, predictions),
        )

    def _begin_anew(self) -> None:
        """Goes back to first weights, which are other ones, and remembers the try that failed."""
        n = len(self.tries)
        self.watcher.note(
            f"training stayed at chance and starts again from new first weights: try {n + 1} of "
            f"{self.settings.tries}"
        )
        self.folder.write(f"history-try{n}.csv", to_csv(self.state.history))
        checkpoint.remove_all(self.folder)
        begun = beginning.new_state(self.request, self.settings, self.folder, self.tries)
        self.state = replace(begun, seconds=self.state.seconds)

    def _test(self) -> tuple[Predictions, Score | None, float]:
        """Predictions on the test range, the score with the first view only, the former's time."""
        settings, recipe = self.settings, self.request.recipe
        assert self.classifier is not None  # training has ended
        classifier = self.classifier
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

    def _metrics(
        self,
        predictions: Predictions,
        same_view: Score | None,
        speeds: Any,
        timings: dict[str, float],
    ) -> Metrics:
        labels, probabilities = predictions.labels, predictions.probabilities
        task = self.request.asked
        names = task.output_names
        matrix = scoring.confusion_matrix(labels, probabilities.argmax(axis=1), len(names))
        return Metrics(
            class_names=names,
            test=scoring.score(labels, probabilities),
            confusion_matrix=tuple(tuple(int(n) for n in row) for row in matrix),
            per_class=scoring.class_scores(matrix, names),
            same_view=same_view,
            chance=float(matrix.sum(axis=1).max() / matrix.sum()),
            paper=self._published(),
            throughput=speeds,
            timings_s=timings,
            questions=question_scores(task, predictions),
            tries=self.tries,
        )

    def _published(self) -> Published | None:
        """What the paper scored: in the experiment if it is one, else on the recipe."""
        if self.request.experiment is not None:
            return self.request.paper
        return published_score(self.request.recipe)

    def _examine(self) -> Insight:
        """What the network looks at, on test samples; written to insight.json."""
        settings = self.settings
        with self.watcher.stage("Examining what the network looks at") as advance:
            insight = examine(
                self.state.model,
                self.request.recipe,
                self.request.asked,
                settings.seed,
                TEST_START,
                settings.test_samples,
                n_threads=settings.n_threads,
                advance=advance,
            )
        self.folder.write_json(INSIGHT, insight.to_json_value())
        return insight

    def _report(
        self, metrics: Metrics, predictions: Predictions, status: str, insight: Insight | None
    ) -> None:
        from nanotilt.report.page import report_page

        contents = ReportContents(
            recipe=self.request.recipe,
            recipe_name=self.request.recipe_name,
            configuration=self._configuration(status),
            history=self.state.history,
            metrics=metrics,
            predictions=predictions,
            insight=insight,
            defects=lattice_truth.written(
                self.folder, self.request.recipe, predictions, self.settings.n_threads
            ),
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

    def _write_configuration(self, status: str, failed: dict[str, str] | None = None) -> None:
        self.folder.write_json(TRAINING, self._configuration(status, failed))

    def _configuration(self, status: str, failed: dict[str, str] | None = None) -> dict[str, Any]:
        return configuration.describe(
            self.request, self.settings, self._n_parameters(), status, self.started, failed
        )

    def _n_parameters(self) -> int:
        return sum(math.prod(weight.shape) for weight in self.state.model.trainable_weights)


def _save(model: keras.Model, path: Path) -> None:
    model.save(path)
