"""Gaussian blur: SciPy's, and what must hold of any blur."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

import nanotilt as nt
import oracles

SIGMAS = [0.0, 0.05, 0.124, 0.126, 0.3, 0.5, 1.0, 2.7, 10.0, 63.0]


def noise(*shape: int) -> npt.NDArray[np.float32]:
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("sigma", SIGMAS)
@pytest.mark.parametrize("length", [1, 2, 3, 7, 32, 64, 257])
def test_scipy(sigma: float, length: int) -> None:
    """Rows shorter than the kernel's radius are reflected again and again."""
    x = noise(5, length)
    # SciPy divides by sigma.
    expected = ndimage.gaussian_filter1d(x.astype(np.float64), sigma) if sigma else x
    blurred = nt.gaussian_blur(x, sigma)
    assert blurred.dtype == np.float32
    np.testing.assert_allclose(blurred, expected, atol=1e-5)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_axes(axis: int) -> None:
    x = noise(6, 11, 8)
    expected = ndimage.gaussian_filter1d(x.astype(np.float64), 1.3, axis)
    blurred = nt.gaussian_blur(x, 1.3, axis)
    assert blurred.flags.c_contiguous
    np.testing.assert_allclose(blurred, expected, atol=1e-5)


@pytest.mark.parametrize("length", [1, 2, 40, 5000])
def test_row_of_one_dimension(length: int) -> None:
    x = noise(length)
    expected = ndimage.gaussian_filter1d(x.astype(np.float64), 30.0)
    np.testing.assert_allclose(nt.gaussian_blur(x, 30.0), expected, atol=1e-5)


def test_values_like_a_detectors() -> None:
    """Views stand on a background of 20: the error stays at a few units in the last place."""
    x = 20 + noise(50, 64)
    expected = ndimage.gaussian_filter1d(x.astype(np.float64), 0.5)
    np.testing.assert_allclose(nt.gaussian_blur(x, 0.5), expected, rtol=4e-7)


@pytest.mark.parametrize("sigma", [0.4, 1.0, 3.3])
def test_impulse_gives_the_kernel(sigma: float) -> None:
    x = np.zeros(101)
    x[50] = 1
    kernel = oracles.gaussian_kernel(sigma)
    radius = len(kernel) // 2
    blurred = nt.gaussian_blur(x, sigma)
    np.testing.assert_allclose(blurred[50 - radius : 51 + radius], kernel, rtol=1e-6)
    assert np.count_nonzero(blurred) == len(kernel) == 2 * int(4 * sigma + 0.5) + 1


rows = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=30),
    elements=st.floats(-100, 100, width=32),
)


@settings(deadline=None)
@given(rows, st.floats(0, 20))
def test_mass_is_kept(x: npt.NDArray[np.float32], sigma: float) -> None:
    """Reflection puts back at each edge what the blur carries over it."""
    mass = x.sum(axis=-1, dtype=np.float64)
    blurred = nt.gaussian_blur(x, sigma).sum(axis=-1, dtype=np.float64)
    np.testing.assert_allclose(blurred, mass, atol=3e-6 * (1 + np.abs(x).sum()))


@settings(deadline=None)
@given(rows, st.floats(0, 20))
def test_oracle(x: npt.NDArray[np.float32], sigma: float) -> None:
    expected = np.apply_along_axis(oracles.blur, -1, x.astype(np.float64), sigma)
    np.testing.assert_allclose(
        nt.gaussian_blur(x, sigma), expected, atol=1e-6 * (1 + np.abs(x).max())
    )


@settings(deadline=None)
@given(rows, st.floats(0, 20))
def test_stays_between_smallest_and_largest(x: npt.NDArray[np.float32], sigma: float) -> None:
    blurred = nt.gaussian_blur(x, sigma)
    slack = 2e-6 * np.abs(x).max()
    assert blurred.max() <= x.max() + slack
    assert blurred.min() >= x.min() - slack


def test_sigma_zero_copies() -> None:
    x = noise(3, 4)
    copy = nt.gaussian_blur(x, 0)
    np.testing.assert_array_equal(copy, x)
    assert not np.shares_memory(copy, x)


def test_input_stays_as_it_was() -> None:
    x = noise(3, 40)
    before = x.copy()
    nt.gaussian_blur(x, 2.0)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 3)])
def test_empty_arrays(shape: tuple[int, ...]) -> None:
    assert nt.gaussian_blur(np.zeros(shape), 1.0).shape == shape


def test_threads_do_not_change_the_result() -> None:
    x = noise(300, 100)
    one = nt.gaussian_blur(x, 3.0, n_threads=1)
    for n_threads in (2, 5):
        np.testing.assert_array_equal(nt.gaussian_blur(x, 3.0, n_threads=n_threads), one)
