"""What a report is made of: plain data, filled in by the training."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.findings import Insight
from nanotilt.runs.lattices.results import DefectResults
from nanotilt.runs.published import Published
from nanotilt.tasks.metrics import ClassScore, Labels, Probabilities, Score


@dataclass(frozen=True)
class EpochRecord:
    """One line of the history.

    Attributes:
        epoch: Its number, counted from 1.
        samples_seen: Training samples seen at its end, since the beginning.
        loss: Mean training loss over the epoch, nats.
        accuracy: Mean training accuracy over the epoch.
        val_loss: Validation loss at its end, nats.
        val_accuracy: Validation accuracy at its end.
        seconds: Time that its training took, validation not counted.
        samples_per_second: Training samples per second.
        learning_rate: The optimizer's learning rate at its end.
    """

    epoch: int
    samples_seen: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float
    samples_per_second: float
    learning_rate: float


@dataclass(frozen=True)
class Throughput:
    """Samples per second, on the machine that trained.

    Attributes:
        simulated: ``Recipe.sample`` with all threads.
        simulated_one_thread: ``Recipe.sample`` with one thread.
        streamed: ``nanotilt.stream`` into TensorFlow, nothing else running.
        trained: Median over the epochs; None when there was none.
        tested: Drawing the test samples and predicting their classes.
    """

    simulated: float
    simulated_one_thread: float
    streamed: float
    trained: float | None
    tested: float


@dataclass(frozen=True)
class Predictions:
    """What the network said of the test samples.

    Attributes:
        seed: Their stream.
        start: Index of the first of them.
        labels: (n,) int32 true classes.
        probabilities: (n, n_classes) float32.
    """

    seed: int
    start: int
    labels: Labels
    probabilities: Probabilities


@dataclass(frozen=True)
class Try:
    """One time that training was begun.

    Attributes:
        seed: Seed of the first weights.
        epochs: Epochs trained.
        best_val_loss: The smallest validation loss, nats.
        best_val_accuracy: Validation accuracy at that moment.
        trained: Whether it got away from chance.
    """

    seed: int
    epochs: int
    best_val_loss: float
    best_val_accuracy: float
    trained: bool


@dataclass(frozen=True)
class QuestionScore:
    """How well one question was answered.

    Attributes:
        name: The question.
        accuracy: Share of the test samples that were answered rightly.
        standard_error: Standard error of the accuracy.
        interval_95: Wilson's 95 % interval of the accuracy.
        loss: Mean cross-entropy in nats.
        unused: Mean probability of outputs that are never right; 0 if there are none.
    """

    name: str
    accuracy: float
    standard_error: float
    interval_95: tuple[float, float]
    loss: float
    unused: float = 0.0


@dataclass(frozen=True)
class Metrics:
    """Everything in metrics.json.

    Attributes:
        class_names: The classes, in the order of the confusion matrix.
        test: Score on the test samples.
        confusion_matrix: Counts; rows true classes, columns what they were taken for.
        per_class: Recall, precision and F1.
        same_view: Score on the same samples when all views are replaced by the first; None for one
            view.
        chance: Accuracy of always naming the most frequent class.
        paper: What the paper scored, if the recipe is the paper's.
        throughput: Samples per second.
        timings_s: Seconds that the parts of the run took.
        questions: The score of each question.
        tries: Each time that training was begun; the last one was tested.
    """

    class_names: tuple[str, ...]
    test: Score
    confusion_matrix: tuple[tuple[int, ...], ...]
    per_class: tuple[ClassScore, ...]
    same_view: Score | None
    chance: float
    paper: Published | None
    throughput: Throughput
    timings_s: dict[str, float]
    questions: tuple[QuestionScore, ...] = ()
    tries: tuple[Try, ...] = ()

    def to_json_value(self) -> dict[str, Any]:
        """The metrics as JSON types."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class ReportContents:
    """A finished or interrupted run.

    Attributes:
        recipe: The recipe.
        recipe_name: Its name, as the user gave it.
        configuration: What training.json holds.
        history: The epochs.
        metrics: The scores.
        predictions: The predictions behind them.
        insight: What the network looks at, or None if it was not examined.
        defects: Of patches of lattices, how well defects are found; else None.
    """

    recipe: Recipe
    recipe_name: str
    configuration: dict[str, Any]
    history: tuple[EpochRecord, ...]
    metrics: Metrics
    predictions: Predictions
    insight: Insight | None = None
    defects: DefectResults | None = None
