"""Files of orientation runs, of this release and of others: read, or refused by file and key."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from damage import JUNK, put, spoil
from nanotilt import experiments
from nanotilt.report import overview
from nanotilt.runs.folder import RunFolder
from nanotilt.runs.orientation import OrientationRun
from nanotilt.runs.orientation_configuration import (
    OrientationRequest,
    OrientationSettings,
    Spending,
    describe,
    read,
)
from nanotilt.tasks.orientation import OrientationTask
from places import KNOWN_ANSWERS


def classification_run(folder: Path) -> Path:
    shutil.copytree(KNOWN_ANSWERS / "runs" / "classification" / "hole", folder)
    return folder


def earlier_run(folder: Path) -> Path:
    """An orientation run of a release whose metrics.json told everything."""
    shutil.copytree(KNOWN_ANSWERS / "runs" / "orientation" / "square-curriculum", folder)
    return folder


def orientation_run(folder: Path) -> Path:
    """The same run as it would be written now."""
    earlier_run(folder)
    (before,) = overview.collect([folder]).of(OrientationRun)
    # The earlier run's own recipe is of a camera that a later build may no longer have.
    recipe = experiments.by_name("square-curriculum").recipe(15.0, "binary")
    settings = OrientationSettings(
        "paper", True, "curriculum", 15.0, 3, 1, Spending(64, 1, 0, 32, 64)
    )
    request = OrientationRequest(
        recipe, OrientationTask(4), settings, "square-curriculum", "quick",
        {"stereo_deg": 15.0},
    )  # fmt: skip
    metrics = {
        "scores": {name: dataclasses.asdict(one) for name, one in before.metrics.items()},
        "n_test": before.n_test, "trained": before.trained, "samples_seen": before.samples_seen,
        "resultant_length": None, "reconstruction_db": None, "timings_s": {"training": 15.0},
    }  # fmt: skip
    RunFolder(folder).write_json("metrics.json", metrics)
    RunFolder(folder).write("recipe.json", recipe.to_json())
    described = describe(request, "finished", "today", before.parameters)
    RunFolder(folder).write_json("training.json", described)
    return folder


def test_a_run_is_the_same_in_both_formats(tmp_path: Path) -> None:
    earlier_run(tmp_path / "a")
    orientation_run(tmp_path / "b")
    first, second = overview.collect([tmp_path]).of(OrientationRun)
    for name in ("experiment", "model", "budget", "variation", "seed", "stereo_deg", "symmetry",
                 "metrics", "parameters", "history", "trained"):  # fmt: skip
        assert getattr(first, name) == getattr(second, name), name
    assert first.configuration["repeat"] == second.configuration["repeat"]
    rows = list(csv.DictReader(io.StringIO(overview.to_csv([first, second]))))
    assert rows[0]["std_deg"] == rows[1]["std_deg"] == "22.3899"


@pytest.mark.parametrize("made", [earlier_run, orientation_run])
@pytest.mark.parametrize("how", [*JUNK, "a folder"])
@pytest.mark.parametrize("name", ["metrics.json", "history.csv", "predictions.npz",
                                  "curriculum.npz", "recipe.json"])  # fmt: skip
def test_damaged_files_of_orientation_runs(
    made: Callable[[Path], Path], name: str, how: str, tmp_path: Path
) -> None:
    run = made(tmp_path / "run")
    spoil(run / name, how)
    if name == "metrics.json" and how == "a folder" and made is earlier_run:
        with pytest.raises(overview.NoRunsError):  # nothing says that it is one
            overview.collect([run])
        return
    found = overview.collect([run])
    if (name.endswith(".npz") and how == "not UTF-8") or (name, how) == (
        "history.csv",
        "cut short",
    ):
        return  # an archive with a byte behind it is whole; of the line what is read may be there
    (one,) = found.unfinished
    assert name in one.why
    assert "\n" not in one.why
    assert overview.overview_page(found)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("std_deg", "small"), ("std_deg", float("nan")), ("symmetry", 0), ("symmetry", ...),
        ("within", {"0.5": 1.0}), ("within", [1]), ("trained", 1), ("variation", 3),
        ("reconstruction_db", [1]), ("versions", None), ("seed", 0.5),
    ],
)  # fmt: skip
def test_wrong_values_of_earlier_orientation_runs(place: str, value: Any, tmp_path: Path) -> None:
    run = earlier_run(tmp_path / "run")
    put(run / "metrics.json", place, value)
    (one,) = overview.collect([run]).unfinished
    assert re.search(rf"metrics\.json is damaged: {place}", one.why)


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("metrics.json", "scores.std_deg.value", "small"),
        ("metrics.json", "scores.std_deg", ...),
        ("metrics.json", "scores.within_1_deg.better", "sideways"),
        ("metrics.json", "trained", 1),
        ("metrics.json", "timings_s.training", "long"),
        ("metrics.json", "reconstruction_db", [1]),
        ("training.json", "task.symmetry", ...),
        ("training.json", "settings.stereo_deg", "some"),
        ("training.json", "settings.seed", 0.5),
        ("training.json", "model.trainable_parameters", None),
        ("training.json", "experiment", ...),
        ("training.json", "kind", "tracking"),
        ("training.json", "kind", 3),
    ],
)
def test_wrong_values_of_orientation_runs(
    name: str, place: str, value: Any, tmp_path: Path
) -> None:
    run = orientation_run(tmp_path / "run")
    put(run / name, place, value)
    (one,) = overview.collect([run]).unfinished
    assert name in one.why
    assert place.rpartition(".")[2] in one.why


@pytest.mark.parametrize("kind", [orientation_run, classification_run])
def test_a_newer_format_is_refused_by_name(kind: Callable[[Path], Path], tmp_path: Path) -> None:
    run = kind(tmp_path / "run")
    put(run / "training.json", "format", 3)
    (one,) = overview.collect([run]).unfinished
    assert "training.json is of format 3, which a later release of nanotilt wrote" in one.why


@pytest.mark.parametrize("kind", [orientation_run, classification_run])
def test_what_a_later_release_adds_does_no_harm(
    kind: Callable[[Path], Path], tmp_path: Path
) -> None:
    run = kind(tmp_path / "run")
    for name, place in (("training.json", "mood"), ("metrics.json", "mood")):
        put(run / name, place, "fine")
    if kind is classification_run:
        put(run / "insight.json", "mood", "fine")
    (one,) = overview.collect([run]).runs
    assert one.configuration["mood"] == "fine"


def test_a_camera_of_another_version_costs_pictures_only(tmp_path: Path) -> None:
    run = orientation_run(tmp_path / "run")
    put(run / "recipe.json", "camera.version", 99)
    (one,) = overview.collect([run]).of(OrientationRun)
    assert one.recipe is None
    assert "predicted against true angle" in overview.overview_page(overview.collect([run]))


def test_what_a_later_release_adds_is_kept_and_named(tmp_path: Path) -> None:
    run = orientation_run(tmp_path / "run")
    put(run / "training.json", "mood", "fine")
    put(run / "training.json", "settings.warmth", 3)
    with pytest.warns(
        UserWarning, match=r"does not know.*kept as they are: mood, settings\.warmth"
    ):
        request, _ = read(RunFolder(run))
    again = describe(request, "running", "today")
    assert again["mood"] == "fine"
    assert again["settings"]["warmth"] == 3


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("settings.spending.batch_size", 0),
        ("settings.spending", ...),
        ("settings.n_threads", -5),
        ("settings.model", "slow"),
        ("settings.stereo_deg", float("nan")),
        ("task.symmetry", 0),
        ("recipe.digest", None),
        ("kind", ...),
        ("status", "somehow"),
    ],
)
def test_a_run_that_is_to_go_on_with_a_wrong_value(place: str, value: Any, tmp_path: Path) -> None:
    run = orientation_run(tmp_path / "run")
    put(run / "training.json", place, value)
    with pytest.raises(ValueError, match=r"training\.json") as caught:
        read(RunFolder(run))
    assert place.rpartition(".")[2] in str(caught.value)
