"""Masks of scans: their distributions and paths; images filled in, against SciPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, get_args, get_type_hints

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp
from scipy import stats
from scipy.ndimage import distance_transform_edt, gaussian_filter

import nanotilt as nt
from nanotilt.instruments.scanning_camera import SCANS

Array = npt.NDArray[Any]


def test_kinds_are_those_of_the_camera() -> None:
    assert SCANS[1:] == nt.scans.KINDS == get_args(get_type_hints(nt.scans.mask)["kind"])


@pytest.mark.parametrize("kind", nt.scans.KINDS)
def test_streams_have_the_same_masks(kind: Any) -> None:
    camera = nt.ScanningCamera(48, scan=kind, fraction=0.3)
    recipe = nt.Recipe({"f": nt.Field(number=2)}, camera, normalise="none", targets=("scanned",))
    expected = recipe.sample(11, 2**40, 6)["scanned"].reshape(6, 48, 48)
    np.testing.assert_array_equal(nt.scans.mask(kind, 0.3, 48, 11, 6, start=2**40), expected)


@pytest.mark.parametrize("kind", nt.scans.KINDS)
def test_threads_and_splits(kind: Any) -> None:
    whole = nt.scans.mask(kind, 0.2, 33, 5, 40, n_threads=1)
    assert whole.dtype == np.bool_
    np.testing.assert_array_equal(nt.scans.mask(kind, 0.2, 33, 5, 40, n_threads=3), whole)
    for i in (0, 17, 39):
        np.testing.assert_array_equal(nt.scans.mask(kind, 0.2, 33, 5, start=i), whole[i])
    assert len(np.unique(whole.reshape(40, -1), axis=0)) > (4 if kind == "rows" else 35)
    assert nt.scans.mask(kind, 0.2, 33, 5, 0).shape == (0, 33, 33)


@pytest.mark.parametrize("fraction", [0.001, 0.05, 0.3, 0.5, 0.777, 1.0])
@pytest.mark.parametrize("n", [1, 3, 64])
def test_random_masks_have_exactly_so_many_pixels(fraction: float, n: int) -> None:
    counts = nt.scans.mask("random", fraction, n, 1, 20).sum(axis=(1, 2))
    assert set(counts) == {math.floor(fraction * n * n + 0.5)}


def test_random_masks_are_uniform() -> None:
    """Each pixel, and pairs of neighbours, as often as drawing without replacement has it."""
    n, fraction, draws = 12, 0.3, 20_000
    masks = nt.scans.mask("random", fraction, n, 4, draws)
    k = masks[0].sum() / n**2
    excess = masks.sum(axis=0) - draws * k
    # Counts of pixels of one mask exclude each other a little.
    statistic = (excess**2).sum() / (draws * k * (1 - k)) * (n**2 - 1) / n**2
    assert 1e-4 < stats.chi2.sf(statistic, n**2 - 1) < 1 - 1e-4
    both = k * (k * n**2 - 1) / (n**2 - 1)
    for one, other in ((masks[:, :, 1:], masks[:, :, :-1]), (masks[:, 1:], masks[:, :-1])):
        pairs = (one & other).sum(axis=0) - draws * both
        assert np.abs(pairs).max() < 5 * math.sqrt(draws * both * (1 - both))


@pytest.mark.parametrize(("fraction", "band"), [(0.5, 2), (0.2, 5), (0.1, 10), (0.3, 3), (1, 1)])
def test_line_hops_go_through_each_band(fraction: float, band: int) -> None:
    n = 50
    masks = nt.scans.mask("line_hop", fraction, n, 2, 30)
    hops = []
    for first in range(0, n, band):
        rows = masks[:, first : first + band]
        np.testing.assert_array_equal(rows.sum(axis=1), 1)  # one pixel of each column
        hops.append(np.diff(rows.argmax(axis=1), axis=1))
    found = np.concatenate([hop.ravel() for hop in hops])
    assert set(found) <= {-1, 0, 1}
    if band == 10:  # up and down alike; a third each, but at rims
        assert np.mean(found == 1) == pytest.approx(np.mean(found == -1), abs=0.03)
        assert np.mean(found == 0) == pytest.approx(0.4, abs=0.03)
    assert masks.mean() == pytest.approx(math.ceil(n / band) / n)


@pytest.mark.parametrize(("fraction", "band"), [(0.5, 2), (0.2, 5), (0.1, 10), (0.3, 3), (1, 1)])
def test_rows_are_evenly_spaced_from_any_first(fraction: float, band: int) -> None:
    masks = nt.scans.mask("rows", fraction, 40, 2, 400)
    assert (masks.any(axis=2) == masks.all(axis=2)).all()
    rows = masks[:, :, 0]
    assert all(set(np.diff(np.flatnonzero(row))) == {band} for row in rows)
    first = np.bincount(rows.argmax(axis=1), minlength=band)
    assert len(first) == band
    assert band == 1 or stats.chisquare(first).pvalue > 1e-4


@pytest.mark.parametrize("fraction", [0.05, 0.1, 0.2, 0.5])
@pytest.mark.parametrize("n", [64, 129])
def test_spirals(fraction: float, n: int) -> None:
    """Visited pixels lie on an Archimedean spiral that begins in a random direction."""
    masks = nt.scans.mask("spiral", fraction, n, 3, 40)
    share = masks.mean(axis=(1, 2)) / fraction
    assert share.mean() == pytest.approx(0.95, abs=0.01)
    assert np.abs(share - 0.95).max() < 0.07
    rows, columns = np.indices((n, n)) + 0.5 - n / 2
    radius, angle = np.hypot(rows, columns), np.arctan2(rows, columns) / (2 * np.pi)
    starts = []
    for mask in masks:
        # On a spiral r = pitch (angle - start), so r / pitch - angle is -start up to whole turns.
        away = np.exp(-2j * np.pi * (radius * fraction - angle))[mask & (radius > 6)]
        start = np.angle(away.sum())
        off = np.angle(away * np.exp(-1j * start)) / (2 * np.pi) / fraction
        assert np.abs(off).max() < 0.9  # half a pixel's diagonal, and the turn of a stride
        starts.append(start)
    assert stats.kstest(np.array(starts) / (2 * np.pi) % 1, "uniform").pvalue > 1e-4


MASKS: dict[str, Array] = {
    **{kind: nt.scans.mask(kind, 0.1, 40, 5)[:, :31] for kind in ("random", "spiral", "rows")},
    "one": np.eye(1, 31 * 40, 777, dtype=bool).reshape(31, 40)[:40],
    "all": np.ones((40, 31), bool),
}


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS.keys())
def test_nearest_is_the_nearest(mask: Array) -> None:
    """Values that tell pixels apart show which one was taken."""
    number = np.arange(mask.size, dtype=np.float32).reshape(mask.shape)
    taken = nt.scans.fill(number, mask).astype(int)
    assert mask.ravel()[taken].all()
    np.testing.assert_array_equal(taken[mask], number[mask])
    row, column = np.divmod(taken, mask.shape[1])
    rows, columns = np.indices(mask.shape)
    expected = distance_transform_edt(~mask)
    np.testing.assert_allclose(np.hypot(row - rows, column - columns), expected, rtol=1e-12)


SMALL_MASKS = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=8))


@settings(deadline=None, max_examples=200)
@given(SMALL_MASKS.filter(np.any))
def test_of_several_as_near_the_leftmost_and_upper_counts(mask: Array) -> None:
    number = np.arange(mask.size, dtype=np.float32).reshape(mask.shape)
    taken = nt.scans.fill(number, mask)
    visited = np.argwhere(mask)
    for row, column in np.ndindex(*mask.shape):
        squares = ((visited - (row, column)) ** 2).sum(axis=1)
        near = visited[squares == squares.min()]
        first = min(near.tolist(), key=lambda place: (place[1], place[0]))
        assert taken[row, column] == first[0] * mask.shape[1] + first[1]


@pytest.mark.parametrize("kind", ["random", "spiral", "rows"])
@pytest.mark.parametrize("sigma", [None, 0.7, 3.0])
def test_gaussian_is_normalised_convolution(kind: str, sigma: float | None) -> None:
    mask = MASKS[kind]
    values = np.random.default_rng(1).uniform(3, 9, mask.shape)
    found = nt.scans.fill(values, mask, "gaussian", sigma_px=sigma)
    width = sigma or 0.8 / math.sqrt(mask.mean())
    weights = gaussian_filter(mask.astype(float), width)
    means = gaussian_filter(np.where(mask, values, 0), width) / np.where(weights > 0, weights, 1)
    expected = np.where(weights > 0, means, nt.scans.fill(values, mask))
    expected[mask] = values[mask]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize("how", ["nearest", "gaussian"])
def test_values_left_out_are_not_looked_at(how: Any) -> None:
    mask = MASKS["random"]
    values = np.random.default_rng(1).normal(size=mask.shape)
    other = np.where(mask, values, 3e38)
    expected = nt.scans.fill(values, mask, how)
    np.testing.assert_array_equal(nt.scans.fill(other, mask, how), expected)
    assert np.isfinite(nt.scans.fill(np.where(mask, 3.4e38, 0), mask, how)).all()


@pytest.mark.parametrize("how", ["nearest", "gaussian"])
def test_stacks_and_threads(how: Any) -> None:
    values = np.random.default_rng(1).normal(size=(9, 40, 40))
    masks = nt.scans.mask("random", 0.2, 40, 5, 9)
    whole = nt.scans.fill(values, masks, how, n_threads=1)
    assert nt.scans.fill(values, masks, how, n_threads=4).tobytes() == whole.tobytes()
    np.testing.assert_array_equal(nt.scans.fill(values[4], masks[4], how), whole[4])
    shared = nt.scans.fill(values, masks[4], how)
    np.testing.assert_array_equal(shared[4], whole[4])
    assert nt.scans.fill(values[:0], masks[:0], how).shape == (0, 40, 40)


IMAGE = np.ones((4, 5))
LINEAR: Any = "linear"
GOOD: dict[str, Any] = {"kind": "random", "fraction": 0.5, "n_pixels": 40, "seed": 1}


@pytest.mark.parametrize(
    ("error", "change", "words"),
    [
        (ValueError, {"fraction": 0}, r"fraction must be > 0.*fraction=0"),
        (ValueError, {"fraction": 1.001}, r"fraction must be in \(0, 1\].*fraction=1\.001"),
        (ValueError, {"fraction": -0.1}, r"fraction must be > 0.*fraction=-0\.1"),
        (ValueError, {"fraction": 0.0009}, r"fraction must be in \(0, 1\].*0\.001.*fraction=0"),
        (ValueError, {"fraction": np.nan}, r"fraction must be finite"),
        (TypeError, {"fraction": "half"}, r"fraction must be a real number"),
        (ValueError, {"kind": "rows", "fraction": 0.02}, r"fraction must be >= 1 / n_pixels"),
        (ValueError, {"kind": "zigzag"}, r'kind must be "random" or.*kind=\'zigzag\''),
        (TypeError, {"kind": 1}, r"kind must be"),
        (ValueError, {"n_pixels": 0}, r"n_pixels must be >= 1.*n_pixels=0"),
        (ValueError, {"n_pixels": 2049}, r"n_pixels must be < 2049.*n_pixels=2049"),
        (ValueError, {"seed": -1}, r"seed must be in \[0, 2\*\*64\)"),
        (ValueError, {"count": -1}, r"count must be >= 0"),
        (ValueError, {"count": 2**31}, r"count must be so small"),
        (ValueError, {"start": 2**63}, r"start \+ count must be"),
    ],
)
def test_wrong_scans(error: type[Exception], change: dict[str, Any], words: str) -> None:
    with pytest.raises(error, match=words):
        nt.scans.mask(**{**GOOD, **change})


@pytest.mark.parametrize(
    ("error", "call", "words"),
    [
        (ValueError, lambda: nt.scans.fill(IMAGE, np.zeros((4, 5))), r"mask must mark a pixel"),
        (ValueError, lambda: nt.scans.fill(IMAGE, 2 * IMAGE), r"mask must hold.*mask=2"),
        (ValueError, lambda: nt.scans.fill(IMAGE, 0.5 * IMAGE), r"mask must hold.*mask=0\.5"),
        (ValueError, lambda: nt.scans.fill(IMAGE, IMAGE.T), r"mask must have the shape.*\(5, 4\)"),
        (ValueError, lambda: nt.scans.fill(IMAGE, IMAGE[None]), r"mask must have the shape"),
        (ValueError, lambda: nt.scans.fill([IMAGE] * 3, [IMAGE] * 2), r"mask must have the shape"),
        (ValueError, lambda: nt.scans.fill(IMAGE * np.inf, IMAGE), r"values must be finite"),
        (ValueError, lambda: nt.scans.fill(IMAGE, IMAGE, LINEAR), r'how must be "nearest" or'),
        (ValueError, lambda: nt.scans.fill(IMAGE, IMAGE, sigma_px=1), r"sigma_px must be None"),
        (ValueError, lambda: nt.scans.fill(IMAGE, IMAGE, "gaussian", sigma_px=0), r"sigma_px.*> 0"),
        (
            ValueError,
            lambda: nt.scans.fill(IMAGE, IMAGE, "gaussian", sigma_px=401),
            r"sigma_px must be <= 100 \*.*sigma_px=401",
        ),
    ],
)
def test_wrong_images(error: type[Exception], call: Callable[[], Any], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
