"""Two particles that become one: found, told apart from particles that were missed, and scored."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conftest import refused
from nanotilt.tracking import continued, link, merge_scores, scores
from nanotilt.tracking.merging import LINEAGE
from video_cases import table, tables


def area(radius: float) -> float:
    return float(np.pi * radius**2)


def merging(
    rng: np.random.Generator, n: int, n_frames: int = 16, side: float = 200
) -> tuple[Any, Any]:
    """True detections and lineage of n pairs that meet, each in a cell of its own."""
    rows: list[tuple[Any, ...]] = []
    events: list[tuple[Any, ...]] = []
    cells = int(np.ceil(np.sqrt(n)))
    for k in range(n):
        centre = (np.array(divmod(k, cells)) + 0.5) * side / cells
        radii = np.array([rng.uniform(4, 6), rng.uniform(2.5, 4)])
        when = int(rng.integers(4, n_frames - 3))
        turn = rng.uniform(0, 2 * np.pi)
        volumes = radii**3
        towards = np.array([np.cos(turn), np.sin(turn)])
        weights = volumes[::-1] / volumes.sum()
        for t in range(n_frames):
            jitter = rng.normal(0, 0.3, (2, 2))
            if t < when:
                gap = 0.9 * radii.sum() + 0.8 * (when - t)
                for i, sign in ((0, 1), (1, -1)):
                    at = centre + sign * weights[i] * gap * towards + jitter[i]
                    rows.append((t, 3 * k + i, *at, area(radii[i])))
            else:
                both = float(np.cbrt(volumes.sum()))
                rows.append((t, 3 * k + 2, *(centre + jitter[0]), area(both)))
                if t == when:
                    events.append((t, *(centre + jitter[0]), 3 * k + 2, 3 * k, 3 * k + 1))
    true = table(sorted(rows, key=lambda row: row[0]))
    return true, np.array(events, list(LINEAGE))


def test_merges_are_found() -> None:
    true, lineage = merging(np.random.default_rng(0), 16)
    found = link(tables(true, 16), 4, merges=True)
    assert merge_scores(lineage, found.lineage, max_frames=0).f1 == 1
    by_time = found.lineage
    at = {(int(d["frame"]), d["x"], d["y"]): d for d in true}
    for event in by_time:
        truth = at[(int(event["frame"]), event["x"], event["y"])]
        (known,) = lineage[lineage["child"] == truth["track"]]
        ends = found.table[[event["larger_parent"], event["smaller_parent"]]]
        assert (ends["last_frame"] == event["frame"] - 1).all()
        assert ends["mean_area"][0] > ends["mean_area"][1]
        assert found.table[event["child"]]["first_frame"] == event["frame"] == known["frame"]
    of_all = scores(true, found)
    assert [of_all.mota, of_all.idf1, of_all.hota] == pytest.approx([1, 1, 1])


def test_without_merges_the_larger_goes_on() -> None:
    """That costs IDF1 by convention, not by error: `continued` brings the truth to it."""
    true, lineage = merging(np.random.default_rng(1), 16)
    found = link(tables(true, 16), 4)
    assert len(found.lineage) == 0
    assert scores(true, found).idf1 < 0.9
    followed = continued(true, lineage)
    assert scores(followed, found).idf1 > 0.95
    assert set(followed["track"]) == set(range(48)) - set(lineage["child"].tolist())
    merged = link(tables(true, 16), 4, merges=True)
    assert scores(continued(true, lineage), continued(merged.detections, merged.lineage)).idf1 == 1


def test_both_lost_at_once() -> None:
    """The merged particle is too far from both, though not from their middle."""
    frames: Any = [[(0, 0, area(5)), (10, 0, area(5))], [(5, 0, area(6.3))]]
    found = link(frames, 4, merges=True)
    assert found.lineage[["frame", "child"]].tolist() == [(1, 2)]
    assert set(found.lineage[["larger_parent", "smaller_parent"]].tolist()[0]) == {0, 1}
    assert [frame.tolist() for frame in found.ids] == [[0, 1], [2]]


@pytest.mark.parametrize(
    ("why", "frames"),
    [
        ("the area is that of one", [[(0, 0, 80), (9, 0, 75)], [(1, 0, 80)]]),
        ("it has hardly grown", [[(0, 0, 80), (9, 0, 75)], [(4, 0, 92)]]),
        ("it is larger than both together", [[(0, 0, 80), (9, 0, 75)], [(4, 0, 240)]]),
        ("they were too far apart", [[(0, 0, 80), (40, 0, 75)], [(0, 0, 130)]]),
        ("both are there", [[(0, 0, 80), (9, 0, 75)], [(1, 0, 120), (9, 0, 75)]]),
        ("the place is wrong", [[(0, 0, 80), (9, 0, 75)], [(-2, 3, 120)]]),
        ("it was missed before", [[(0, 0, 80), (9, 0, 75)], [(0, 0, 80)], [(4, 0, 120)]]),
    ],
)
def test_no_merge(why: str, frames: Any) -> None:
    assert len(link(frames, 5, merges=True).lineage) == 0, why


def test_tolerance() -> None:
    frames: Any = [[(0, 0, 80), (9, 0, 80)], [(4.5, 0, 105)]]  # a sphere of both would show 127
    assert len(link(frames, 5, merges=True, merge_tolerance=0.2).lineage) == 1
    assert len(link(frames, 5, merges=True, merge_tolerance=0.1).lineage) == 0


def events(*rows: tuple[float, ...]) -> Any:
    return np.array(list(rows), [("frame", "i4"), ("x", "f8"), ("y", "f8")])


def test_merge_scores_by_hand() -> None:
    true = events((3, 0, 0), (5, 20, 0), (7, 40, 0))
    predicted = events((4, 3, 0), (5, 20, 6), (7, 40, 1), (9, 40, 1))
    found = merge_scores(true, predicted)
    assert (found.n_true, found.n_predicted, found.n_matched) == (3, 4, 2)
    assert found.f1 == pytest.approx(4 / 7)
    assert [found.recall, found.precision] == pytest.approx([2 / 3, 0.5])
    assert merge_scores(true, predicted, max_frames=0).n_matched == 1
    assert merge_scores(true, predicted, max_distance=6).n_matched == 3
    none = events()
    assert merge_scores(none, none).f1 == 1
    assert merge_scores(true, none).f1 == 0
    # As many pairs as possible, although the closest two would leave two alone.
    chain = merge_scores(events((0, 0, 0), (0, 4, 0)), events((0, 4.5, 0), (0, 8.5, 0)))
    assert chain.n_matched == 2


def test_wrong_arguments() -> None:
    good = events((3, 0, 0))
    refused(TypeError, "true", 3, lambda: merge_scores(3, good))  # type: ignore[arg-type]
    refused(ValueError, "max_frames", -1, lambda: merge_scores(good, good, max_frames=-1))
    refused(ValueError, "predicted", -3.0, lambda: merge_scores(good, events((-3, 0, 0))))
    circle = np.array([(0, 0, 0, 1, 2, 3), (1, 0, 0, 2, 1, 3)], list(LINEAGE))
    detections = table([(0, 1, 0, 0, 9)])
    refused(ValueError, "lineage", 1, lambda: continued(detections, circle))
    with pytest.raises(ValueError, match="must have the column 'child'"):
        continued(detections, good)
