"""What orientations score: each number against plain NumPy, its uncertainty against repetition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nanotilt.pose.scores import LIMITS_DEG
from nanotilt.tasks.orientation import (
    MEAN,
    MEAN_ABSOLUTE,
    MEAN_AT_ZERO,
    STD,
    WITHIN,
    OrientationTask,
)


def answers(seed: int, n: int, std_deg: float) -> tuple[Any, Any]:
    """True angles, and predicted ones with normal errors, an offset and whole periods added."""
    rng = np.random.default_rng(seed)
    true = rng.uniform(0, 2 * np.pi, n)
    errors = np.deg2rad(rng.normal(0, std_deg, n))
    return true + errors + 0.3 + np.pi / 2 * rng.integers(-3, 4, n), true


def test_scores_against_numpy() -> None:
    predicted, true = answers(1, 5000, 1.5)
    scores = OrientationTask(4).score(predicted, true)
    assert tuple(scores) == (*WITHIN, MEAN, STD, MEAN_ABSOLUTE, MEAN_AT_ZERO)
    turned = np.exp(4j * (predicted - true))
    errors = np.rad2deg(np.angle(turned / np.exp(1j * np.angle(turned.mean()))) / 4)
    assert scores[STD].value == pytest.approx(errors.std(), rel=1e-9)
    assert scores[MEAN_ABSOLUTE].value == pytest.approx(np.abs(errors).mean(), rel=1e-9)
    for name, limit in zip(WITHIN, LIMITS_DEG, strict=True):
        assert scores[name].value == pytest.approx((np.abs(errors) <= limit).mean())


def test_standard_errors_are_what_repetition_shows() -> None:
    """The spread of each score over 400 tests of 500 samples, to 12 %: four standard errors."""
    task = OrientationTask(4)
    found = [task.score(*answers(seed, 500, 1.0)) for seed in range(400)]
    for name in (*WITHIN[:2], STD, MEAN_ABSOLUTE):
        spread = np.std([scores[name].value for scores in found])
        told = [scores[name].standard_error or 0 for scores in found]
        assert np.mean(told) == pytest.approx(spread, rel=0.14), name


def test_chance_is_what_a_network_scores_that_answers_anything() -> None:
    rng = np.random.default_rng(2)
    for symmetry in (1, 4):
        task = OrientationTask(symmetry)
        true, predicted = rng.uniform(0, 2 * np.pi, (2, 200_000))
        scores = task.score(predicted, true)
        for name in (*WITHIN, STD, MEAN_ABSOLUTE):
            metric = scores[name]
            assert metric.standard_error is not None
            assert metric.chance is not None
            assert abs(metric.value - metric.chance) < 5 * metric.standard_error, name
        assert not task.trained(scores)
    assert OrientationTask(4).trained(OrientationTask(4).score(*answers(3, 100, 1.0)))


def test_what_is_better() -> None:
    scores = OrientationTask(1).score([0.1, 0.2], [0.0, 0.1])
    assert {scores[name].better for name in WITHIN} == {"higher"}
    assert {scores[name].better for name in (MEAN, STD, MEAN_ABSOLUTE)} == {"lower"}
    assert (scores[STD].unit, scores[WITHIN[0]].unit) == ("deg", "")
    assert scores[STD].value == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("symmetry", "error"), [(0, ValueError), (2.5, TypeError)])
def test_wrong_orders(symmetry: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"symmetry .*Received: symmetry="):
        OrientationTask(symmetry)
