"""Angles without truth: recovered from simulated pairs, compared, bounded; wrong calls."""

from __future__ import annotations

import doctest
import math
import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import nanotilt as nt
from nanotilt.pose import angle_errors, comparison, cramer_rao_bound, recover
from nanotilt.pose.observations import Observations
from nanotilt.pose.starts import random_images
from places import DOCS
from shapes import S_SHAPE, SQUARE, T_SHAPE

Floats = npt.NDArray[np.floating[Any]]

PLACES: dict[str, Any] = {"n_bins": 64, "lower": -31.5, "upper": 31.5}
S, T, SQUARES = 26 * np.array(S_SHAPE), 23 * np.array(T_SHAPE), 36 * np.array(SQUARE)


def made_pairs(
    ring: Floats, seed: int, noise: float = 0.0, n: int = 200, stereo_deg: float = 10.0
) -> tuple[Floats, Floats]:
    """Pairs (n, 2, 64) at angles spread at random, and these."""
    rng = np.random.default_rng(seed)
    angles = rng.uniform(0, 2 * np.pi, n)
    both = np.stack([angles, angles + np.deg2rad(stereo_deg)], axis=1).ravel()
    views = nt.tilt_series([ring], angles_rad=both, **PLACES).reshape(n, 2, 64)
    return views + noise * rng.normal(size=views.shape), angles


def errors_deg(found: Floats, true: Floats, symmetry: int = 1) -> Floats:
    degrees: Floats = np.rad2deg(angle_errors(found, true, symmetry))
    return degrees


def test_the_s_is_recovered() -> None:
    pairs, true = made_pairs(S, 1)
    found = recover(pairs, 10, symmetry=1, n_starts=4)
    errors = errors_deg(found.angle_rad, true)
    assert np.abs(errors).mean() < 0.2
    assert np.abs(errors).max() < 5
    assert found.cost.shape == (4,)
    assert found.confidence >= 0.75
    assert found.residual < 0.5
    assert found.shape.shape == (64, 64)
    assert found.shape.dtype == np.float32
    # The image itself, turned by the offset that angles alone leave open.
    offset = float(np.angle(np.exp(1j * (found.angle_rad - true)).mean()))
    exact = nt.rasterise([S], n_pixels=64, field_of_view=64, angle_rad=-offset)
    assert np.corrcoef(found.shape.ravel(), exact.ravel())[0, 1] > 0.95


def test_a_noisy_t_is_near_the_cramer_rao_bound() -> None:
    pairs, true = made_pairs(T, 2, noise=1.0)
    found = recover(pairs, 10, symmetry=1, n_starts=4)
    bound = np.rad2deg(cramer_rao_bound([T], stereo_deg=10, noise_sigma=1, **PLACES))
    rms = np.sqrt(np.mean(errors_deg(found.angle_rad, true) ** 2))
    assert rms < 1.5 * np.sqrt(np.mean(bound**2))
    assert found.residual == pytest.approx(1, abs=0.05)


def test_a_squares_order_is_found() -> None:
    pairs, true = made_pairs(SQUARES, 3, noise=0.5, n=120)
    told: list[tuple[str, float]] = []
    found = recover(pairs, 10, n_starts=4, progress=lambda text, share: told.append((text, share)))
    assert found.symmetry == 4
    assert 0 <= found.angle_rad.min() <= found.angle_rad.max() < math.pi / 2
    assert np.abs(errors_deg(found.angle_rad, true, 4)).mean() < 0.5
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert told[-1] == ("done", 1.0)


def test_the_order_of_clean_squares_is_found() -> None:
    """What is left then is the model's error, which tells nothing."""
    pairs, _ = made_pairs(SQUARES, 3, n=400)
    assert recover(pairs, 10).symmetry == 4


def test_the_steps_sign_tells_the_shape_from_its_mirror_image() -> None:
    pairs, true = made_pairs(S, 4, n=100)
    right = recover(pairs, 10, symmetry=1, n_starts=4)
    assert np.median(np.abs(errors_deg(right.angle_rad, true))) < 1
    mirrored = recover(pairs, -10, symmetry=1, n_starts=4)
    assert np.median(np.abs(errors_deg(mirrored.angle_rad, -true))) < 1
    assert np.median(np.abs(errors_deg(mirrored.angle_rad, true))) > 20
    # Seen the other way round, the second projection is the first, and the step is negative.
    swapped = recover(pairs[:, ::-1], -10, symmetry=1, n_starts=4)
    assert np.median(np.abs(errors_deg(swapped.angle_rad, true))) < 1


