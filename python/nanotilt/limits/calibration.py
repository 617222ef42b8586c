"""From densities at several widths to a decision: a logistic regression on a few numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]

_FURTHEST = 40.0
"""Log ratios beyond this count as this: e**-40 is as sure as can be."""

_RIDGE = 1e-3
_ROUNDS = 30
_MOST_OFFSETS = 16


class Decision:
    """Weighs log densities of all widths, and shifts those of each class.

    A bank of templates makes classes with more to vary look less likely than they are, the more so
    the narrower the kernel; which width, or mixture of widths, tells best is learned from
    validation samples: one factor per width and one offset per class.

    Args:
        log_densities: (n, n_classes, n_widths) of validation samples.
        labels: (n,) their classes.
    """

    def __init__(self, log_densities: Floats, labels: Labels) -> None:
        n_classes = log_densities.shape[1]
        self._with_offsets = n_classes <= _MOST_OFFSETS
        features = self._features(log_densities)
        self._weights = _fitted(features, labels)

    def predicted(self, log_densities: Floats) -> Labels:
        """(n,) the class of each sample."""
        scores = self._features(log_densities) @ self._weights
        likeliest: Labels = scores.argmax(axis=1).astype(np.int32)
        return likeliest

    def loss(self, log_densities: Floats, labels: Labels) -> float:
        """Mean cross-entropy, in nats, of samples that it was not fitted to."""
        features = self._features(log_densities)
        probabilities = _softmax(features @ self._weights)[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(probabilities, np.exp(-_FURTHEST))).mean())

    def _features(self, log_densities: Floats) -> Floats:
        """(n, n_classes, n_features)."""
        best = log_densities.max(axis=1, keepdims=True)
        with np.errstate(invalid="ignore"):
            below = np.nan_to_num(log_densities - best, nan=0.0, neginf=-_FURTHEST)
        ratios: Floats = np.maximum(below, -_FURTHEST)
        if not self._with_offsets:
            return ratios
        n_classes = ratios.shape[1]
        offsets = np.broadcast_to(np.eye(n_classes), (len(ratios), n_classes, n_classes))
        return np.concatenate([ratios, offsets], axis=2)


def _fitted(features: Floats, labels: Labels) -> Floats:
    """Weights with the smallest cross-entropy plus a ridge, by Newton's method."""
    n, _, n_features = features.shape
    weights = np.zeros(n_features)
    of_truth = features[np.arange(n), labels]
    loss = _loss(features, of_truth, weights)
    for _ in range(_ROUNDS):
        probabilities = _softmax(features @ weights)
        expected = np.einsum("nc,ncf->nf", probabilities, features)
        gradient = (expected - of_truth).mean(axis=0) + _RIDGE * weights
        second = np.einsum("nc,ncf,ncg->fg", probabilities, features, features, optimize=True)
        hessian = (second - expected.T @ expected) / n + _RIDGE * np.eye(n_features)
        step = np.linalg.solve(hessian, gradient)
        while loss < _loss(features, of_truth, weights - step) and np.abs(step).max() > 1e-9:
            step = step / 2
        weights = weights - step
        earlier, loss = loss, _loss(features, of_truth, weights)
        if earlier - loss < 1e-9:
            break
    return weights


def _loss(features: Floats, of_truth: Floats, weights: Floats) -> float:
    scores = features @ weights
    top = scores.max(axis=1)
    log_sum = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
    ridge = _RIDGE / 2 * float(weights @ weights)
    return float((log_sum - of_truth @ weights).mean()) + ridge


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
