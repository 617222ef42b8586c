"""MOTA, IDF1 and HOTA: TrackEval's values, a slow version, and what can be worked out by hand."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import numpy as np
import pytest

from conftest import refused
from nanotilt.tracking import TrackingScores, scores
from places import KNOWN_ANSWERS
from video_cases import SIDE, Table, table, walks

KNOWN = json.loads((KNOWN_ANSWERS / "tracking" / "scores.json").read_text())


def rows(listed: Any) -> Table:
    return table((*row, 1.0) for row in listed)


def assert_as_known(found: TrackingScores, known: dict[str, float]) -> None:
    assert {name: getattr(found, name) for name in known} == pytest.approx(known)


@pytest.mark.parametrize("video", KNOWN["videos"], ids=["perfect", "good", "poor", "bad"])
def test_as_track_eval(video: dict[str, Any]) -> None:
    """Of the same videos, by tests/write_known_scores.py."""
    found = scores(rows(video["true"]), rows(video["predicted"]))
    assert_as_known(found, video["scores"])


def test_videos_together_as_track_eval() -> None:
    true, predicted = ([rows(v[name]) for v in KNOWN["videos"]] for name in ("true", "predicted"))
    assert_as_known(scores(true, predicted), KNOWN["together"])


def walk(track: int, *places: float | None, first: int = 0) -> list[tuple[Any, ...]]:
    """A track along x; None: not there."""
    return [(first + t, track, x, 0.0, 1.0) for t, x in enumerate(places) if x is not None]


def test_by_hand() -> None:
    true = table([*walk(0, 0, 1, 2, 3, 4, 5), *walk(1, 20, 20, 20, 20, 20, 20)])
    found = table(
        [
            *walk(7, 0, 1, 2),
            *walk(8, None, None, None, 3, 4, 5),  # a switch
            *walk(9, 20, 20, None, None, 20, 20),  # found again
            *walk(5, 50),  # wrong
        ]
    )
    result = scores(true, found)
    assert (result.n_true, result.n_predicted, result.n_matched) == (12, 11, 10)
    assert (result.switches, result.fragments) == (1, 1)
    assert result.mota == pytest.approx(1 - (2 + 1 + 1) / 12)
    assert result.idf1 == pytest.approx(2 * (3 + 4) / (12 + 11))
    # All pairs lie exactly on each other, so that all thresholds give the same.
    association = (3 * 3 / 6 + 3 * 3 / 6 + 4 * 4 / 6) / 10
    assert result.det_a == pytest.approx(10 / 13)
    assert result.ass_a == pytest.approx(association)
    assert result.hota == pytest.approx(math.sqrt(10 / 13 * association))
    assert [result.recall, result.precision] == pytest.approx([10 / 12, 10 / 11])
    assert result.mean_distance == 0


def test_pairs_up_to_max_distance() -> None:
    true, found = table(walk(0, 0, 0, 0)), table(walk(0, 5, 5.1, 4))
    assert scores(true, found).n_matched == 2
    assert scores(true, found).mean_distance == pytest.approx(4.5)
    assert scores(true, found, max_distance=3.9).n_matched == 0
    assert math.isnan(scores(true, found, max_distance=3.9).mean_distance)


def test_hota_of_one_pair() -> None:
    """Similarity .7: a pair at 14 of 19 thresholds."""
    result = scores(table(walk(0, 0)), table(walk(0, 3)))
    assert result.hota == pytest.approx(14 / 19)


@pytest.mark.parametrize("seed", range(5))
def test_idf1_against_all_pairings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    true = table([(t, k, *rng.uniform(0, 12, 2), 1.0) for t in range(6) for k in range(4)])
    found = table([(t, k, *rng.uniform(0, 12, 2), 1.0) for t in range(6) for k in range(4)])
    close = np.zeros((4, 4))
    for one, other in itertools.product(true, found):
        if one["frame"] == other["frame"]:
            near = np.hypot(one["x"] - other["x"], one["y"] - other["y"]) <= 5
            close[one["track"], other["track"]] += near
    best = max(sum(close[i, j] for i, j in enumerate(o)) for o in itertools.permutations(range(4)))
    assert scores(true, found).idf1 == pytest.approx(2 * best / 48)


def test_nothing_there() -> None:
    none, some = table([]), table(walk(0, 1, 2))
    empty = scores(none, none)
    assert (empty.mota, empty.idf1, empty.hota, empty.recall, empty.precision) == (1, 1, 1, 1, 1)
    missed = scores(some, none)
    assert (missed.mota, missed.idf1, missed.hota, missed.recall) == (0, 0, 0, 0)
    invented = scores(none, some)
    assert (invented.idf1, invented.hota, invented.precision) == (0, 0, 0)
    assert math.isnan(invented.mota)
    assert scores([], []).mota == 1
    assert scores([none, some], [none, some]).hota == pytest.approx(1)


def test_rim_is_left_out_with_what_was_found_there() -> None:
    field = {"rim": 5.0, "width": 50.0, "height": 50.0}
    true = table([(0, 0, 4, 25, 1), (0, 1, 25, 25, 1), (0, 2, 25, 47, 1)])
    found = table(
        [
            (0, 0, 6, 25, 1),  # inside, but of a true one at the rim
            (0, 1, 25, 25, 1),
            (0, 2, 48, 25, 1),  # wrong, at the rim
        ]
    )
    result = scores(true, found, **field)
    assert (result.n_true, result.n_predicted, result.mota) == (1, 1, 1)
    shifted = found.copy()
    shifted["x"][1] = 4.9  # closest is the one at the rim
    assert scores(true, shifted, **field).n_predicted == 0
    inner = table([(0, 0, 5.5, 25, 1)])
    outer = table([(0, 0, 4.5, 25, 1)])  # at the rim, of a true one inside
    assert scores(inner, outer, **field).mota == 1


def test_names_of_tracks_mean_nothing() -> None:
    rng = np.random.default_rng(6)
    true = walks(rng).true
    renamed = true.copy()
    renamed["track"] = rng.permutation(10_000)[true["track"]]
    assert scores(true, renamed).hota == pytest.approx(1)
    mixed = true[rng.permutation(len(true))]
    assert scores(true, mixed, rim=5, width=SIDE, height=SIDE).idf1 == 1


GOOD = table(walk(0, 1, 2))


@pytest.mark.parametrize(
    ("error", "field", "value", "arguments"),
    [
        (TypeError, "true", 3, {"true": 3}),
        (ValueError, "max_distance", 0, {"max_distance": 0}),
        (ValueError, "rim", -1, {"rim": -1}),
        (TypeError, "width", None, {"rim": 2, "height": 3}),
        (ValueError, "height", 0, {"width": 2, "height": 0}),
    ],
)
def test_wrong_arguments(
    error: type[Exception], field: str, value: Any, arguments: dict[str, Any]
) -> None:
    given: dict[str, Any] = {"true": GOOD, "predicted": GOOD, **arguments}
    refused(error, field, value, lambda: scores(**given))


def test_wrong_tables() -> None:
    twice = np.concatenate([GOOD, GOOD[1:]])
    with pytest.raises(ValueError, match=r"predicted must hold a track.*once.*track=0 twice"):
        scores(GOOD, twice)
    with pytest.raises(TypeError, match="both be lists"):
        scores([GOOD], GOOD)
    with pytest.raises(ValueError, match=r"as many videos. Received: len\(true\)=1"):
        scores([GOOD], [])
    wrong = GOOD.copy()
    wrong["x"][1] = math.nan
    with pytest.raises(ValueError, match=r"true\[1\]\['x'\] must be finite"):
        scores([GOOD, wrong], [GOOD, GOOD])
    with pytest.raises(ValueError, match="predicted must have the column 'track'"):
        scores(GOOD, np.zeros(2, [("frame", "i4")]))