def test_units_seed_and_threads() -> None:
    pairs, _ = made_pairs(T, 5, n=40)
    wanted: dict[str, Any] = {"stereo_deg": 10, "symmetry": 1, "seed": 9, "n_starts": 3}
    one = recover(pairs, **wanted, n_threads=1)
    for again in (recover(pairs, **wanted, n_threads=2), recover(1024 * pairs, **wanted)):
        np.testing.assert_array_equal(again.angle_rad, one.angle_rad)
    np.testing.assert_array_equal(again.shape, 1024 * one.shape)
    np.testing.assert_allclose(again.cost, 1024**2 * one.cost)
    other = recover(pairs, **{**wanted, "seed": 10})
    assert not np.array_equal(other.cost, one.cost)


def test_another_axis_and_uneven_bins() -> None:
    """51 bins, the axis 3 bins from their middle."""
    rng = np.random.default_rng(6)
    true = rng.uniform(0, 2 * np.pi, 120)
    both = np.stack([true, true + 0.3], axis=1).ravel()
    views = nt.tilt_series([0.8 * T], angles_rad=both, n_bins=51, lower=-28, upper=22)
    found = recover(views.reshape(-1, 2, 51), np.rad2deg(0.3), 1, n_starts=4, axis_bin=28)
    assert np.abs(errors_deg(found.angle_rad, true)).mean() < 0.5


def test_circles_have_no_angle() -> None:
    corners = 2 * np.pi * np.arange(90) / 90
    pairs, _ = made_pairs(15 * np.stack([np.cos(corners), np.sin(corners)], axis=1), 7, 1.0, n=60)
    assert recover(pairs, 10, symmetry=1, n_starts=6).confidence == 0


def test_errors_lose_offset_and_symmetry() -> None:
    rng = np.random.default_rng(8)
    true = rng.uniform(0, 2 * np.pi, 300)
    error = rng.normal(0, 0.01, 300)
    turns = rng.integers(-3, 4, 300) * 2 * np.pi / 3
    found = angle_errors(true + error + turns + 1.234, true, symmetry=3)
    np.testing.assert_allclose(found, error - error.mean(), atol=1e-12)
    error[:20] = np.pi  # half a turn off: that the others keep their offset matters
    found = angle_errors(true + error - 2.5, true)
    np.testing.assert_allclose(found[20:], error[20:] - error[20:].mean(), atol=1e-12)
    np.testing.assert_allclose(np.abs(found[:20]), np.pi, atol=0.01)
    assert angle_errors([3.0], [1.0]).tolist() == [0.0]


def test_the_best_estimate_there_is_meets_the_bound() -> None:
    """Matching to exact projections scatters as the bound says."""
    angles = np.array([0.3, 1.1, 4.0])
    bound = cramer_rao_bound([T], stereo_deg=10, noise_sigma=0.5, angles_rad=angles, **PLACES)
    rng = np.random.default_rng(9)
    step = np.deg2rad(10)
    for angle, limit in zip(angles, bound, strict=True):
        grid = angle + np.linspace(-8, 8, 161) * limit
        both = np.stack([grid, grid + step], axis=1).ravel()
        exact = nt.tilt_series([T], angles_rad=both, **PLACES).reshape(161, -1).astype(float)
        noisy = exact[80] + 0.5 * rng.normal(size=(4000, 128))
        distance = (exact**2).sum(axis=1) - 2 * noisy @ exact.T
        assert np.std(grid[distance.argmin(axis=1)]) == pytest.approx(limit, rel=0.06)


def test_bound_grows_with_noise_and_falls_with_density() -> None:
    one = cramer_rao_bound([S], stereo_deg=10, noise_sigma=1, **PLACES)
    assert one.shape == (720,)
    other = cramer_rao_bound([S], [2.0], stereo_deg=10, noise_sigma=6, **PLACES)
    np.testing.assert_allclose(other, 3 * one, rtol=1e-4)


