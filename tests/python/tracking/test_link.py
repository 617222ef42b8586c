"""Tracks by assignment: what can be worked out by hand, and videos of random walks."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from conftest import refused
from nanotilt import segmentation
from nanotilt.tracking import Tracks, link, scores
from particle_cases import apart
from video_cases import walks


def ids(found: Tracks) -> list[list[int]]:
    return [frame.tolist() for frame in found.ids]


def test_two_that_cross_go_to_the_closest() -> None:
    frames = [[(0, 0), (10, 0)], [(9, 0), (1, 0)], [(2, 0), (8, 0)], [(8, 1)]]
    found = link(frames, 3)
    assert ids(found) == [[0, 1], [1, 0], [0, 1], [1]]
    table = found.table
    assert table["first_frame"].tolist() == [0, 0]
    assert table["last_frame"].tolist() == [2, 3]
    assert table["n_detections"].tolist() == [3, 4]
    assert table["path_length"].tolist() == [2, 3]
    np.testing.assert_allclose(table["displacement"], [2, math.hypot(2, 1)])
    assert np.isnan(table["mean_area"]).all()
    assert found.detections["detection"].tolist() == [0, 1, 0, 1, 0, 1, 0]
    assert found.n_frames == 4
    assert len(found.lineage) == 0


def test_the_sum_of_costs_is_least() -> None:
    """Each alone would take the detection in the middle; every assignment is tried."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        one, other = rng.uniform(0, 10, (2, 4, 2))
        found = link([one, other], 4.0)
        cost = ((one[:, None] - other) ** 2).sum(axis=2)
        best = min(
            itertools.permutations(range(4)),
            key=lambda order: sum(min(cost[i, order[i]], 16) for i in range(4)),
        )
        expected = sum(min(cost[i, best[i]], 16) for i in range(4))
        linked = [(int(k), j) for j, k in enumerate(found.ids[1]) if k < 4]
        got = sum(cost[i, j] for i, j in linked) + 16 * (4 - len(linked))
        assert got == pytest.approx(expected)


def test_gate_and_memory() -> None:
    far = [[(0, 0)], [(5, 0)]]
    assert ids(link(far, 5.01)) == [[0], [0]]
    assert ids(link(far, 5)) == [[0], [1]]
    gap = [[(0.0, 0.0)], [], [], [(1.0, 0.0)]]
    assert ids(link(gap, 2, memory=2)) == [[0], [], [], [0]]
    assert ids(link(gap, 2, memory=1)) == [[0], [], [], [1]]
    wide = [[(0.0, 0.0)], [], [], [(3.0, 0.0)]]
    assert ids(link(wide, 2)) == [[0], [], [], [1]]
    assert ids(link(wide, 2, gate_growth=1)) == [[0], [], [], [0]]  # 3 < 2 sqrt(3)
    assert ids(link(wide, 2, gate_growth=0.6)) == [[0], [], [], [1]]  # 3 > 2 sqrt(2.2)
    assert link(wide, 2, gate_growth=1).table["n_detections"].tolist() == [2]


def test_size_counts_if_asked_for() -> None:
    frames = [[(0, 0, 100), (3, 0, 25)], [(1, 0, 25), (2, 0, 100)]]
    assert ids(link(frames, 4)) == [[0, 1], [0, 1]]
    assert ids(link(frames, 4, size_weight=5)) == [[0, 1], [1, 0]]
    # Half the diameter is log 2 of size_weight: too far for the gate.
    assert ids(link([[(0, 0, 100)], [(0, 0, 25)]], 3, size_weight=4)) == [[0], [0]]
    assert ids(link([[(0, 0, 100)], [(0, 0, 25)]], 3, size_weight=5)) == [[0], [1]]


def test_nothing_there() -> None:
    cases: list[Any] = [[], [[]], [[], np.zeros((0, 3)), []]]
    for tables in cases:
        found = link(tables, 3, merges=True)
        assert (len(found.detections), len(found.table), found.n_frames) == (0, 0, len(tables))
        assert ids(found) == [[] for _ in tables]
    assert ids(link([[], [(1, 2)], []], 3)) == [[], [0], []]


def test_tables_of_measure() -> None:
    labels, _ = apart(64, 5)
    frames = [segmentation.measure(np.roll(labels, t, 1), 2.0) for t in range(4)]
    found = link(frames, 5, size_weight=3)
    assert ids(found) == [list(range(16))] * 4
    np.testing.assert_allclose(found.table["path_length"], 6)
    np.testing.assert_allclose(found.table["mean_area"], frames[0]["area"])


