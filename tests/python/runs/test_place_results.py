"""Kinds and places of defects found: scores and their errors, tables, files, what is refused."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import numpy as np
import pytest

from nanotilt.runs.lattices.places import NONE, NOTHING, SCORES, PlaceResults
from nanotilt.runs.lattices.results import ALL
from nanotilt.scenes.lattice_terms import DEFECTS

N = 300
VACANCY, SILICON = DEFECTS.index("vacancy"), DEFECTS.index("silicon")


def results() -> PlaceResults:
    rng = np.random.default_rng(3)
    counts = rng.choice([16.0, 64.0], N)
    true_patch = np.sort(rng.integers(0, N, 500))
    true_kind = rng.choice([VACANCY, SILICON], 500)
    other = rng.choice([VACANCY, SILICON, NOTHING], 500)
    found_as = np.where(rng.random(500) < 0.5, true_kind, other)
    errors = np.where(found_as == NOTHING, np.nan, rng.random(500))
    more_patch = np.sort(rng.integers(0, N, 40))
    more_kind = rng.choice([VACANCY, SILICON], 40)
    return PlaceResults(counts, true_patch, true_kind, found_as, errors, more_patch, more_kind)


def slow_scores(found: PlaceResults, patches: Any, kind: int | None) -> tuple[float, ...]:
    """Of patches that may come more than once."""
    true = placed = right = seen = 0
    for patch in patches:
        for k, as_what in zip(
            found.true_kind[found.true_patch == patch], found.found_as[found.true_patch == patch],
            strict=True,
        ):  # fmt: skip
            true += kind in (None, k)
            placed += kind in (None, k) and as_what != NOTHING
            right += kind in (None, k) and as_what == k
            seen += as_what != NOTHING and kind in (None, as_what)
        more = found.more_kind[found.more_patch == patch]
        seen += sum(kind in (None, k) for k in more)
    return right / true, placed / true, right / seen, 2 * right / (true + seen)


@pytest.mark.parametrize("kind", [ALL, "vacancy", "silicon"])
def test_scores_are_ratios_of_counts(kind: str) -> None:
    found = results()
    row = found.row(64.0, kind)
    assert row is not None
    here = np.flatnonzero(found.counts == 64)
    number = None if kind == ALL else DEFECTS.index(kind)
    expected = slow_scores(found, here, number)
    np.testing.assert_allclose([row.scores[name].value for name in SCORES], expected)
    # The jackknife, patch by patch.
    n = len(here)
    without = np.array([slow_scores(found, np.delete(here, i), number) for i in range(n)])
    errors = np.sqrt((n - 1) * without.var(axis=0))
    np.testing.assert_allclose([row.scores[name].standard_error or 0 for name in SCORES], errors)


def test_perfect_patches_are_right_where_nothing_is_found() -> None:
    found = results()
    row = found.row(None, NONE)
    assert row is not None
    seen = set(found.true_patch[found.found_as != NOTHING]) | set(found.more_patch)
    perfect = set(range(N)) - set(found.true_patch)
    assert (row.n_true, row.n_found) == (len(perfect), N - len(seen))
    assert row.scores["right"].value == len(perfect - seen) / len(perfect)
    assert row.scores["precision"].value == len(perfect - seen) / (N - len(seen))


def test_confusions_add_up() -> None:
    found = results()
    total = sum(found.confusion(level) for level in found.levels)
    np.testing.assert_array_equal(total, found.confusion(None))
    matrix = found.confusion(None)
    assert matrix.sum() == 540
    assert matrix[:2].sum() == 500
    for i, kind in enumerate(found.kinds):
        row = found.row(None, kind)
        assert row is not None
        assert row.scores["right"].value == matrix[i, i] / matrix[i].sum()
        assert row.n_found == matrix[:, i].sum()


def test_nothing_found_has_no_precision() -> None:
    one = np.array([0])
    none = np.zeros(0, np.int64)
    found = PlaceResults(
        np.array([8.0]), one, one, one - 1, np.array([np.nan]), none, none
    )  # fmt: skip
    row = found.row(8.0)
    assert row is not None
    assert row.scores["right"].value == 0
    assert math.isnan(row.scores["precision"].value)
    assert row.scores["right"].standard_error is None
    assert found.columns == (ALL, NONE)
    empty = PlaceResults(np.array([8.0]), none, none, none, np.zeros(0), none, none)
    assert empty.row(None) is None
    assert empty.overall() == {}


def test_files_hold_it_all() -> None:
    found = results()
    again = PlaceResults.from_arrays(found.to_arrays())
    for name, values in found.to_arrays().items():
        np.testing.assert_array_equal(getattr(again, name), values)
    rows = list(csv.DictReader(io.StringIO(found.to_csv())))
    assert len(rows) == 2 * 4
    assert {row["kind"] for row in rows} == {ALL, "vacancy", "silicon", NONE}
    first = found.row(16.0)
    assert first is not None
    assert float(rows[0]["right"]) == pytest.approx(first.scores["right"].value, rel=1e-5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"counts": None}, "counts is missing"),
        ({"found_as": np.zeros(3)}, r"found_as must be \(n,\), as true_patch"),
        ({"more_kind": np.full(40, 99)}, "more_kind must be in"),
        ({"true_patch": np.full(500, N)}, r"true_patch must be in \[0, 300\)"),
    ],
)
def test_damaged_files_are_refused(change: dict[str, Any], words: str) -> None:
    arrays = {**results().to_arrays(), **change}
    arrays = {name: values for name, values in arrays.items() if values is not None}
    with pytest.raises(ValueError, match=words):
        PlaceResults.from_arrays(arrays)
