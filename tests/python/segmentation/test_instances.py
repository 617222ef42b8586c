"""Instances from maps of foreground and depth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conftest import refused
from nanotilt.segmentation import instances, scores
from particle_cases import apart, middles, random_discs


def test_particles_apart_are_found_as_they_are() -> None:
    labels, depth = apart()
    found = instances(labels > 0, depth)
    assert found.dtype == np.int32
    assert scores(labels, found).ap75 == 1
    np.testing.assert_array_equal(found > 0, labels > 0)
    assert sorted(np.unique(found)) == list(range(37))


def test_touching_particles_are_split() -> None:
    rng = np.random.default_rng(1)
    x, y = middles((40, 40))
    for _ in range(10):
        r, turn = rng.uniform(5, 8), rng.uniform(0, np.pi)
        dx, dy = 0.9 * r * np.cos(turn), 0.9 * r * np.sin(turn)
        one = 1 - np.hypot(x - 20 - dx, y - 20 - dy) / r
        other = 1 - np.hypot(x - 20 + dx, y - 20 + dy) / r
        true = np.where(np.maximum(one, other) > 0, 1 + (other > one), 0)
        found = instances(true > 0, np.maximum(one, other).clip(0))
        assert scores(true, found).ap75 == 1


def test_shallow_particles_have_a_marker_each() -> None:
    """No depth is above the bound: the deepest pixel stands for a part of the foreground."""
    labels, depth = apart()
    assert scores(labels, instances(labels > 0, 0.3 * depth)).f1 == 1
    assert scores(labels, instances(labels > 0, np.zeros_like(depth))).f1 == 1


def test_parameters() -> None:
    labels, depth = apart(32, 3)
    area = int((labels == 1).sum())
    for least, n in ((area, 4), (area + 1, 0), (0, 4)):
        assert instances(labels > 0, depth, min_area_px=least).max() == n
    probability = np.where(labels > 0, 0.4, 0.1)
    assert instances(probability, depth).max() == 0
    assert instances(probability, depth, foreground_above=0.3).max() == 4
    assert instances(probability, depth, foreground_above=0.05).max() == 4
    # Two maxima on one particle, of which smoothing leaves one.
    ridge = np.zeros((16, 16))
    ridge[4:12, 4:12] = 0.3
    ridge[8, 5] = ridge[8, 10] = 0.6
    mask = ridge > 0
    assert instances(mask, ridge, smoothing_px=0).max() == 2
    assert instances(mask, ridge, smoothing_px=1.5, depth_above=0.15).max() == 1
    assert instances(mask, ridge, smoothing_px=0, depth_above=0.7).max() == 1


def test_prominence_splits_what_overlaps() -> None:
    """Two discs whose common depth is above the fixed bound: only the dip between them tells."""
    x, y = middles((30, 44))
    one, other = (1 - np.hypot(x - at, y - 15) / 10 for at in (16, 27))
    depth = np.maximum(one, other).clip(0)
    true = np.where(depth > 0, 1 + (other > one), 0)
    between = depth[15, 21]
    assert between > 0.4
    assert instances(true > 0, depth).max() == 1
    found = instances(true > 0, depth, prominence=0.2)
    assert scores(true, found).ap75 == 1
    assert instances(true > 0, depth, prominence=1.05 - between).max() == 1
    # Shallow particles keep a marker each.
    labels, of_apart = apart()
    assert scores(labels, instances(labels > 0, 0.1 * of_apart, prominence=0.2)).f1 == 1
    assert scores(labels, instances(labels > 0, of_apart, prominence=0.2)).ap75 == 1


def test_prominence_on_discs_that_overlap_freely() -> None:
    """docs/segmentation.md tells the figures."""
    rng = np.random.default_rng(0)
    fields = [random_discs(rng, 60) for _ in range(12)]
    labels, depth = (np.stack(part) for part in zip(*fields, strict=True))
    assert scores(labels, instances(labels > 0, depth)).f1 == pytest.approx(0.80, abs=0.03)
    found = instances(labels > 0, depth, prominence=0.15)
    assert scores(labels, found).f1 == pytest.approx(0.94, abs=0.03)


def test_borders_split_what_depth_does_not() -> None:
    """Two discs under one flat dome, and the line between them."""
    x, y = middles((30, 44))
    one, other = (np.hypot(x - at, y - 15) < 10 for at in (16, 27))
    true = np.where(one | other, np.where(x < 21.5, 1, 2), 0)
    depth = (1 - np.hypot((x - 21.5) / 16, (y - 15) / 10)).clip(0)
    assert instances(true > 0, depth, prominence=0.1).max() == 1
    borders = ((true > 0) & (np.abs(x - 21.5) <= 1)) * 0.6
    found = instances(true > 0, depth, borders, prominence=0.1)
    assert scores(true, found).ap75 == 1
    np.testing.assert_array_equal(
        found, instances(true > 0, depth * np.sqrt(1 - borders), prominence=0.1)
    )
    np.testing.assert_array_equal(
        instances(true > 0, depth, 0 * borders), instances(true > 0, depth)
    )


def test_a_stack_is_treated_image_by_image() -> None:
    rng = np.random.default_rng(2)
    pairs = [random_discs(rng, n, 48) for n in (5, 0, 1)]
    labels, depth = (np.stack(part) for part in zip(*pairs, strict=True))
    found = instances(labels > 0, depth)
    for i in range(3):
        np.testing.assert_array_equal(found[i], instances(labels[i] > 0, depth[i]))
    assert found[1].max() == 0
    assert found[2].max() == 1
    assert instances(np.zeros((0, 4, 4)), np.zeros((0, 4, 4))).shape == (0, 4, 4)


MAP = np.zeros((4, 4))


@pytest.mark.parametrize(
    ("error", "field", "value", "arguments"),
    [
        (ValueError, "depth.shape", (4, 5), {"depth": np.zeros((4, 5))}),
        (ValueError, "borders.shape", (4, 5), {"borders": np.zeros((4, 5))}),
        (ValueError, "smoothing_px", -0.1, {"smoothing_px": -0.1}),
        (ValueError, "min_area_px", -1, {"min_area_px": -1}),
        (TypeError, "min_area_px", 2.0, {"min_area_px": 2.0}),
        (ValueError, "depth_above", np.nan, {"depth_above": np.nan}),
        (ValueError, "prominence", 0, {"prominence": 0}),
        (TypeError, "foreground_above", "1", {"foreground_above": "1"}),
    ],
)
def test_wrong_arguments(
    error: type[Exception], field: str, value: Any, arguments: dict[str, Any]
) -> None:
    given: dict[str, Any] = {"foreground": MAP, "depth": MAP, **arguments}
    refused(error, field, value, lambda: instances(**given))