def test_order_of_detections_means_nothing() -> None:
    rng = np.random.default_rng(1)
    video = walks(rng)
    found = link(video.tables, 5)
    orders = [rng.permutation(len(frame)) for frame in video.tables]
    mixed = link([f[o] for f, o in zip(video.tables, orders, strict=True)], 5)
    for one, other, order in zip(found.ids, mixed.ids, orders, strict=True):
        pairs = set(zip(one[order].tolist(), other.tolist(), strict=True))
        assert len(pairs) == len(one)
    assert scores(found, mixed).idf1 == 1


@pytest.mark.parametrize(
    ("step", "mota", "idf1"), [(1.4, 0.99, 0.99), (4.0, 0.95, 0.9)], ids=["slow", "fast"]
)
def test_walks_with_true_places(step: float, mota: float, idf1: float) -> None:
    """35 bodies on 128 pixels over 20 frames, which pass over each other freely."""
    rng = np.random.default_rng(2)
    videos = [walks(rng, step=step) for _ in range(8)]
    gate = max(4.0, 3.5 * step)
    plain = [link(video.tables, gate) for video in videos]
    found = scores([video.true for video in videos], plain)
    assert found.mota > mota
    assert found.idf1 > idf1
    sized = [link(video.tables, gate, size_weight=9) for video in videos]
    assert scores([video.true for video in videos], sized).idf1 > found.idf1


def test_memory_helps_where_detections_are_missed() -> None:
    rng = np.random.default_rng(3)
    videos = [walks(rng, missed=0.15) for _ in range(3)]
    truth = [video.true for video in videos]
    by_memory = [
        scores(truth, [link(v.tables, 5, memory=memory, gate_growth=1) for v in videos]).idf1
        for memory in (0, 1, 3)
    ]
    assert by_memory[0] < by_memory[1] < by_memory[2]
    assert by_memory[2] > 0.95


def test_equality() -> None:
    frames = [[(0, 0, 3), (10, 0, 4)], [(9, 0, 4), (1, 0, 3)]]
    assert link(frames, 3) == link(frames, 3)
    assert link(frames, 3) != link(frames, 0.5)


GOOD: dict[str, Any] = {"tables": [[(1.0, 2.0)]], "max_step": 3}
NAMELESS = np.zeros(2, [("x", "f8"), ("z", "f8")])
NO_SIZE = np.array([(1, 1, 0)], [("x", "f8"), ("y", "f8"), ("area", "f8")])


@pytest.mark.parametrize(
    ("error", "field", "value", "arguments"),
    [
        (TypeError, "tables", 3, {"tables": 3}),
        (TypeError, "tables", "ab", {"tables": "ab"}),
        (ValueError, "tables[0]", (2, 4), {"tables": [np.zeros((2, 4))]}),
        (ValueError, "tables[1]", (3,), {"tables": [[], [1, 2, 3]]}),
        (ValueError, "tables[0]", -3.0, {"tables": [[(1, 1, -3)]]}),
        (ValueError, "tables[0]", 0.0, {"tables": [NO_SIZE]}),
        (ValueError, "tables[0]", ("x", "z"), {"tables": [NAMELESS]}),
        (ValueError, "tables[0]", 0.5, {"size_weight": 0.5}),
        (ValueError, "tables[0]", True, {"merges": True}),
        (ValueError, "max_step", 0, {"max_step": 0}),
        (ValueError, "size_weight", -1, {"size_weight": -1}),
        (ValueError, "gate_growth", -1, {"gate_growth": -1}),
        (ValueError, "memory", -1, {"memory": -1}),
        (TypeError, "memory", 1.5, {"memory": 1.5}),
        (ValueError, "merge_tolerance", 1.0, {"merge_tolerance": 1.0}),
    ],
)
def test_wrong_arguments(
    error: type[Exception], field: str, value: Any, arguments: dict[str, Any]
) -> None:
    refused(error, field, value, lambda: link(**{**GOOD, **arguments}))


def test_numbers_that_are_not_finite_are_named() -> None:
    with pytest.raises(ValueError, match=r"tables\[1\] must be finite.*Received: 1 of 2"):
        link([[(0, 0)], [(0, math.nan)]], 3)
    wrong = np.array([(math.inf, 1)], [("x", "f8"), ("y", "f8")])
    with pytest.raises(ValueError, match=r"tables\[0\]\['x'\] must be finite"):
        link([wrong], 3)
