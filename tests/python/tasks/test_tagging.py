"""nanotilt.tasks.tagging: average precision, errors over runs, and the best that is possible."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nanotilt.tasks import ranking, tagging
from nanotilt.tasks.kinds import KINDS, TAGGING


def made(n: int, n_tags: int = 3, *, steps: int = 0, seed: int = 0) -> tuple[Any, Any]:
    """Tags, and scores that tell them better than chance; with ties if steps > 0."""
    rng = np.random.default_rng(seed)
    tags = (rng.random((n, n_tags)) < 0.3).astype(np.uint8)
    scores = rng.normal(size=tags.shape) + tags
    return tags, np.round(scores * steps) / steps if steps else scores


@pytest.mark.parametrize("steps", [0, 1, 3])
@pytest.mark.parametrize("n", [5, 40, 400])
def test_average_precision_is_scikit_learns(n: int, steps: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    tags, scores = made(n, steps=steps, seed=n)
    tags[0] = 1
    expected = [metrics.average_precision_score(tags[:, k], scores[:, k]) for k in range(3)]
    np.testing.assert_allclose(tagging.average_precisions(tags, scores), expected, rtol=1e-12)


def test_curves_are_scikit_learns() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    tags, scores = made(200, 1, steps=4)
    here = tags[:, 0] == 1
    precision, recall = ranking.precision_recall(scores[~here, 0], scores[here, 0])
    expected = metrics.precision_recall_curve(tags[:, 0], scores[:, 0])
    np.testing.assert_allclose(precision, expected[0][-2::-1])
    np.testing.assert_allclose(recall, expected[1][-2::-1])


@pytest.mark.parametrize(
    ("without", "with_it", "expected"),
    [
        ([0.0, 1.0], [2.0, 3.0], 1.0),
        ([2.0, 3.0], [0.0, 1.0], (1 / 3 + 2 / 4) / 2),
        ([1.0], [1.0], 0.5),
        ([], [1.0, 1.0], 1.0),
        ([1.0, 1.0, 1.0], [1.0], 0.25),
    ],
)
def test_average_precision_by_hand(without: Any, with_it: Any, expected: float) -> None:
    assert ranking.average_precision(without, with_it) == pytest.approx(expected)


def test_a_tag_that_no_image_carries_has_none() -> None:
    tags, scores = made(30)
    tags[:, 1] = 0
    found = tagging.average_precisions(tags, scores)
    assert np.isnan(found).tolist() == [False, True, False]
    each, mean = tagging.tag_scores("abc", tags, scores, np.arange(30))
    assert each[1].n_tagged == 0
    assert mean.value == pytest.approx(found[[0, 2]].mean())


def test_resampling_draws_whole_runs() -> None:
    """Against test sets that are really put together of runs."""
    tags, scores = made(60, steps=2)
    runs = np.repeat(np.arange(6), 10)
    found = tagging.resampled(tags, scores, runs, n=20, seed=3)
    times = np.random.default_rng(3).multinomial(6, np.full(6, 1 / 6), 20)
    for row, each in zip(found, times, strict=True):
        chosen = np.concatenate(
            [np.flatnonzero(runs == run) for run in range(6) for _ in range(each[run])]
        )
        np.testing.assert_allclose(row, tagging.average_precisions(tags[chosen], scores[chosen]))


def test_images_of_one_run_count_as_one() -> None:
    """Copies of each image within its run do not make the test any surer."""
    tags, scores = made(300, 1)
    times = 5
    copied, copies = np.repeat(tags, times, 0), np.repeat(scores, times, 0)
    runs = np.repeat(np.arange(300), times)
    (alone,), _ = tagging.tag_scores("a", tags, scores, np.arange(300))
    (together,), _ = tagging.tag_scores("a", copied, copies, runs)
    (apart,), _ = tagging.tag_scores("a", copied, copies, np.arange(300 * times))
    first, second, third = (one.precision.standard_error or 0 for one in (alone, together, apart))
    assert second == pytest.approx(first, rel=0.2)
    assert third < 0.6 * first


def test_errors_are_the_spread_of_new_tests() -> None:
    values = [tagging.average_precisions(*made(300, 1, seed=s))[0] for s in range(60)]
    (one,), mean = tagging.tag_scores("a", *made(300, 1), np.arange(300))
    assert one.precision.standard_error == pytest.approx(np.std(values), rel=0.4)
    assert mean.value == one.precision.value
    assert one.precision.chance == pytest.approx(0.3, abs=0.06)


@pytest.mark.parametrize("ratio", [0.0, 1.0, 3.0, 30.0])
def test_the_ideal_detector(ratio: float) -> None:
    """Against the integral over thresholds of an endless test."""
    rng = np.random.default_rng(0)
    tags = (rng.random((4000, 1)) < 0.2).astype(int)
    found = tagging.ideal_average_precisions(tags, np.full(tags.shape, ratio), draws=10)[0]
    share = tags.mean()
    scores = rng.normal(size=400_000) + ratio
    order = np.sort(scores)
    from math import erfc

    above = np.array([0.5 * erfc(t / 2**0.5) for t in order[::400]])
    recall = 1 - np.arange(len(order))[::400] / len(order)
    precision = share * recall / (share * recall + (1 - share) * above)
    assert found == pytest.approx(precision.mean(), abs=0.02)


def test_the_ideal_detector_knows_only_of_tags_carried() -> None:
    tags, _ = made(500)
    snr = np.random.default_rng(1).random(tags.shape) * 10
    once = tagging.ideal_average_precisions(tags, snr)
    again = tagging.ideal_average_precisions(tags, np.where(tags == 1, snr, 99.0))
    np.testing.assert_array_equal(once, again)
    each, mean = tagging.tag_scores("abc", tags, snr, np.arange(500), snr)
    assert [one.precision.limit for one in each] == once.tolist()
    assert mean.limit == pytest.approx(once.mean())


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"tags": np.full((4, 2), 2)}, ValueError, "tags must hold 0 and 1"),
        ({"tags": np.zeros(4)}, ValueError, r"tags must be \(n, n_tags\)"),
        ({"scores": np.zeros((4, 3))}, ValueError, r"scores must be \(4, 2\)"),
        ({"scores": np.full((4, 2), np.nan)}, ValueError, "scores"),
        ({"scores": "high"}, TypeError, "scores"),
        ({"runs": np.zeros(3, int)}, ValueError, r"runs must be \(4,\) whole numbers"),
        ({"runs": np.full(4, 0.5)}, ValueError, r"runs must be \(4,\) whole numbers"),
        ({"names": "abc"}, ValueError, "names must have 2 entries"),
        ({"snr": np.full((4, 2), -1.0)}, ValueError, "snr must be >= 0"),
        ({"snr": np.zeros((4, 3))}, ValueError, r"snr must be \(4, 2\)"),
    ],
)
def test_what_is_refused(change: Any, error: Any, words: str) -> None:
    given: dict[str, Any] = {
        "names": "ab", "tags": np.eye(4)[:, :2], "scores": np.zeros((4, 2)),
        "runs": np.arange(4), "snr": np.ones((4, 2)),
    }  # fmt: skip
    assert len(tagging.tag_scores(**given)[0]) == 2
    with pytest.raises(error, match=words):
        tagging.tag_scores(**{**given, **change})


def test_the_task_has_its_kind() -> None:
    assert tagging.TaggingTask().kind == TAGGING
    assert TAGGING in KINDS
