"""nt.anomaly: residuals of drawings, codes of patches, against slow and obvious versions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt.anomaly.residual import BUMP, EITHER, ERROR, HOLE

RNG = np.random.default_rng(4)


def lattice(n: int = 5, rows: int = 24, columns: int = 30) -> Any:
    y, x = np.mgrid[:rows, :columns]
    phases = RNG.uniform(0, 6, (n, 1, 1))
    return np.sin(1.9 * x + phases) * np.cos(2.1 * y)


def test_residuals_are_what_no_contrast_and_no_offset_explain() -> None:
    drawn = lattice()
    views = 0.4 * drawn + 3 + 0.5 * RNG.normal(size=drawn.shape)
    left = nt.anomaly.residuals(views, drawn)
    for view, answer, found in zip(views, drawn, left, strict=True):
        columns = np.stack([answer.ravel(), np.ones(answer.size)], axis=1)
        best, *_ = np.linalg.lstsq(columns, view.ravel(), rcond=None)
        np.testing.assert_allclose(found.ravel(), view.ravel() - columns @ best, atol=1e-10)


def test_a_drawing_without_contrast_explains_the_mean() -> None:
    views = RNG.normal(size=(2, 6, 7))
    left = nt.anomaly.residuals(views, np.full_like(views, 3.0))
    np.testing.assert_allclose(left, views - views.mean((1, 2), keepdims=True))


def test_smoothing_is_a_sum_over_pixels() -> None:
    left = RNG.normal(size=(2, 9, 11))
    expected = np.zeros_like(left)
    for row in range(9):
        for column in range(11):
            y, x = np.mgrid[:9, :11]
            weights = np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * 1.3**2))
            expected[:, row, column] = (left * weights).sum((1, 2)) / weights.sum()
    expected -= expected.mean((1, 2), keepdims=True)
    expected /= expected.std((1, 2), keepdims=True)
    found = nt.anomaly.smoothed_residuals(left, 1.3)
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_nothing_left_is_no_hole() -> None:
    drawn = lattice()
    scores = nt.anomaly.residual_scores(np.zeros_like(drawn), np.zeros_like(drawn))
    assert all((values == 0).all() for values in scores.values())


@pytest.mark.parametrize(("sign", "name", "other"), [(-1, HOLE, BUMP), (1, BUMP, HOLE)])
def test_holes_and_bumps_are_told_apart(sign: int, name: str, other: str) -> None:
    drawn = lattice(40)
    noise = RNG.normal(size=drawn.shape)
    y, x = np.mgrid[:24, :30]
    spot = sign * 2.5 * np.exp(-((y - 10) ** 2 + (x - 17) ** 2) / (2 * 1.6**2))
    without = nt.anomaly.residual_scores(drawn + noise, drawn)
    with_it = nt.anomaly.residual_scores(drawn + noise + spot, drawn)
    assert (with_it[name] > without[name]).mean() > 0.95
    assert with_it[name].mean() > without[name].mean() + 2
    assert with_it[other].mean() < without[other].mean() + 0.3
    np.testing.assert_array_equal(with_it[EITHER], np.maximum(with_it[HOLE], with_it[BUMP]))
    np.testing.assert_allclose(with_it[ERROR], ((noise + spot) ** 2).mean((1, 2)))


def test_margins_have_no_say() -> None:
    drawn = lattice()
    views = drawn + RNG.normal(size=drawn.shape)
    deep = views.copy()
    deep[:, 1, 1] -= 30
    inside = nt.anomaly.residual_scores(deep, drawn, margin_px=8)[HOLE]
    everywhere = nt.anomaly.residual_scores(deep, drawn, margin_px=0)[HOLE]
    assert (everywhere > 1.5 * inside).all()


def test_distances_are_those_of_mahalanobis() -> None:
    mean = RNG.normal(size=(300, 4)) @ RNG.normal(size=(4, 4)) + 2
    reference = nt.anomaly.CodeReference.of(mean)
    some = RNG.normal(size=(7, 4))
    apart = some - mean.mean(axis=0)
    covariance = np.cov(mean.T)
    expected = [row @ np.linalg.solve(covariance, row) for row in apart]
    np.testing.assert_allclose(reference.distance(some), expected, rtol=1e-3)
    assert reference.distance(mean).mean() == pytest.approx(4, rel=0.02)


def test_scores_of_codes() -> None:
    """The divergence against an integral by sampling, the bound as a sum."""
    mean, log_variance = np.array([[0.5, -1.0]]), np.array([[-0.7, 0.3]])
    reference = nt.anomaly.CodeReference.of(RNG.normal(size=(50, 2)))
    scores = nt.anomaly.code_scores(mean, log_variance, [0.25], 64, reference)
    z = mean + np.exp(log_variance / 2) * RNG.normal(size=(400_000, 2))
    log_ratio = 0.5 * (z**2 - (z - mean) ** 2 / np.exp(log_variance) - log_variance)
    assert scores["kl"][0] == pytest.approx(log_ratio.sum(axis=1).mean(), abs=0.02)
    assert scores["elbo"][0] == pytest.approx(scores["kl"][0] + 64 * 0.25 / 2)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: nt.anomaly.residuals(np.zeros((2, 3)), np.zeros((2, 3))), r"views must be \(n,"),
        (
            lambda: nt.anomaly.residuals(np.zeros((2, 3, 3)), np.zeros((2, 3, 4))),
            "drawn must have the shape of views",
        ),
        (lambda: nt.anomaly.smoothed_residuals(np.zeros((1, 3, 3)), 0), "sigma_px must be > 0"),
        (
            lambda: nt.anomaly.residual_scores(
                np.zeros((1, 8, 9)), np.zeros((1, 8, 9)), margin_px=4
            ),
            "margin_px must be < 4",
        ),
        (
            lambda: nt.anomaly.residuals(np.full((1, 3, 3), np.nan), np.zeros((1, 3, 3))),
            "views",
        ),
        (lambda: nt.anomaly.CodeReference.of(np.zeros((1, 3))), "mean must hold two codes"),
        (
            lambda: nt.anomaly.CodeReference.of(np.eye(4)).distance(np.zeros((2, 3))),
            r"mean must be \(n, 4\)",
        ),
        (
            lambda: nt.anomaly.code_scores(
                np.zeros((2, 4)), np.zeros((2, 4)), [1.0], 9, nt.anomaly.CodeReference.of(np.eye(4))
            ),
            r"error must be \(2,\)",
        ),
    ],
)
def test_refused(call: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