def test_what_pairs_tell_by_themselves() -> None:
    pairs, _ = made_pairs(S, 10, noise=2.0)
    seen = Observations(pairs.astype(np.float32), 0.2, 31.5, 1)
    assert seen.noise == pytest.approx(2.0, rel=0.1)
    rim = np.hypot(*S.T).max()
    assert 0.85 * rim < seen.radius < 1.2 * rim + 2
    coarse = seen.coarse(1)
    assert coarse.pairs.shape == (200, 2, 16)
    np.testing.assert_allclose(coarse.pairs.sum(2) * 4, pairs.sum(2), rtol=1e-4)


def test_starts_have_their_mass_and_symmetry() -> None:
    images = random_images(3, 16, 6.0, 70.0, 4, np.random.default_rng(1))
    np.testing.assert_allclose(images.sum(axis=(1, 2)), 70, rtol=1e-5)
    np.testing.assert_allclose(np.rot90(images, axes=(1, 2)), images, atol=1e-5)


GOOD = np.random.default_rng(0).uniform(0, 1, (5, 2, 8))
WRONG: list[tuple[dict[str, Any], Any, str]] = [
    ({"pairs": GOOD[:, 0]}, ValueError, r"pairs must have shape .*Received: shape \(5, 8\)"),
    ({"pairs": GOOD[:, :, :3]}, ValueError, r"n_bins in \[4, 1024\]. Received: shape \(5, 2, 3\)"),
    ({"pairs": GOOD[:1]}, ValueError, "n >= 2"),
    ({"pairs": GOOD * np.nan}, ValueError, "pairs must be finite"),
    ({"pairs": [["a"]]}, TypeError, "pairs must hold real numbers"),
    ({"pairs": np.ones((5, 2, 8))}, ValueError, "not be all the same"),
    ({"pairs": -GOOD}, ValueError, "pairs must have a mean > 0"),
    ({"stereo_deg": "10"}, TypeError, "stereo_deg must be a real number. Received: stereo_deg='10"),
    ({"stereo_deg": 180}, ValueError, "multiple of 180. Received: stereo_deg=180"),
    ({"symmetry": 0}, ValueError, "symmetry must be >= 1. Received: symmetry=0"),
    ({"symmetry": 1.0}, TypeError, "symmetry must be an integer. Received: symmetry=1.0"),
    ({"seed": -1}, ValueError, "seed must be in"),
    ({"n_starts": 0}, ValueError, "n_starts must be >= 1. Received: n_starts=0"),
    ({"axis_bin": 8}, ValueError, "axis_bin must be on the detector. Received: axis_bin=8"),
    ({"n_threads": 0}, ValueError, "n_threads must be >= 1"),
    ({"progress": 3}, TypeError, "progress must be callable. Received: progress=3"),
]


@pytest.mark.parametrize(("changed", "error", "message"), WRONG)
def test_wrong_arguments_are_named(changed: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        recover(**{"pairs": GOOD, "stereo_deg": 10, "symmetry": 1, **changed})


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: angle_errors([1, 2], [1]), ValueError, "true must have as many angles"),
        (lambda: angle_errors([], []), ValueError, r"recovered must have shape \(n,\)"),
        (lambda: angle_errors([1], [1], 0), ValueError, "symmetry must be >= 1"),
        (lambda: angle_errors([1], ["x"]), TypeError, "true must hold real numbers"),
        (
            lambda: cramer_rao_bound([T], stereo_deg=10, noise_sigma=-1, **PLACES),
            ValueError,
            "noise_sigma must be >= 0. Received: noise_sigma=-1",
        ),
    ],
)
def test_wrong_comparisons_are_named(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_the_pages_example_runs() -> None:
    page = (DOCS / "orientation.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert len(blocks) == 1
    names: dict[str, Any] = {}
    exec(blocks[0], names)
    assert names["found"].angle_rad.shape == (300,)
    assert np.rad2deg(np.sqrt(np.mean(names["error"] ** 2))) < 0.4
    assert names["found"].confidence > 0.3


def test_the_docstrings_example_runs() -> None:
    results = doctest.testmod(comparison)
    assert (results.attempted, results.failed) == (2, 0)
