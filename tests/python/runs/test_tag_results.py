"""What runs that tag images leave: tables, files read back, differences, damage."""

from __future__ import annotations

import csv
from typing import Any

import numpy as np
import pytest

from nanotilt.runs.scattering.reading import kept_arrays
from nanotilt.runs.scattering.results import MEAN, TagResults, differences
from nanotilt.scenes.scattering_terms import TAGS

N, N_TAGS = 120, len(TAGS)


def results(skill: float = 2.0, seed: int = 0) -> TagResults:
    """Images of twelve runs whose tags are told with a standard deviation of one."""
    truth, answers = np.random.default_rng(7), np.random.default_rng(seed)
    tags = (truth.random((N, N_TAGS)) < 0.3).astype(np.uint8)
    scores = (skill * tags + answers.standard_normal((N, N_TAGS))).astype(np.float32)
    return TagResults(scores, tags, 5.0 * tags.astype(np.float32), np.repeat(np.arange(12), 10))


def test_the_table_has_each_tag_and_the_mean() -> None:
    found = results()
    rows = list(found.table())
    assert [row["tag"] for row in rows] == [MEAN, *TAGS]
    for row in rows:
        assert row["chance"] < row["average_precision"] < row["limit"] <= 1
        assert 0 < row["standard_error"] < 0.2
    of_tags = [row["average_precision"] for row in rows[1:]]
    assert rows[0]["average_precision"] == pytest.approx(np.mean(of_tags))
    lines = list(csv.reader(found.to_csv().splitlines()))
    assert lines[0][:3] == ["tag", "n_tagged", "average_precision"]
    assert float(lines[1][2]) == pytest.approx(rows[0]["average_precision"], rel=1e-5)


def test_a_tag_that_no_image_carries_has_no_number() -> None:
    found = results()
    found.tags[:, 3] = 0
    (row,) = [row for row in found.table() if row["tag"] == TAGS[3]]
    assert row["average_precision"] is None
    assert found.to_csv().splitlines()[5].startswith(f"{TAGS[3]},0,,")
    assert np.isfinite(found.mean.value)


def test_arrays_are_read_back() -> None:
    found = results()
    again = TagResults.from_arrays(kept_arrays(found, results(seed=3)))
    for name, array in found.to_arrays().items():
        np.testing.assert_array_equal(array, getattr(again, name))
    assert (again.n_images, again.n_runs) == (N, 12)


def test_differences_are_of_pairs() -> None:
    """The interval of a network against itself is 0; that of a better one does not hold 0."""
    one = results()
    assert {each.value for each in differences(one, one, n=20)} == {0.0}
    assert differences(one, one, n=20)[0].interval_95 == (0.0, 0.0)
    better = differences(results(4.0, seed=1), one, n=100)
    assert [each.tag for each in better] == [MEAN, *TAGS]
    low, high = better[0].interval_95
    assert 0 < low < better[0].value < high


def test_images_of_other_runs_are_no_pairs() -> None:
    other = results()
    other.run[0] = 99
    with pytest.raises(ValueError, match="other must be of images of the same runs"):
        differences(results(), other)


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("scores", lambda a: None, "scores is missing"),
        ("scores", lambda a: a[:-1], "scores must be"),
        ("snr", lambda a: a[:, :-1], "snr must be"),
        ("snr", lambda a: a * np.nan, "snr must be finite"),
        ("tags", lambda a: a + 1, "tags must hold 0 and 1"),
        ("run", lambda a: a[:, None], "scores must be"),
    ],
)
def test_damaged_arrays_are_refused(name: str, change: Any, words: str) -> None:
    arrays: dict[str, Any] = dict(results().to_arrays())
    changed = change(arrays.pop(name))
    if changed is not None:
        arrays[name] = changed
    with pytest.raises(ValueError, match=words):
        TagResults.from_arrays(arrays)
