"""Numbers of videos and fields among a run's arrays: written, read, and refused when damaged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt.runs.fields.dispersions import Dispersions
from nanotilt.runs.fields.tracks import TRACK_SCORES, TrackResults


def tracks() -> TrackResults:
    rng = np.random.default_rng(0)
    shares: Any = rng.random((5, 4))
    merges = np.array([[2, 0, 0, 4], [1, 0, 0, 4], [1, 0, 0, 2]])
    return TrackResults(np.array([5.0, 5.0, np.nan, 30.0]), *shares, *merges)


def test_read_as_written() -> None:
    kept = {"other": np.zeros(3), **tracks().to_arrays()}
    again = TrackResults.from_arrays(kept)
    assert again is not None
    for name, values in tracks().to_arrays().items():
        np.testing.assert_array_equal(again.to_arrays()[name], values)
    assert Dispersions.from_arrays(kept) is None


@pytest.mark.parametrize(
    ("damaged", "words"),
    [
        ({"track_idf1": None}, "track_idf1 is missing"),
        ({"track_hota": np.zeros(3)}, "track_hota must have the shape of track_dose"),
    ],
)
def test_damaged(damaged: dict[str, Any], words: str) -> None:
    kept: dict[str, Any] = {**tracks().to_arrays(), **damaged}
    with pytest.raises(ValueError, match=words):
        TrackResults.from_arrays({k: v for k, v in kept.items() if v is not None})


def test_scores_are_means_and_merges_are_counted_together() -> None:
    given = tracks()
    np.testing.assert_array_equal(given.doses, [5, 30, np.nan])
    scores = given.scores()
    assert tuple(scores) == TRACK_SCORES
    assert scores["mota"].value == pytest.approx(given.mota.mean())
    assert scores["mota"].standard_error == pytest.approx(given.mota.std(ddof=1) / 2)
    assert scores["merges_f1"].value == pytest.approx(2 * 3 / (6 + 5))
    assert given.at_dose(5)["merges_f1"].value == pytest.approx(2 * 1 / (2 + 1))
    alone = given.at_dose(np.nan)
    assert alone["idf1"].value == given.idf1[2]
    assert alone["idf1"].standard_error is None
    assert "merges_f1" not in alone


def test_how_particles_lie_is_that_of_the_instances() -> None:
    recipe = nt.recipes.particle_field(targets=("instance", "table", "n_table"))
    batch = recipe.sample(seed=1, start=0, count=3)
    true = batch["instance"].astype(np.int32)
    none = np.zeros_like(true)
    lie = Dispersions.of(true, none, np.array([1.0, 1.0, 2.0]))
    np.testing.assert_allclose(lie.true_number_density * 128**2, batch["n_table"])
    means = lie.means(1.0)
    assert means["true_clark_evans"] > 1.2  # they lie apart
    assert means["found_number_density"] == 0
    assert np.isnan(means["found_mean_nearest"])
    for i in range(2):
        n = batch["n_table"][i]
        x, y = batch["table"][i, :n, 2], batch["table"][i, :n, 3]
        apart = np.hypot(x[:, None] - x, y[:, None] - y) + 1e9 * np.eye(n)
        assert lie.true_mean_nearest[i] == pytest.approx(apart.min(axis=1).mean(), rel=0.05)
