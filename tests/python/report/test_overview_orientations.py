"""Overviews of runs that tell orientations, by themselves and beside those that classify."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from damage import put
from nanotilt import sweeps
from nanotilt.report import overview
from nanotilt.runs.orientation import OrientationRun
from nanotilt.sweeps.sweep import RESULTS, is_finished
from overview_cases import an_insight, write_run
from places import KNOWN_ANSWERS
from report_cases import checked_overview

EARLIER = KNOWN_ANSWERS / "runs"
SQUARES = EARLIER / "orientation" / "square-curriculum"


def squares(folder: Path, seed: int, std_deg: float, **variation: float) -> Path:
    """A run on squares with these values; its predictions stay those of the pinned run."""
    shutil.copytree(SQUARES, folder)
    for place, value in (
        ("seed", seed), ("std_deg", std_deg), ("trained", std_deg < 5), ("variation", variation),
        ("stereo_deg", variation.get("stereo_deg", 10.0)),
    ):  # fmt: skip
        put(folder / "metrics.json", place, value)
    return folder


def test_groups_and_what_counts(tmp_path: Path) -> None:
    for seed, std in enumerate((0.4, 23.0, 0.6)):
        squares(tmp_path / f"plain{seed}", seed, std)
    squares(tmp_path / "wide", 0, 20.0, stereo_deg=35.0, binary=0.0, paper_network=1.0)
    squares(tmp_path / "few", 0, 20.0, samples=640.0)
    (one,) = overview.orientations_by_experiment(overview.collect([tmp_path]).runs)
    plain, wide, few = one.groups
    assert [len(group.runs) for group in one.groups] == [3, 1, 1]
    assert [run.seed for run in plain.trained] == [0, 2]
    assert plain.std().n == 2
    assert plain.std().mean == pytest.approx(0.5)
    assert plain.std().std == pytest.approx(np.std([0.4, 0.6], ddof=1))
    assert few.counted == few.runs  # none trained: all count
    assert [group.varied for group in one.groups] == [
        "10 deg", "35 deg, anti-aliased pixels, the paper's network", "10 deg, 640 pairs",
    ]  # fmt: skip
    assert wide.name == "paper, quick"
    assert one.reference.question.startswith("Can a network do without labels")


def test_one_page_and_one_table_for_runs_of_both_kinds(tmp_path: Path) -> None:
    shutil.copytree(EARLIER, tmp_path / "runs")
    write_run(tmp_path / "runs" / "more", 0.9, insight=an_insight(0.9))
    squares(tmp_path / "runs" / "other", 4, 0.4, stereo_deg=5.0)
    found = overview.collect([tmp_path / "runs"])
    assert found.unfinished == ()
    text = overview.overview_page(found, out=tmp_path / "page.html")
    page = checked_overview(text)
    sections = [value for value in page.values("id") if value.startswith(("exp", "ori"))]
    assert sections == ["orientations", "experiment-0", "experiment-1", "orientation-0",
                        "orientation-1"]  # fmt: skip
    for words in (
        "orientations: 1 of 3 runs trained",
        "the paper, 15 deg", "83.87 %", "All of the paper&#x27;s rows",
        "The curriculum's map", "filtered back-projection", "Sinograms",
        "Standard deviation of the error against the stereo angle",
        "The paper&#x27;s way without labels",
    ):  # fmt: skip
        assert words in text, words

    rows = list(csv.DictReader(io.StringIO(overview.to_csv(found.runs))))
    assert [row["experiment"] for row in rows] == [
        "hole", "chirality", "square-curriculum", "s-reconstruction", "square-curriculum",
    ]  # fmt: skip
    assert [row["stereo_deg"] for row in rows] == ["", "", "5", "10", "15"]
    assert [bool(row["accuracy"]) for row in rows] == [True, True, False, False, False]
    assert rows[3]["db_by_recovered_angles"] == "20.695"


def test_the_table_of_orientation_runs_alone_is_what_it_was() -> None:
    (head, *_) = overview.to_csv(overview.collect([EARLIER / "orientation"]).runs).splitlines()
    assert head == (
        "experiment,model,budget,stereo_deg,samples,binary,paper_network,seed,trained,"
        "within_0.5_deg,within_1_deg,within_2_deg,within_3_deg,mean_deg,std_deg,mean_absolute_deg,"
        "mean_deg_offset_at_zero,n_test,db_by_true_angles,db_by_predicted_angles,"
        "db_by_recovered_angles,resultant_length,samples_seen,seconds,parameters,folder"
    )


def test_scores_come_with_what_they_are_to_be_compared_with() -> None:
    found = overview.collect([EARLIER])
    for run in found.runs:
        first = next(iter(run.scores.values()))
        assert first.value == (
            run.std_deg if isinstance(run, OrientationRun) else found.classifications[0].accuracy
        )
    accuracy = found.classifications[0].scores["class"]
    assert (accuracy.better, accuracy.chance, accuracy.unit) == ("higher", 0.5, "")


@pytest.mark.filterwarnings("error")
def test_a_sweep_takes_earlier_orientation_runs_as_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("training began")

    monkeypatch.setattr("nanotilt.training.methods.orientation_run.begin", never)
    monkeypatch.setattr("nanotilt._base.backend.load", lambda n_threads: None)
    place = tmp_path / "out" / "stereo_deg=15" / "seed3"
    shutil.copytree(SQUARES, place)
    options: dict[str, Any] = {"model": "paper", "seed": 3, "n_threads": 1, "out": tmp_path / "out"}
    done = sweeps.run("square-curriculum", vary={"stereo_deg": [15]}, **options)
    assert [cell.folder for cell in done.cells] == [place]
    assert is_finished(place)
    rows = list(csv.DictReader((tmp_path / "out" / RESULTS).read_text().splitlines()))
    assert rows[0]["std_deg"] == "22.3899"
    with pytest.raises(FileExistsError, match="not one of square-u-net with the paper network"):
        sweeps.run("square-u-net", **options)
