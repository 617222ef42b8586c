"""How the bare kernels take their arguments.

Which arrays they convert, which they refuse, and in what words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from conftest import RunPython
from nanotilt import _core
from places import KNOWN_ANSWERS

GRID: dict[str, Any] = {"n_bins": 9, "lower": -2.0, "upper": 2.0}
SQUARE = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)], dtype=np.float32)


def project(rings: Any = (SQUARE,), densities: Any = None, **changes: Any) -> Any:
    return nt.project(rings, densities, **{**GRID, **changes})


def padded_square() -> Any:
    """A strided view of the square within a larger array."""
    larger = np.full((8, 5), np.nan, dtype=np.float32)
    larger[::2, 1:4:2] = SQUARE
    return larger[::2, 1:4:2]


@pytest.mark.parametrize(
    "ring",
    [
        SQUARE.astype(np.float64),
        SQUARE.astype(np.float16),
        SQUARE.astype(">f4"),
        np.asfortranarray(SQUARE),
        SQUARE.tolist(),
        tuple(map(tuple, SQUARE)),
        padded_square(),
        SQUARE[::-1],
        (SQUARE * 2).astype(np.int64) * np.float32(0.5),
    ],
)
def test_rings_of_any_layout(ring: Any) -> None:
    np.testing.assert_array_equal(project([ring]), project([SQUARE]))
    assert project([ring]).sum() > 0


def test_integer_rings() -> None:
    np.testing.assert_array_equal(
        project([(SQUARE * 2).astype(np.uint8) + 1]), project([SQUARE * 2 + 1])
    )


def test_one_array_of_rings() -> None:
    rings = np.stack([SQUARE, SQUARE + 1])
    np.testing.assert_array_equal(project(rings), project(list(rings)))
    np.testing.assert_array_equal(project(ring for ring in rings), project(rings))


def test_arguments_stay_as_they_were() -> None:
    ring = SQUARE.copy()
    ring.flags.writeable = False
    project([ring])
    np.testing.assert_array_equal(ring, SQUARE)


def test_nothing_to_project() -> None:
    np.testing.assert_array_equal(project([]), np.zeros((1, 9)))
    assert project(angles_rad=[]).shape == (0, 9)


def test_angles() -> None:
    """A number, a list, an array; whole turns do not matter."""
    one = project(angles_rad=0.3)
    assert one.shape == (1, 9)
    np.testing.assert_array_equal(project(angles_rad=[0.3, 0.3]), np.concatenate([one, one]))
    np.testing.assert_allclose(project(angles_rad=0.3 + 200 * math.pi), one, atol=1e-5)
    np.testing.assert_allclose(project(angles_rad=np.float32(0.3)), one, atol=1e-5)


def test_sinogram_is_projections_over_half_a_turn() -> None:
    angles = np.arange(12) * math.pi / 12
    expected = project(angles_rad=angles)
    np.testing.assert_array_equal(nt.sinogram([SQUARE], n_angles=12, **GRID), expected)
    np.testing.assert_array_equal(nt.sinogram([SQUARE], angles_rad=angles, **GRID), expected)
    np.testing.assert_allclose(
        nt.sinogram(
            [SQUARE, SQUARE], [2, -1], n_angles=12, about=(0.1, 0.2), sampling="bin", **GRID
        ),
        project(angles_rad=angles, about=(0.1, 0.2), sampling="bin"),
        atol=1e-6,
    )


@pytest.mark.parametrize("n_threads", [1, 2, 5, None])
def test_threads_do_not_change_the_result(n_threads: int | None) -> None:
    rings = list(np.random.default_rng(0).uniform(-1, 1, (5, 200, 2)))
    one = nt.sinogram(rings, n_angles=200, n_threads=1, **GRID)
    np.testing.assert_array_equal(
        nt.sinogram(rings, n_angles=200, n_threads=n_threads, **GRID), one
    )


RAGGED = [[0.0, 0.0], [1.0], [1.0, 1.0]]
NOT_REAL = [
    np.array(SQUARE, dtype=complex),
    np.array(SQUARE, dtype=object),
    np.array(SQUARE, dtype=bool),
    np.array(SQUARE, dtype=str),
    np.zeros((4, 2), dtype="datetime64[s]"),
]

Call = Callable[[], Any]
PROJECT: list[tuple[type[Exception], str, Call]] = [
    (ValueError, r"rings\[0\].*shape \(2, 2\)", lambda: project([SQUARE[:2]])),
    (ValueError, r"rings\[0\].*shape \(0,", lambda: project([[]])),
    (ValueError, r"rings\[1\].*shape \(4, 3\)", lambda: project([SQUARE, np.zeros((4, 3))])),
    (ValueError, r"rings\[0\].*shape \(8,\)", lambda: project([SQUARE.ravel()])),
    (ValueError, r"rings\[0\].*shape \(1, 4, 2\)", lambda: project([[SQUARE]])),
    (ValueError, r"rings\[0\]", lambda: project([RAGGED])),
    (ValueError, r"\[ring\]", lambda: project(SQUARE)),
    (TypeError, "rings", lambda: project(None)),
    (TypeError, "rings", lambda: project("square")),
    (TypeError, r"rings\[0\]", lambda: project([None])),
    (TypeError, r"rings\[0\]", lambda: project(["square"])),
    *(
        (TypeError, rf"rings\[0\].*{re.escape(str(ring.dtype))}", lambda ring=ring: project([ring]))
        for ring in NOT_REAL
    ),
    *(
        (
            ValueError,
            r"rings\[0\].*finite",
            lambda wrong=wrong: project([np.append(SQUARE, [[wrong, 0]], 0)]),
        )
        for wrong in (math.nan, math.inf, -math.inf, 1e39)
    ),
    (ValueError, r"densities.*1.*shape \(2,\)", lambda: project(densities=[1.0, 2.0])),
    (ValueError, "densities", lambda: project(densities=[])),
    (ValueError, "densities", lambda: project(densities=1.0)),
    (ValueError, "densities.*finite", lambda: project(densities=[math.nan])),
    (ValueError, "densities.*finite", lambda: project(densities=[1e39])),
    (TypeError, "densities", lambda: project(densities=["1"])),
    (TypeError, "densities", lambda: project(densities=[1j])),
    (TypeError, "densities", lambda: project(densities=[None])),
    (ValueError, "angles_rad.*finite", lambda: project(angles_rad=math.nan)),
    (ValueError, "angles_rad.*finite", lambda: project(angles_rad=[0, math.inf])),
    (ValueError, "angles_rad", lambda: project(angles_rad=[[0.0]])),
    (TypeError, "angles_rad", lambda: project(angles_rad="0")),
    (TypeError, "angles_rad", lambda: project(angles_rad=None)),
    (ValueError, "n_bins.*0", lambda: project(n_bins=0)),
    (ValueError, "n_bins", lambda: project(n_bins=2**20 + 1)),
    (TypeError, r"n_bins.*9\.0", lambda: project(n_bins=9.0)),
    (TypeError, "n_bins.*True", lambda: project(n_bins=True)),
    (ValueError, "upper.*-2", lambda: project(upper=-2.0)),
    (ValueError, "lower.*nan", lambda: project(lower=math.nan)),
    (TypeError, "lower.*'0'", lambda: project(lower="0")),
    (ValueError, "about", lambda: project(about=(0.0,))),
    (ValueError, "about.*nan", lambda: project(about=(0.0, math.nan))),
    (TypeError, "about", lambda: project(about=0.0)),
    (ValueError, "sampling.*'mean'", lambda: project(sampling="mean")),
    (TypeError, "sampling.*None", lambda: project(sampling=None)),
    (ValueError, "n_threads.*0", lambda: project(n_threads=0)),
    (TypeError, r"n_threads.*1\.5", lambda: project(n_threads=1.5)),
    (TypeError, "n_angles.*angles_rad", lambda: nt.sinogram([SQUARE], **GRID)),
    (
        TypeError,
        "n_angles.*angles_rad",
        lambda: nt.sinogram([SQUARE], n_angles=3, angles_rad=[0], **GRID),
    ),
    (ValueError, "n_angles.*0", lambda: nt.sinogram([SQUARE], n_angles=0, **GRID)),
    (TypeError, r"n_angles.*2\.0", lambda: nt.sinogram([SQUARE], n_angles=2.0, **GRID)),  # type: ignore[arg-type]
]

ROW = np.ones(5)
BLUR: list[tuple[type[Exception], str, Call]] = [
    (ValueError, r"sigma_px.*-0\.1", lambda: nt.gaussian_blur(ROW, -0.1)),
    (ValueError, "sigma_px.*nan", lambda: nt.gaussian_blur(ROW, math.nan)),
    (ValueError, "sigma_px.*inf", lambda: nt.gaussian_blur(ROW, math.inf)),
    (ValueError, "sigma_px.*length", lambda: nt.gaussian_blur(ROW, 501.0)),
    (ValueError, "sigma_px", lambda: nt.gaussian_blur(np.zeros(50_000), 2.0**22)),
    (TypeError, "sigma_px.*'1'", lambda: nt.gaussian_blur(ROW, "1")),  # type: ignore[arg-type]
    (TypeError, "sigma_px.*True", lambda: nt.gaussian_blur(ROW, True)),
    (ValueError, "axis.*1", lambda: nt.gaussian_blur(ROW, 1.0, 1)),
    (ValueError, "axis.*-2", lambda: nt.gaussian_blur(ROW, 1.0, -2)),
    (TypeError, r"axis.*0\.0", lambda: nt.gaussian_blur(ROW, 1.0, 0.0)),  # type: ignore[arg-type]
    (ValueError, "x must have one dimension", lambda: nt.gaussian_blur(3.0, 1.0)),
    (ValueError, "x must be finite", lambda: nt.gaussian_blur([0.0, math.nan], 1.0)),
    (ValueError, "x must be finite", lambda: nt.gaussian_blur([1e39], 1.0)),
    (ValueError, "x must be", lambda: nt.gaussian_blur([[1.0], [1.0, 2.0]], 1.0)),
    *(
        (TypeError, rf"x .*{re.escape(str(x.dtype))}", lambda x=x: nt.gaussian_blur(x, 1.0))
        for x in NOT_REAL
        if x.dtype != bool  # images of 0 and 1
    ),
    (TypeError, "x ", lambda: nt.gaussian_blur(None, 1.0)),  # type: ignore[arg-type]
    (ValueError, "n_threads.*-1", lambda: nt.gaussian_blur(ROW, 1.0, n_threads=-1)),
]


@pytest.mark.parametrize(("error", "message", "call"), PROJECT + BLUR)
def test_wrong_arguments(error: type[Exception], message: str, call: Call) -> None:
    with pytest.raises(error, match=message) as caught:
        call()
    assert caught.type is error


@pytest.mark.parametrize(
    "x",
    [ROW.astype(np.float16), ROW.astype(int), ROW.tolist(), np.ones(10)[::2], ROW.astype(">f8")],
)
def test_blur_takes_real_arrays_of_any_layout(x: Any) -> None:
    np.testing.assert_allclose(nt.gaussian_blur(x, 1.0), ROW, rtol=1e-6)


FAR = """
import numpy as np
import nanotilt as nt
bow_tie = np.array([(-1, -1), (1, 1), (1, -1), (-1, 1)], dtype=np.float64)
for size in (1.0, 1e6, 1e12, 1e20, 1e30):
    for x in (0.0, 1e6, 1e12, 1e20, 3e37):
        for sign in (-1, 1):
            for sampling in ("ray", "bin"):
                for upper in (1.5, 1e-30, 1e30):
                    ring = size * bow_tie + (sign * x, 0)
                    grid = {"n_bins": 32, "lower": -upper, "upper": upper, "sampling": sampling}
                    try:
                        view = nt.project([ring, ring[[0, 2, 1, 3]]], **grid)
                    except ValueError:  # corners more rays away than float32 can count
                        assert upper == 1e-30 and max(size, x) >= 1e12
                        continue
                    assert np.isfinite(view).all()
                    if x >= 1e6 and size == 1 and upper == 1.5:
                        assert not view.any()
