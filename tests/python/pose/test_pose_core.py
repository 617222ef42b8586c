"""Projection matching in the core: against its definition, threads, SIMD levels, bad arrays."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from conftest import RunPython
from nanotilt import _core
from pose_oracles import Oracle

Values = npt.NDArray[np.float32]

N_BINS, N_PIXELS, N_PAIRS = 9, 7, 9


def problem(symmetry: int = 1, n_starts: int = 2) -> tuple[dict[str, Any], Values]:
    """Random arguments of the core's functions, and images to start from."""
    rng = np.random.default_rng(7)
    x = np.arange(N_PIXELS) - (N_PIXELS - 1) / 2
    arguments = {
        "pairs": rng.uniform(0, 3, (N_PAIRS, 2, N_BINS)).astype(np.float32),
        "stereo_rad": 0.4,
        "symmetry": symmetry,
        "axis_bin": 3.7,
        "support": (np.hypot(x[:, None], x) < 3.3).astype(np.float32),
        "filter": rng.normal(0, 0.1, 2 * N_BINS - 1).astype(np.float32),
        "pixel": 1.1,
    }
    images = rng.uniform(0, 1, (n_starts, N_PIXELS, N_PIXELS)).astype(np.float32)
    return arguments, images


SIGMA = np.array([2.0, 1.5, 1.0], np.float32)


def annealed(
    arguments: dict[str, Any], images: Values, n_angles: int = 23, n_threads: int = 1
) -> tuple[Values, Any, Any]:
    made = images.copy()
    cost, angles = _core.anneal_starts(
        **arguments, images=made, n_angles=n_angles, sigma=SIGMA, relaxation=0.4, momentum=0.3,
        n_threads=n_threads,
    )  # fmt: skip
    return made, cost, angles


def refined(
    arguments: dict[str, Any], images: Values, window: int = 999, n_threads: int = 1
) -> tuple[Values, Any, Any]:
    made, angles = images.copy(), np.zeros((len(images), N_PAIRS))
    cost = _core.refine_starts(
        **arguments, images=made, angle_rad=angles, n_angles=17, window=window, n_rounds=3,
        n_updates=1, relaxation=0.4, momentum=0.3, n_threads=n_threads,
    )  # fmt: skip
    return made, cost, angles


@pytest.mark.parametrize("symmetry", [1, 3])
def test_annealing_is_what_its_definition_says(symmetry: int) -> None:
    arguments, images = problem(symmetry)
    made, cost, angles = annealed(arguments, images)
    for i, image in enumerate(images):
        expected = Oracle(**arguments).annealed(image.astype(float), 23, SIGMA, 0.4, 0.3)
        np.testing.assert_allclose(made[i], expected[0], atol=2e-4)
        np.testing.assert_allclose(cost[i], expected[1], rtol=1e-4)
        np.testing.assert_allclose(angles[i], expected[2], atol=1e-9)


@pytest.mark.parametrize("symmetry", [1, 2])
def test_refinement_is_what_its_definition_says(symmetry: int) -> None:
    arguments, images = problem(symmetry)
    made, cost, angles = refined(arguments, images)
    for i, image in enumerate(images):
        expected = Oracle(**arguments).refined(image.astype(float), 17, 3, 0.4, 0.3)
        np.testing.assert_allclose(made[i], expected[0], atol=5e-4)
        np.testing.assert_allclose(cost[i], expected[1], rtol=1e-3)
        difference = np.sin((angles[i] - expected[2]) * symmetry / 2)
        np.testing.assert_allclose(difference, 0, atol=1e-3)


def test_refinement_tries_angles_within_its_window_only() -> None:
    arguments, images = problem()
    narrow = refined(arguments, images, window=1)[2]
    n_rounds, most_steps = 3, 2  # a grid angle to the side, and the parabola's shift
    turned = np.abs(np.angle(np.exp(1j * narrow)))
    assert turned.max() <= n_rounds * most_steps * 2 * math.pi / 17 + 1e-9
    assert not np.allclose(narrow, refined(arguments, images)[2])


def test_angles_stay_where_the_window_is_closed() -> None:
    arguments, images = problem(symmetry=2)
    made, cost, angles = refined(arguments, images, window=-1)
    assert not angles.any()
    oracle = Oracle(**arguments)
    for i, image in enumerate(images.astype(float)):
        before = image
        for _ in range(3):
            lacking = arguments["pairs"] - oracle.projected(image, 0.0)
            total = np.sum([oracle.spread(each, 0.0) for each in lacking], axis=0)
            image, before = oracle.stepped(image, before, total, N_PAIRS, 0.4, 0.3), image
        np.testing.assert_allclose(made[i], image, atol=5e-4)
        np.testing.assert_allclose(cost[i], np.mean(lacking**2), rtol=1e-4)


