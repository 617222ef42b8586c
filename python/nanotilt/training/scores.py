"""What a network scored on a task: question by question, and whether it learned anything."""

from __future__ import annotations

import numpy as np

from nanotilt.runs.records import Predictions, QuestionScore
from nanotilt.tasks import metrics as scoring
from nanotilt.tasks.metrics import Labels, Probabilities
from nanotilt.tasks.task import Task

TRAINED_ABOVE_CHANCE = 0.02
"""A network has learned a question when its accuracy exceeds chance by more. On the paper's 20,000
validation samples chance alone reaches 0.01 in one of 200 tries only (three standard errors)."""


def weighted_loss(task: Task, labels: Labels, probabilities: Probabilities) -> float:
    """The sum of the questions' mean cross-entropies, times their weights, in nats.

    A weight that fades counts in full: the loss is to compare epochs.

    Args:
        task: What was asked.
        labels: (n,) outputs that are right.
        probabilities: (n, n_outputs).
    """
    if task.loss_weights is None:
        return scoring.cross_entropy(labels, probabilities)
    return sum(
        weight * scoring.cross_entropy(*task.answers_of(i, labels, probabilities))
        for i, weight in enumerate(task.loss_weights)
    )


def question_scores(task: Task, predictions: Predictions) -> tuple[QuestionScore, ...]:
    """The score of each question."""
    return tuple(_score(task, i, predictions) for i in range(len(task.questions)))


def has_learned(task: Task, predictions: Predictions) -> bool:
    """Whether every question is answered better than by chance."""
    return all(
        score.accuracy > _chance(task, i, predictions) + TRAINED_ABOVE_CHANCE
        for i, score in enumerate(question_scores(task, predictions))
    )


def _score(task: Task, question: int, predictions: Predictions) -> QuestionScore:
    labels, probabilities = task.answers_of(question, predictions.labels, predictions.probabilities)
    score = scoring.score(labels, probabilities)
    n_answers = task.n_answers[question]
    return QuestionScore(
        task.questions[question].name,
        score.accuracy,
        score.standard_error,
        score.interval_95,
        score.loss,
        float(probabilities[:, n_answers:].sum(axis=1).mean()),
    )


def _chance(task: Task, question: int, predictions: Predictions) -> float:
    """Accuracy of always giving the most frequent answer."""
    labels, _ = task.answers_of(question, predictions.labels, predictions.probabilities)
    return float(np.bincount(labels).max() / len(labels))
