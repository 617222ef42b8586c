"""AUC, ROC and precision of scores, against scikit-learn's and by counting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nanotilt.tasks import ranking

RNG = np.random.default_rng(2)


def scores(ties: bool) -> tuple[Any, Any]:
    low, high = RNG.normal(size=170), 0.8 + RNG.normal(size=90)
    return (np.round(low), np.round(high)) if ties else (low, high)


@pytest.mark.parametrize("ties", [False, True])
def test_as_scikit_learn(ties: bool) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    low, high = scores(ties)
    truth = np.r_[np.zeros(len(low)), np.ones(len(high))]
    both = np.r_[low, high]
    assert ranking.auc(low, high).value == pytest.approx(metrics.roc_auc_score(truth, both))
    false, true, _ = metrics.roc_curve(truth, both, drop_intermediate=False)
    found = ranking.roc(low, high)
    np.testing.assert_allclose(found, (false, true))
    assert np.trapezoid(found[1], found[0]) == pytest.approx(ranking.auc(low, high).value)


def test_the_standard_error_is_the_spread_of_many_tests() -> None:
    """Of exponential scores, for which the formula is made."""
    areas = []
    for _ in range(600):
        low, high = RNG.exponential(1, 60), RNG.exponential(3, 40)
        areas.append(ranking.auc(low, high).value)
    told = ranking.hanley_mcneil(float(np.mean(areas)), 60, 40)
    assert np.std(areas) == pytest.approx(told, rel=0.1)


def test_published_standard_error() -> None:
    """Hanley and McNeil 1982: 58 normal and 51 abnormal images, area 0.893, error 0.032."""
    assert ranking.hanley_mcneil(0.893, 58, 51) == pytest.approx(0.032, abs=6e-4)


def test_the_ends() -> None:
    low, high = np.arange(5.0), np.arange(10.0, 13)
    assert ranking.auc(low, high).value == 1
    assert ranking.auc(low, high).standard_error == 0
    assert ranking.auc(high, low).value == 0
    assert ranking.auc(low, low).value == 0.5
    assert ranking.auc(low, high).chance == 0.5


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5])
def test_precision_by_counting_where_they_are_rare(share: float) -> None:
    low, high = RNG.normal(size=200_000), 2.5 + RNG.normal(size=200_000)
    n = 1_000_000
    rare = round(share * n)
    many = np.r_[RNG.normal(size=n - rare), 2.5 + RNG.normal(size=rare)]
    picked = np.argsort(many)[-rare:]
    expected = (picked >= n - rare).mean()
    assert ranking.precision(low, high, share) == pytest.approx(expected, abs=0.01)


def test_precision_by_chance_is_the_share() -> None:
    same = np.zeros(10)
    assert ranking.precision(same, same, 0.01) == pytest.approx(0.01)
    assert ranking.precision(np.zeros(10), np.ones(4), 0.01) == pytest.approx(1)


def test_an_area_of_99_per_cent_may_mean_a_poor_precision() -> None:
    low, high = RNG.normal(size=100_000), 3.3 + RNG.normal(size=100_000)
    assert ranking.auc(low, high).value > 0.989
    assert ranking.precision(low, high, 0.01) < 0.75


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ranking.auc([], [1.0]), "without must be"),
        (lambda: ranking.auc([1.0], [[1.0]]), "with_it must be"),
        (lambda: ranking.auc([np.inf], [1.0]), "without"),
        (lambda: ranking.precision([0.0], [1.0], 1), "share must be < 1"),
        (lambda: ranking.precision([0.0], [1.0], 0), "share must be > 0"),
    ],
)
def test_refused(call: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
