"""What a network scored: numbers with their uncertainty; of classifiers also the matrix."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from nanotilt._base.checks import integer, received

SMALLEST_PROBABILITY = 1e-7
"""Probabilities below count as this much in the loss, as in Keras."""

Z_95 = 1.959963984540054
"""Half the width, in standard deviations, of the middle 95 % of a normal distribution."""

Labels = npt.NDArray[np.int32]
Probabilities = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Metric:
    """A number that tells how well something was done, and what it is to be compared with.

    Attributes:
        value: The number.
        standard_error: Its standard error over the test samples, or None if it has none.
        unit: Its unit, such as "deg"; empty for shares.
        better: Whether "higher" or "lower" is better.
        chance: What is reached without looking, or None if that says nothing.
        limit: The best that is possible on the data, or None if that is not known.
    """

    value: float
    standard_error: float | None = None
    unit: str = ""
    better: Literal["higher", "lower"] = "higher"
    chance: float | None = None
    limit: float | None = None


@dataclass(frozen=True)
class Score:
    """How well samples were classified.

    Attributes:
        n_samples: Number of samples.
        accuracy: Share of samples whose likeliest class was the true one.
        standard_error: Standard error of the accuracy, sqrt(p (1 - p) / n).
        interval_95: Wilson's 95 % interval of the accuracy.
        loss: Mean cross-entropy in nats.
    """

    n_samples: int
    accuracy: float
    standard_error: float
    interval_95: tuple[float, float]
    loss: float


@dataclass(frozen=True)
class ClassScore:
    """How well one class was told from the others.

    Attributes:
        label: The class.
        n_samples: Samples that are of this class.
        recall: Share of them that were recognised; None when there are none.
        precision: Share of the samples taken for this class that are of it; None when none were.
        f1: Harmonic mean of the two; None when one of them is.
    """

    label: str
    n_samples: int
    recall: float | None
    precision: float | None
    f1: float | None


def score(labels: Labels, probabilities: Probabilities) -> Score:
    """Scores predicted probabilities.

    Args:
        labels: (n,) true classes, n >= 1.
        probabilities: (n, n_classes).

    Raises:
        ValueError: no samples, or shapes that don't belong together.
    """
    _check_shapes(labels, probabilities)
    n = len(labels)
    right = int(np.count_nonzero(probabilities.argmax(axis=1) == labels))
    accuracy = right / n
    return Score(
        n_samples=n,
        accuracy=accuracy,
        standard_error=math.sqrt(accuracy * (1.0 - accuracy) / n),
        interval_95=wilson_interval(right, n),
        loss=cross_entropy(labels, probabilities),
    )


def cross_entropy(labels: Labels, probabilities: Probabilities) -> float:
    """Mean of -log(probability of the true class), in nats."""
    of_truth = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.clip(of_truth, SMALLEST_PROBABILITY, 1.0)).mean())


def wilson_interval(right: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share: `right` of `n`. It also holds near 0 and 1.

    Raises:
        ValueError: n < 1, or right is not in [0, n].
    """
    n = integer("n", n, at_least=1)
    right = integer("right", right, at_least=0, below=n + 1)
    share = right / n
    spread = Z_95**2 / n
    centre = (share + spread / 2) / (1 + spread)
    half_width = Z_95 / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    low = 0.0 if right == 0 else centre - half_width
    high = 1.0 if right == n else centre + half_width
    return (low, high)


def confusion_matrix(
    labels: Labels, predicted: npt.NDArray[np.integer], n_classes: int
) -> npt.NDArray[np.int64]:
    """(n_classes, n_classes) counts: row the true class, column the class it was taken for."""
    matrix = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(matrix, (labels, predicted), 1)
    return matrix


def class_scores(
    matrix: npt.NDArray[np.int64], class_names: Sequence[str]
) -> tuple[ClassScore, ...]:
    """Recall, precision and F1 of every class of a confusion matrix."""
    return tuple(
        _class_score(label, int(matrix[i, i]), int(matrix[i].sum()), int(matrix[:, i].sum()))
        for i, label in enumerate(class_names)
    )


def _class_score(label: str, right: int, n_true: int, n_predicted: int) -> ClassScore:
    recall = right / n_true if n_true else None
    precision = right / n_predicted if n_predicted else None
    f1 = None
    if recall is not None and precision is not None:
        f1 = 2 * right / (n_true + n_predicted)
    return ClassScore(label, n_true, recall, precision, f1)


def _check_shapes(labels: Labels, probabilities: Probabilities) -> None:
    if labels.ndim != 1 or len(labels) == 0:
        raise ValueError(f"labels must be (n,) with n >= 1. Received: shape {labels.shape}")
    if probabilities.ndim != 2 or len(probabilities) != len(labels):
        raise ValueError(
            f"probabilities must be (n, n_classes) with n = {len(labels)}. "
            f"Received: shape {probabilities.shape}"
        )
    if labels.min() < 0 or labels.max() >= probabilities.shape[1]:
        raise ValueError(
            f"labels must be in [0, {probabilities.shape[1]}). {received('labels', labels)}"
        )
