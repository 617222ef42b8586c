"""Particles from outlines and boxes that are known for every place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt.segmentation import box_instances, boxes, scores, star_instances

TARGETS = ("instance", "depth", "rays", "centres", "dose")


def fields(placing: Any, count: int = 4) -> nt.Batch:
    recipe = nt.recipes.particle_field(128, placing=placing, targets=TARGETS)
    return recipe.sample(seed=1, start=0, count=count)


def sides_of(instances: Any) -> Any:
    """Distances of each pixel's middle to the sides of its particle's box, by NumPy."""
    found = np.zeros((*instances.shape, 4))
    for number in np.unique(instances)[1:]:
        rows, columns = np.nonzero(instances == number)
        found[rows, columns] = np.stack(
            [
                columns + 0.5 - columns.min(), rows + 0.5 - rows.min(),
                columns.max() + 0.5 - columns, rows.max() + 0.5 - rows,
            ],
            axis=-1,
        )  # fmt: skip
    return found


def test_true_rays_give_the_particles() -> None:
    batch = fields("apart")
    found = star_instances(batch["depth"][:, ::2, ::2], batch["rays"])
    score = scores(batch["instance"], found)
    assert (score.f1, score.count_error) == (1, 0)
    assert score.ap75 > 0.99
    assert abs(score.size_bias) < 0.01
    assert score.dice > 0.975


def test_true_boxes_and_foreground_give_the_particles() -> None:
    batch = fields("apart")
    true = batch["instance"]
    sides = np.stack([sides_of(one) for one in true])
    found = box_instances(true > 0, batch["centres"], sides)
    assert scores(true, found).f1 > 0.985
    one = boxes(batch["centres"][0], sides[0])
    assert one.dtype == np.float32
    assert (np.diff(one[:, 4]) <= 0).all()
    expected = nt.labels.boxes(true[0].astype(np.int32))
    expected = expected[expected[:, 2] > 0]
    near = np.abs(one[:, None, :4] - expected).max(axis=2).min(axis=0)
    assert (near < 1e-4).mean() > 0.97


def test_particles_that_overlap_are_told_apart_better_than_by_depth_alone() -> None:
    batch = fields("free")
    true = batch["instance"]
    by_depth = scores(true, nt.segmentation.instances(true > 0, batch["depth"])).f1
    by_rays = scores(true, star_instances(batch["depth"][:, ::2, ::2], batch["rays"])).f1
    sides = np.stack([sides_of(one) for one in true])
    by_boxes = scores(true, box_instances(true > 0, batch["centres"], sides)).f1
    assert min(by_rays, by_boxes) > 0.93 > 0.8 > by_depth


def square_star(n: int = 16) -> tuple[Any, Any]:
    """Two places that claim the same disc of radius 5, and one elsewhere; the rest claim none."""
    depth, rays = np.zeros((n, n)), np.full((n, n, 32), 5.45)
    depth[4, 4], depth[6, 4], depth[11, 11] = 0.9, 0.8, 0.7
    return depth, rays


def test_of_outlines_that_overlap_the_deepest_is_kept() -> None:
    depth, rays = square_star()
    found = star_instances(depth, rays)
    assert found.shape == (32, 32)
    assert found.max() == 2
    # On a grid of every second pixel, place 4 is pixel 8, whose middle is at 8.5.
    y, x = np.indices((32, 32))
    assert abs(int((found == 1).sum()) - np.pi * 25) < 6
    np.testing.assert_allclose([y[found == 1].mean(), x[found == 1].mean()], 8, atol=0.3)
    assert star_instances(depth, rays, overlap=1.0).max() == 3
    assert star_instances(depth, rays, depth_above=0.85).max() == 1
    assert star_instances(depth, rays, min_area_px=100).max() == 0
    assert star_instances(depth[None], rays[None], (31, 30)).shape == (1, 31, 30)


def test_of_boxes_that_overlap_the_highest_is_kept() -> None:
    centres, sides = np.zeros((20, 20)), np.full((20, 20, 4), 4.0)
    centres[6, 6], centres[6, 9], centres[14, 14] = 0.9, 0.6, 0.4
    found = boxes(centres, sides)
    np.testing.assert_allclose(found[0], [2.5, 2.5, 10.5, 10.5, 0.9])
    assert len(found) == 3  # the second shares 5/11 of its union with the first
    assert len(boxes(centres, sides, overlap=0.4)) == 2
    assert len(boxes(centres, sides, centre_above=0.5)) == 2
    assert boxes(np.zeros((20, 20)), sides).shape == (0, 5)
    whole = box_instances(np.ones((20, 20)), centres, sides, overlap=0.4)
    assert whole.max() == 2
    # An ellipse of 1.4 times the box: a circle of radius 5.6, cut by nothing here.
    assert abs(int((whole == 1).sum()) - np.pi * 5.6**2) < 8


@pytest.mark.parametrize(
    ("call", "options", "words"),
    [
        (star_instances, {"rays": np.ones((16, 15, 32))}, "depth and rays must have the same"),
        (star_instances, {"rays": np.ones((16, 16))}, "rays must have the shape of depth"),
        (star_instances, {"shape": (5,)}, "shape must be"),
        (star_instances, {"shape": (10**9, 32)}, "shape must be"),
        (star_instances, {"shape": (32, -1)}, r"shape\[1\] must be >= 1"),
        (star_instances, {"overlap": 1.5}, "overlap must be <= 1"),
        (star_instances, {"overlap": -1}, "overlap must be >= 0"),
        (star_instances, {"min_area_px": -1}, "min_area_px must be >= 0"),
        (boxes, {"sides": np.ones((16, 16, 3))}, "sides"),
        (boxes, {"centres": np.ones((2, 16, 16))}, "centres must have shape"),
        (box_instances, {"reach": 0}, "reach must be > 0"),
        (box_instances, {"foreground": np.ones((8, 8))}, "foreground and centres must have"),
    ],
)
def test_refused(call: Any, options: dict[str, Any], words: str) -> None:
    maps: dict[Any, dict[str, Any]] = {
        star_instances: {"depth": np.ones((16, 16)), "rays": np.ones((16, 16, 32))},
        boxes: {"centres": np.ones((16, 16)), "sides": np.ones((16, 16, 4))},
        box_instances: {
            "foreground": np.ones((16, 16)), "centres": np.ones((16, 16)),
            "sides": np.ones((16, 16, 4)),
        },
    }  # fmt: skip
    with pytest.raises(ValueError, match=words):
        call(**{**maps[call], **options})
