"""Gaps of tracks filled in: what can be worked out by hand, and walks with missed detections."""

from __future__ import annotations

import numpy as np

from conftest import refused
from nanotilt.tracking import FILLED_IN, filled, link, scores
from video_cases import walks


def test_a_gap_is_crossed_straight() -> None:
    tracks = link([[(0, 0, 4)], [(9, 9, 1)], [], [(3, 6, 10)]], 8)
    whole = filled(tracks)
    rows = whole.detections
    assert rows["frame"].tolist() == [0, 1, 1, 2, 3]
    assert rows["track"].tolist() == [0, 1, 0, 0, 0]
    assert rows["detection"].tolist() == [0, 0, FILLED_IN, FILLED_IN, 0]
    of_first = rows[rows["track"] == 0]
    np.testing.assert_allclose(of_first["x"], [0, 1, 2, 3])
    np.testing.assert_allclose(of_first["y"], [0, 2, 4, 6])
    np.testing.assert_allclose(of_first["area"], [4, 6, 8, 10])
    assert whole.table["n_detections"].tolist() == [4, 1]
    np.testing.assert_allclose(whole.table["path_length"], tracks.table["path_length"])
    np.testing.assert_allclose(whole.table["mean_area"], [7, 1])
    assert whole.n_frames == 4
    assert len(whole.ids) == 4


def test_wide_gaps_stay_open() -> None:
    tracks = link([[(0, 0), (20, 0)], [], [(3, 4), (26, 8)]], 30)
    assert tracks.table["n_detections"].tolist() == [2, 2]
    for furthest, expected in ((4.9, [2, 2]), (5.1, [3, 2]), (11.0, [3, 3])):
        whole = filled(tracks, max_distance=furthest)
        assert whole.table["n_detections"].tolist() == expected


def test_short_tracks_go_and_numbers_close_up() -> None:
    tracks = link([[(0, 0)], [(50, 50), (1, 0)], [(2, 0), (80, 0)], [(3, 0), (80, 1)]], 5)
    assert tracks.table["n_detections"].tolist() == [4, 1, 2]
    whole = filled(tracks, min_detections=2)
    assert whole.table["n_detections"].tolist() == [4, 2]
    assert whole.detections["track"].tolist() == [0, 0, 0, 1, 0, 1]
    assert np.isnan(whole.detections["area"]).all()
    assert len(filled(tracks, min_detections=9).detections) == 0


def test_tracks_that_merge_stay() -> None:
    frames = [[(0, 0, 50), (12, 0, 50)], [(6, 0, 80)]]
    tracks = link(frames, 8, merges=True)
    assert len(tracks.lineage) == 1
    assert filled(tracks, min_detections=5) == tracks


def test_whole_tracks_stay_as_they_are() -> None:
    tracks = link(walks(np.random.default_rng(4)).tables, 5, memory=0)
    assert filled(tracks) == tracks
    assert filled(link([[], []], 3)) == link([[], []], 3)


def test_what_was_missed_is_found() -> None:
    rng = np.random.default_rng(5)
    videos = [walks(rng) for _ in range(3)]
    truth = [video.true for video in videos]
    seen = [[frame[rng.random(len(frame)) > 0.15] for frame in video.tables] for video in videos]
    tracks = [link(tables, 5, memory=4, gate_growth=1) for tables in seen]
    plain, whole = scores(truth, tracks), scores(truth, [filled(one) for one in tracks])
    assert plain.recall < 0.87
    assert whole.recall > 0.95
    assert whole.mota > plain.mota + 0.08


def test_wrong_use() -> None:
    tracks = link([[(0, 0)]], 3)
    refused(TypeError, "tracks", [1], lambda: filled([1]))  # type: ignore[arg-type]
    refused(ValueError, "min_detections", 0, lambda: filled(tracks, min_detections=0))
    refused(ValueError, "max_distance", 0, lambda: filled(tracks, max_distance=0))
