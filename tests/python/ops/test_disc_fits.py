"""Fourier-Bessel series fitted to what is seen of a disc, against dense matrices of functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

import nanotilt as nt

N, M, SIZE = 7, 4, 60
ORDERS = np.arange(0, M + 1, 2)
RADIUS = 28.0
RNG = np.random.default_rng(4)
IMAGES = RNG.normal(3, 1, (3, SIZE, SIZE)).astype(np.float32)
MASK = RNG.random((SIZE, SIZE)) < 0.9
CORNER = (12.3, 9.8)


def columns(r: Any, angle: Any, orders: Any = ORDERS) -> Any:
    """Functions at places, (places, parts): real parts of all orders, then imaginary ones."""
    real, imaginary = [], []
    for m in orders:
        for zero in special.jn_zeros(m, N):
            radial = special.jv(m, zero * r / RADIUS) / (RADIUS * special.jv(m + 1, zero))
            radial = radial / np.sqrt(np.pi) * (2 if m else 1)
            real.append(radial * np.cos(m * angle))
            if m:
                imaginary.append(-radial * np.sin(m * angle))
    return np.stack(real + imaginary, axis=1)


def seen_places(centre: Any, mask: Any) -> tuple[Any, Any, Any]:
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float64)
    x, y = x - centre[0], y - centre[1]
    r = np.hypot(x, y)
    seen = (r < RADIUS) & mask
    return r[seen], np.arctan2(y, x)[seen], seen


def parts_of(coefficients: Any) -> Any:
    real, imaginary = coefficients.real.T.ravel(), coefficients.imag[:, 1:].T.ravel()
    return np.concatenate([real, imaginary])


@pytest.mark.parametrize("centre", [(29.2, 30.1), CORNER])
@pytest.mark.parametrize("ridge", [1e-3, 1.0])
def test_ridge_is_that_of_the_dense_matrix(centre: tuple[float, float], ridge: float) -> None:
    r, angle, seen = seen_places(centre, MASK)
    matrix = columns(r, angle)
    norm = np.linalg.norm(matrix, axis=0)
    unit = matrix / norm
    gram = unit.T @ unit + ridge * np.eye(len(norm))
    plan = nt.FourierBessel((SIZE, SIZE), centre, RADIUS, N, M, mask=MASK)
    found = plan.transform(IMAGES, "ridge", ridge=ridge)
    for image, one in zip(IMAGES, found, strict=True):
        expected = np.linalg.solve(gram, unit.T @ image[seen]) / norm
        assert np.linalg.norm(parts_of(one) - expected) < 5e-3 * np.linalg.norm(expected)


@pytest.mark.parametrize("odd", [False, True])
def test_a_series_of_which_a_quarter_is_seen_comes_back_there(odd: bool) -> None:
    centre = (1.2, 2.3)
    plan = nt.FourierBessel((SIZE, SIZE), centre, RADIUS, N, M, odd=odd)
    true = RNG.normal(size=(N, len(plan.orders))) + 0j
    image = plan.inverse(true)
    ridge = plan.transform(image, "ridge", ridge=1e-6)
    error = np.linalg.norm(plan.inverse(ridge) - image) / np.linalg.norm(image)
    direct = plan.inverse(plan.transform(image))
    assert error < 5e-3
    assert np.linalg.norm(direct - image) > 0.1 * np.linalg.norm(image)


def test_images_one_by_one() -> None:
    plan = nt.FourierBessel((SIZE, SIZE), CORNER, RADIUS, N, M)
    for method in ("ridge", "elastic_net"):
        together = plan.transform(IMAGES, method)
        alone = np.stack([plan.transform(image, method) for image in IMAGES])
        np.testing.assert_allclose(together, alone, rtol=1e-3, atol=1e-4)
        straight = nt.fourier_bessel(IMAGES, CORNER, RADIUS, N, M, method=method)
        np.testing.assert_allclose(straight, together, rtol=1e-5, atol=1e-5)
        doubled = plan.transform(2 * IMAGES, method)
        np.testing.assert_allclose(doubled, 2 * together, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("l1_ratio", [0.2, 0.8])
def test_elastic_net_is_that_of_scikit_learn(l1_ratio: float) -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    r, angle, seen = seen_places(CORNER, MASK)
    matrix = columns(r, angle)
    norm = np.linalg.norm(matrix, axis=0)
    size = np.linalg.norm(IMAGES[0][seen])
    alpha = 3e-3
    fit = linear.ElasticNet(
        alpha=alpha / seen.sum(), l1_ratio=l1_ratio, fit_intercept=False, tol=1e-9, max_iter=100_000
    )
    expected = fit.fit(matrix / norm, IMAGES[0][seen] / size).coef_ * size / norm
    plan = nt.FourierBessel((SIZE, SIZE), CORNER, RADIUS, N, M, mask=MASK)
    found = parts_of(plan.transform(IMAGES[0], "elastic_net", alpha=alpha, l1_ratio=l1_ratio))
    assert np.linalg.norm(found - expected) < 1e-2 * np.linalg.norm(expected)
    assert np.mean((found == 0) == (expected == 0)) > 0.9
    assert (expected == 0).any()


@pytest.mark.parametrize("half_turn", [False, True])
@pytest.mark.parametrize("centre", [(29.2, 30.1), CORNER])
def test_cells_give_about_what_pixels_give(centre: tuple[float, float], half_turn: bool) -> None:
    plan = nt.FourierBessel((SIZE, SIZE), centre, RADIUS, N, M, mask=MASK)
    true = RNG.normal(size=(2, N, len(ORDERS))) + 1j * RNG.normal(size=(2, N, len(ORDERS)))
    images = plan.inverse(true)
    cells = nt.polar_bins(
        images, centre, 84, 128, RADIUS, half_turn=half_turn, mask=MASK
    )  # fmt: skip
    found = plan.transform(cells, "ridge", ridge=1e-2)
    pixels = plan.transform(images, "ridge", ridge=1e-2)
    assert np.linalg.norm(found - pixels) < 0.05 * np.linalg.norm(pixels)
    np.testing.assert_array_equal(
        nt.fourier_bessel(cells, n=N, m=M, method="ridge", ridge=1e-2), found
    )
    alone = nt.ops.polar.PolarCells(cells.mean[1], cells.n_pixels[1], *cells[2:])
    np.testing.assert_allclose(
        plan.transform(alone, "ridge", ridge=1e-2), found[1], rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("half_turn", [False, True])
@pytest.mark.parametrize("odd", [False, True])
def test_direct_sums_over_cells_are_those_over_pixels_of_smooth_images(
    half_turn: bool, odd: bool
) -> None:
    size, centre, radius = 200, (99.2, 100.4), 98.0
    plan = nt.FourierBessel((size, size), centre, radius, N, M, odd=odd)
    true = RNG.normal(size=(2, N, len(plan.orders))) + 0j
    images = plan.inverse(true)
    cells = nt.polar_bins(images, centre, 64, 48, radius, half_turn=half_turn)
    if odd and half_turn:
        with pytest.raises(ValueError, match=r"images.half_turn must be False"):
            plan.transform(cells)
        return
    found = plan.transform(cells)
    assert np.linalg.norm(found - true) < 0.03 * np.linalg.norm(true)
    np.testing.assert_array_equal(nt.fourier_bessel(cells, n=N, m=M, odd=odd), found)
    np.testing.assert_array_equal(plan.transform(cells, n_threads=3), found)


def test_cells_of_images_with_geometries_of_their_own() -> None:
    centres = [(29.2, 30.1), (29.2, 30.1), CORNER]
    cells = nt.polar_bins(IMAGES, centres, 20, 24, RADIUS)
    found = nt.fourier_bessel(cells, n=N, m=M, method="elastic_net", alpha=1e-2)
    for i, centre in enumerate(centres):
        alone = nt.polar_bins(IMAGES[i], centre, 20, 24, RADIUS)
        expected = nt.fourier_bessel(alone, n=N, m=M, method="elastic_net", alpha=1e-2)
        np.testing.assert_allclose(found[i], expected, rtol=1e-3, atol=1e-3)


def test_images_of_zeros_have_no_coefficients() -> None:
    plan = nt.FourierBessel((8, 9), (4, 4), 4.0, n=2, m=2)
    for method in ("ridge", "elastic_net"):
        assert not plan.transform(np.zeros((8, 9)), method).any()


CELLS = nt.polar_bins(IMAGES, CORNER, 20, 24, RADIUS)


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"method": "least_squares"}, ValueError, "method must be .*least_squares"),
        ({"method": 3}, TypeError, "method must be"),
        ({"ridge": 0}, ValueError, "ridge must be >= 1e-06.*ridge=0"),
        ({"ridge": -1.0}, ValueError, "ridge must be >= 1e-06.*ridge=-1.0"),
        ({"alpha": 0}, ValueError, "alpha must be > 0.*alpha=0"),
        ({"l1_ratio": -0.5}, ValueError, "l1_ratio must be >= 0.*l1_ratio=-0.5"),
        ({"l1_ratio": 1.5}, ValueError, "l1_ratio must be <= 1.*l1_ratio=1.5"),
        ({"images": np.full((8, 9), np.nan)}, ValueError, "images must be finite"),
        ({"images": CELLS}, ValueError, "images.radius must be .*28"),
        ({"images": CELLS._replace(radius=(0.0, 4.0), spacing="log")}, ValueError,
         "images.spacing must be .*log"),
        ({"images": CELLS._replace(radius=(0.0, 4.0), n_pixels=CELLS.n_pixels[0])}, ValueError,
         "images.mean and images.n_pixels must have"),
        ({"images": CELLS._replace(radius=(0.0, 4.0), n_pixels=CELLS.n_pixels * 0)}, ValueError,
         "images.n_pixels must have a cell with pixels"),
        ({"images": CELLS._replace(radius=(0.0, 4.0), n_pixels=-CELLS.n_pixels)}, ValueError,
         "images.n_pixels must hold whole numbers from 0"),
        ({"images": CELLS._replace(radius=(0.0, 4.0), mean=CELLS.mean * np.nan)}, ValueError,
         "images.mean must be finite"),
        ({"images": CELLS._replace(radius=(0.0, 4.0), mean=CELLS.mean * 0 + 3e38),
          "method": "direct"}, ValueError, "images.mean must be so small"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(change: dict[str, Any], kind: type, words: str) -> None:
    plan = nt.FourierBessel((8, 9), (4, 4), 4.0, n=2, m=2)
    with pytest.raises(kind, match=words):
        plan.transform(**{"images": np.ones((8, 9)), "method": "ridge", **change})


def test_cells_tell_their_geometry_themselves() -> None:
    with pytest.raises(ValueError, match=r"centre must be left out.*centre=\(1, 2\)"):
        nt.fourier_bessel(CELLS, (1, 2), method="ridge")
    with pytest.raises(TypeError, match=r"radius must be a real number.*radius=None"):
        nt.fourier_bessel(IMAGES, (1, 2))
    half = CELLS._replace(half_turn=True)
    with pytest.raises(ValueError, match=r"images.half_turn must be False"):
        nt.fourier_bessel(half, n=2, m=3, odd=True, method="ridge")


def test_elastic_nets_that_stop_before_they_converge_say_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nanotilt.ops.disc_fits._SWEEPS", 1)
    cells = nt.polar_bins(IMAGES, (20, 22), 16, 16, 18)
    words = r'method "elastic_net" has not converged after 1 sweeps for \d+ of \d+ images'
    with pytest.warns(RuntimeWarning, match=words):
        nt.fourier_bessel(cells, n=N, m=M, method="elastic_net")