@pytest.mark.parametrize("shape", [(1, 1, 1), (4, 3, 8), (13, 7, 21), (130, 5, 9), (3, 0, 4)])
def test_products_are_sums_in_order_of_their_terms(shape: tuple[int, int, int]) -> None:
    """To the last bit, for whole and partial tiles and any number of threads."""
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=shape[:2]), rng.normal(size=shape[1:])
    expected = np.zeros((shape[0], shape[2]))
    for k in range(shape[1]):
        expected += a[:, k, None] * b[k]
    for n_threads in (1, 3):
        np.testing.assert_array_equal(_core.matrix_product(a, b, n_threads), expected)


def test_products_refuse_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="b must have shape"):
        _core.matrix_product(np.zeros((2, 3)), np.zeros((2, 3)), 1)
    with pytest.raises(TypeError, match="a must have dtype float64"):
        _core.matrix_product(np.zeros((2, 3), np.float32), np.zeros((3, 2)), 1)
    with pytest.raises(TypeError, match="b must be C-contiguous"):
        _core.matrix_product(np.zeros((2, 3)), np.zeros((2, 3)).T, 1)


@pytest.mark.parametrize("work", [annealed, refined])
def test_threads_and_company_change_no_bit(work: Any) -> None:
    arguments, images = problem(n_starts=5)
    one = work(arguments, images, n_threads=1)
    for n_threads in (2, 4):
        several = work(arguments, images, n_threads=n_threads)
        assert all(a.tobytes() == b.tobytes() for a, b in zip(one, several, strict=True))
    alone = work(arguments, images[3:4])
    assert all(a[0].tobytes() == b[3].tobytes() for a, b in zip(alone, one, strict=True))


@pytest.mark.parametrize("level", _core.build_info()["simd_levels"])
def test_every_simd_level_matches(level: str, run_python: RunPython) -> None:
    code = (
        f"import sys; sys.path.append({str(Path(__file__).parent)!r})\n"
        "from test_pose_core import *\n"
        "test_annealing_is_what_its_definition_says(1)\n"
        "test_refinement_is_what_its_definition_says(1)\n"
        "test_products_are_sums_in_order_of_their_terms((13, 7, 21))\n"
        "print('same')"
    )
    assert run_python(code, NANOTILT_SIMD=level) == "same"


def test_the_image_of_many_equal_rows_stays_finite() -> None:
    arguments, images = problem()
    arguments["pairs"][:] = arguments["pairs"][0]
    assert np.isfinite(annealed(arguments, images)[0]).all()


@pytest.mark.parametrize(
    ("field", "value", "error", "message"),
    [
        ("pairs", np.zeros((3, 3, N_BINS), np.float32), ValueError, "pairs must have shape"),
        ("pairs", np.zeros((3, 2, N_BINS)), TypeError, "pairs must have dtype float32"),
        ("support", np.zeros((3, 4), np.float32), ValueError, "support must have shape"),
        ("support", np.zeros((3, 3), np.float32), ValueError, "images must have shape"),
        ("filter", np.zeros(4, np.float32), ValueError, "filter must have shape"),
        ("symmetry", 0, ValueError, "symmetry must be >= 1"),
        ("stereo_rad", math.nan, ValueError, "stereo_rad and axis_bin must be finite"),
        ("pixel", 0.0, ValueError, "pixel > 0"),
    ],
)
@pytest.mark.parametrize("work", [annealed, refined])
def test_wrong_arrays_are_refused(
    work: Any, field: str, value: Any, error: Any, message: str
) -> None:
    arguments, images = problem()
    with pytest.raises(error, match=message):
        work({**arguments, field: value}, images)


def test_wrong_angles_and_sizes_are_refused() -> None:
    arguments, images = problem()
    with pytest.raises(ValueError, match="n_angles and the length of sigma must be >= 1"):
        annealed(arguments, images, n_angles=0)
    with pytest.raises(ValueError, match="window >= -1"):
        refined(arguments, images, window=-2)
    sizes: Any = {"n_angles": 9, "window": 1, "n_rounds": 1, "n_updates": 1, "n_threads": 1}
    rates: Any = {"relaxation": 0.5, "momentum": 0.5}
    for angles, message in (
        (np.zeros((1, N_PAIRS)), "angle_rad must have shape"),
        (np.full((2, N_PAIRS), np.nan), "angle_rad must be within"),
    ):
        with pytest.raises(ValueError, match=message):
            _core.refine_starts(**arguments, images=images, angle_rad=angles, **sizes, **rates)
