"""nanotilt.pose.scores: errors modulo a symmetry, and the paper's table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conftest import refused
from nanotilt.pose.scores import angle_errors_rad, orientation_scores


def test_errors_by_hand() -> None:
    true = np.deg2rad([0.0, 10, 44, 89, 200])
    # 5 degrees off, besides +0.9, -0.9, +1.9, -1.9, 0; some with quarter turns added.
    predicted = np.deg2rad([5.9, 14.1 + 90, 50.9 - 180, 92.1 - 90, 205 + 360])
    errors = angle_errors_rad(predicted, true, 4)
    assert errors.dtype == np.float64
    np.testing.assert_allclose(np.rad2deg(errors), [0.9, -0.9, 1.9, -1.9, 0], atol=1e-3)
    scores = orientation_scores(predicted, true, 4)
    assert scores.n_samples == 5
    assert scores.within == (0.2, 0.6, 1.0, 1.0)
    assert np.rad2deg(scores.offset_rad) == pytest.approx(5, abs=1e-3)
    assert scores.mean_deg == pytest.approx(0, abs=1e-3)
    assert scores.std_deg == pytest.approx(np.sqrt((2 * 0.81 + 2 * 3.61) / 5), abs=1e-3)
    assert scores.mean_absolute_deg == pytest.approx(1.12, abs=1e-3)


def test_the_offset_may_be_read_at_zero_as_the_paper_does() -> None:
    true = np.deg2rad([50.0, -0.5, 100, 20])
    predicted = true + np.deg2rad([7.0, 8.0, 7.0, 7.0])
    errors = angle_errors_rad(predicted, true, 4, offset="at_zero")
    np.testing.assert_allclose(np.rad2deg(errors), [-1, 0, -1, -1], atol=1e-9)
    scores = orientation_scores(predicted, true, 4, offset="at_zero")
    assert scores.mean_deg == pytest.approx(-0.75)
    assert np.rad2deg(scores.offset_rad) == pytest.approx(8.0)


def test_a_true_angle_of_a_whole_period_counts_as_zero() -> None:
    true = np.deg2rad([30.0, 90.1, 60])
    errors = angle_errors_rad(true + np.deg2rad([0.0, 3, 0]), true, 4, offset="at_zero")
    np.testing.assert_allclose(np.rad2deg(errors), [-3, 0, -3], atol=1e-9)


def test_a_number_as_offset_is_taken_as_it_is() -> None:
    errors = angle_errors_rad([0.3, 1.0], [0.1, 0.9], 1, offset=0.1)
    np.testing.assert_allclose(errors, [0.1, 0.0], atol=1e-12)


@pytest.mark.parametrize("symmetry", [1, 2, 3, 4, 6])
def test_neither_an_offset_nor_whole_periods_change_the_errors(symmetry: int) -> None:
    rng = np.random.default_rng(symmetry)
    period = 2 * np.pi / symmetry
    true, noise = rng.uniform(0, 7, 500), rng.normal(0, 0.02, 500)
    plain = angle_errors_rad(true + noise, true, symmetry)
    np.testing.assert_allclose(plain, noise - noise.mean(), atol=1e-5)
    shifted = true + noise + 1.234 + period * rng.integers(-3, 4, 500)
    np.testing.assert_allclose(angle_errors_rad(shifted, true, symmetry), plain, atol=1e-9)


def test_errors_go_the_shorter_way_round() -> None:
    errors = angle_errors_rad(np.deg2rad([89.0, 1, 45, 46]), np.zeros(4), 4, offset=0.0)
    np.testing.assert_allclose(np.rad2deg(errors), [-1, 1, 45, -44], atol=1e-9)


@pytest.mark.parametrize(
    ("error", "field", "value", "arguments"),
    [
        (TypeError, "symmetry", 4.0, ([0.0], [0.0], 4.0)),
        (ValueError, "symmetry", 0, ([0.0], [0.0], 0)),
        (ValueError, "predicted_rad", (2,), ([0.0, 1.0], [0.0], 4)),
        (ValueError, "predicted_rad", (0,), ([], [], 4)),
        (ValueError, "predicted_rad", (1, 1), ([[0.0]], [[0.0]], 4)),
    ],
)
def test_wrong_arguments_are_named(error: Any, field: str, value: Any, arguments: Any) -> None:
    refused(error, field, value, lambda: angle_errors_rad(*arguments))


@pytest.mark.parametrize(
    ("error", "value"), [(ValueError, "median"), (TypeError, None), (ValueError, float("nan"))]
)
def test_wrong_offsets_are_named(error: Any, value: Any) -> None:
    refused(error, "offset", value, lambda: orientation_scores([0.0], [0.0], 4, offset=value))
