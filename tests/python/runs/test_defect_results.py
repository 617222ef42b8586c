"""Scores of patches by kind of defect and electrons counted: tables, files, what is refused."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest

from nanotilt.runs.lattices.results import ALL, FEWEST, PERFECT, DefectResults
from nanotilt.scenes.lattice_terms import DEFECTS
from nanotilt.tasks import ranking

N = 4000


def results(counts: Any = None) -> DefectResults:
    rng = np.random.default_rng(7)
    kind = rng.choice([PERFECT, 1, 3], N, p=[0.5, 0.25, 0.25])
    counts = 2.0 ** rng.uniform(1, 9, N) if counts is None else np.full(N, counts)
    good = rng.normal(size=N) + (kind == 3) * np.log2(counts) / 3
    return DefectResults(kind, counts, {"good": good, "none": rng.normal(size=N)})


def test_levels_are_the_next_powers_of_two() -> None:
    found = results()
    assert found.levels == tuple(2.0**k for k in range(1, 10))
    assert (np.abs(np.log2(found.level / found.counts)) <= 0.5).all()
    assert results(30.0).levels == (30.0,)
    assert np.isnan(results(np.nan).levels).all()


def test_rows_are_of_one_kind_against_all_that_is_perfect() -> None:
    found = results()
    row = found.row("good", 64.0, DEFECTS[3])
    assert row is not None
    here = found.level == 64
    perfect, flawed = here & (found.kind == PERFECT), here & (found.kind == 3)
    assert (row.n_perfect, row.n_defect) == (perfect.sum(), flawed.sum())
    values = found.scores["good"]
    assert row.auc == ranking.auc(values[perfect], values[flawed])
    assert row.precision == ranking.precision(values[perfect], values[flawed])
    invisible = found.row("good", 64.0, DEFECTS[1])
    assert invisible is not None
    assert abs(invisible.auc.value - 0.5) < 4 * (invisible.auc.standard_error or 0)


def test_too_few_patches_tell_nothing() -> None:
    n = 2 * FEWEST
    kind = np.array([PERFECT] * n + [2] * (FEWEST - 1))
    few = DefectResults(kind, np.full(len(kind), 8.0), {"one": np.arange(len(kind), dtype=float)})
    assert few.row("one", 8.0) is None
    assert list(few.rows()) == []


def test_the_best_score_comes_first() -> None:
    assert results().best == "good"
    assert list(results().overall()) == ["good", "none"]


def test_the_table_holds_every_score_level_and_kind() -> None:
    found = results()
    lines = list(csv.DictReader(io.StringIO(found.to_csv())))
    assert len(lines) == 2 * 9 * 3
    assert {line["kind"] for line in lines} == {ALL, DEFECTS[1], DEFECTS[3]}
    row = found.row("good", 256.0, DEFECTS[3])
    assert row is not None
    (line,) = (
        one
        for one in lines
        if (one["score"], one["kind"], one["counts"]) == ("good", DEFECTS[3], "256.0")
    )
    assert float(line["auc"]) == pytest.approx(row.auc.value, rel=1e-5)
    assert float(line["auc_error"]) == pytest.approx(row.auc.standard_error, rel=1e-4)


def test_what_is_written_is_read() -> None:
    found = results()
    again = DefectResults.from_arrays(found.to_arrays())
    assert again.to_csv() == found.to_csv()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": None}, "kind is missing"),
        ({"counts": np.zeros(3)}, r"counts must be \(4000,\)"),
        ({"score_good": np.zeros(3)}, r"good must be \(4000,\)"),
        ({"kind": np.full(N, len(DEFECTS))}, "kind must be in"),
    ],
)
def test_refused(change: dict[str, Any], words: str) -> None:
    arrays = {**results().to_arrays(), **change}
    with pytest.raises(ValueError, match=words):
        DefectResults.from_arrays({k: v for k, v in arrays.items() if v is not None})