print("done")
"""


def test_rings_far_beyond_the_detector(run_python: RunPython) -> None:
    """In a process of its own: memory once was written outside the view."""
    assert run_python(FAR) == "done"


@pytest.mark.parametrize(
    "array",
    [SQUARE.astype(np.float64), np.asfortranarray(SQUARE), SQUARE[::2], SQUARE.astype(">f4")],
)
def test_core_converts_nothing(array: Any) -> None:
    """The one gate to C++ takes an array as it is, or refuses it."""
    with pytest.raises(TypeError, match=r"dtype|contiguous"):
        _core.gaussian_blur(array, 1.0, 1)
    with pytest.raises(TypeError, match=r"dtype|contiguous"):
        _core.project(
            [array], np.ones(1, np.float32), np.zeros(1), 9, -1.0, 1.0, (0.0, 0.0), False, 1
        )


def test_core_checks_dimensions() -> None:
    with pytest.raises(ValueError, match="2 dimensions"):
        _core.gaussian_blur(np.ones(3, np.float32), 1.0, 1)


@pytest.mark.parametrize("cut", [0, 1, 8, 100, -8, -1])
def test_core_refuses_packed_recipes_of_wrong_length(cut: int) -> None:
    packed = nt.recipes.hole().packed
    with pytest.raises(ValueError, match=r"ends? too early|begin with other|packed recipe"):
        _core.Sampler(packed[:cut])
    with pytest.raises(ValueError, match="more bytes follow"):
        _core.Sampler(packed + bytes(8))


def test_core_refuses_packed_recipes_of_other_versions() -> None:
    """As doubles, the way that saved TensorFlow graphs hold them, and the version comes first."""
    with pytest.raises(ValueError, match="stream_version must be an integer in"):
        _core.Sampler(np.array([3.0, *packed_numbers()[1:]]).tobytes())


def test_core_draws_from_packed_doubles() -> None:
    """The first of the known ones, which is chirality()."""
    numbers = packed_numbers()
    views = _core.Sampler(numbers.tobytes()).sample(7, 0, 5, 1, ["views"])[0]
    assert views.tobytes() == nt.recipes.chirality().sample(7, 0, 5).views.tobytes()
    with pytest.raises(ValueError, match="packed recipe ends too early"):
        _core.Sampler(numbers.tobytes()[:-1])
    with pytest.raises(ValueError, match="packed recipe is longer than its contents"):
        _core.Sampler(numbers.tobytes() + bytes(8))


def packed_numbers() -> np.typing.NDArray[np.float64]:
    lines = (KNOWN_ANSWERS / "packed_recipes.txt").read_text(encoding="utf-8").splitlines()
    first = next(line for line in lines if line.startswith("packed "))
    return np.array([float.fromhex(word) for word in first.split()[1:]])
