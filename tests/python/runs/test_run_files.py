"""Damaged files of runs: each is refused in a line of words that names file and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from damage import JUNK, put, spoil, told_in_one_line
from nanotilt import experiments
from nanotilt.cli import main
from nanotilt.report import overview
from nanotilt.runs import configuration
from nanotilt.runs.configuration import Request
from nanotilt.runs.folder import RunFolder
from nanotilt.runs.published import Published
from nanotilt.runs.records import EpochRecord, Try
from nanotilt.runs.settings import Settings
from nanotilt.sweeps import sweep
from nanotilt.training import start
from training_cases import small_recipe

Captured = pytest.CaptureFixture[str]


def unfinished(folder: Path) -> Path:
    """A run that was stopped before its first epoch was complete, as its files tell."""
    folder.mkdir(parents=True)
    recipe = small_recipe()
    request = Request(
        recipe, "holes", "nanotilt train holes", paper=Published(0.8, "a paper"), budget="quick",
        experiment={"name": "hole-stereo", "budget": "quick", "variation": {"noise": 0.1}},
    )  # fmt: skip
    settings = Settings("fast", 3, 14, 16, 5, 300, 2100, 2, None, 7)
    described = configuration.describe(request, settings, 1234, "running", "today")
    RunFolder(folder).write_json("training.json", described)
    RunFolder(folder).write("recipe.json", recipe.to_json())
    return folder


@pytest.fixture(autouse=True)
def _no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it is refused before TensorFlow is even loaded."""

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("training began")

    monkeypatch.setattr("nanotilt._base.backend.load", never)


def test_a_run_with_sound_files_would_go_on(tmp_path: Path) -> None:
    run = unfinished(tmp_path / "run")
    request, settings, _ = configuration.read(RunFolder(run))
    assert (request.recipe, settings.n_threads) == (small_recipe(), 2)
    with pytest.raises(AssertionError, match="training began"):
        start.resume(run)


@pytest.mark.parametrize("how", [*JUNK, "a folder"])
@pytest.mark.parametrize("name", ["training.json", "recipe.json"])
def test_resuming_from_damaged_files(name: str, how: str, tmp_path: Path, capsys: Captured) -> None:
    run = unfinished(tmp_path / "run")
    spoil(run / name, how)
    code = main(["train", "--resume", str(run)])
    told_in_one_line(capsys, name)
    assert code == (2 if how == "a folder" else 1)  # as if it was not there


WRONG: list[tuple[str, Any]] = [
    ("format", 99),
    ("settings", ...),
    ("settings", [1]),
    ("settings.n_threads", -5),
    ("settings.n_threads", 10**9),
    ("settings.n_threads", [2]),
    ("settings.epochs", "many"),
    ("settings.epochs", 0),
    ("settings.epochs", None),
    ("settings.batch_size", 2.5),
    ("settings.steps_per_epoch", True),
    ("settings.steps_per_execution", 3),
    ("settings.validation_samples", float("nan")),
    ("settings.seed", -1),
    ("settings.seed", 2**64),
    ("settings.model", "slow"),
    ("settings.patience", 0),
    ("status", "somehow"),
    ("status", []),
    ("started", 5),
    ("versions", {"numpy": 2}),
    ("recipe", "holes"),
    ("recipe.name", 3),
    ("recipe.digest", None),
    ("command", ["nanotilt"]),
    ("task", {"questions": []}),
    ("network", [1]),
    ("budget", "huge"),
    ("start_from", 7),
    ("paper.accuracy", "high"),
    ("experiment", "hole"),
    ("experiment.variation", {"noise": "loud"}),
    ("experiment.name", ...),
]


@pytest.mark.parametrize(("place", "value"), WRONG)
def test_resuming_from_a_training_json_with_a_wrong_value(
    place: str, value: Any, tmp_path: Path, capsys: Captured
) -> None:
    run = unfinished(tmp_path / "run")
    put(run / "training.json", place, value)
    assert main(["train", "--resume", str(run)]) == 1
    told_in_one_line(capsys, "training.json", place.rpartition(".")[2])
    with pytest.raises(ValueError, match=r"training\.json"):
        start.resume(run)


def test_what_a_later_release_adds_is_kept_and_named(tmp_path: Path) -> None:
    run = unfinished(tmp_path / "run")
    put(run / "training.json", "mood", "fine")
    put(run / "training.json", "settings.warmth", 3)
    put(run / "training.json", "task", ...)  # which takes its default
    with pytest.warns(
        UserWarning, match=r"does not know.*kept as they are: mood, settings\.warmth"
    ):
        request, settings, _ = configuration.read(RunFolder(run))
    again = configuration.describe(request, settings, 1234, "running", "today")
    assert (again["mood"], again["settings"]["warmth"], again["task"]) == ("fine", 3, None)


def test_train_does_not_resume_an_orientation_run(tmp_path: Path, capsys: Captured) -> None:
    run = unfinished(tmp_path / "run")
    put(run / "training.json", "kind", "orientation")
    put(run / "training.json", "repeat", "nanotilt run square-label-free")
    assert main(["train", "--resume", str(run)]) == 1
    told_in_one_line(capsys, "training.json", "kind", "`nanotilt run square-label-free` goes on")


@pytest.mark.parametrize("how", ["cut short", "settings.n_threads", "model"])
def test_a_sweep_refuses_damaged_runs_before_it_trains(
    how: str, tmp_path: Path, capsys: Captured
) -> None:
    plan = sweep.plan(
        experiments.by_name("hole-stereo"), "fast", "quick", 1, 0, {}, tmp_path / "out", 1
    )
    run = unfinished(plan.cells[0].folder)
    path = run / "training.json"
    spoil(path, how) if how in JUNK else put(path, how, -5)
    command = ["run", "hole-stereo", "--out", str(tmp_path / "out")]
    assert main(command) == 1
    told_in_one_line(capsys, "training.json", "" if how in JUNK else how.rpartition(".")[2])


# ------------------------------------------------------------------------------ checkpoints


def test_damaged_checkpoints(tmp_path: Path) -> None:
    import keras

    from nanotilt.training import checkpoint
    from nanotilt.training.checkpoint import Checkpoint

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    record = EpochRecord(1, 10, float("nan"), 0.5, 0.7, 0.5, 1.0, 10.0, 0.001)
    failed = (Try(0, 1, float("nan"), 0.5, False),)
    folder = RunFolder.create(tmp_path / "run")
    saved = Checkpoint(model, (record,), None, {"training": 1.0}, failed)

    def fresh() -> Path:
        checkpoint.save(folder, saved)
        return folder.path / "checkpoint-epoch-0001"

    fresh()
    loaded = checkpoint.load_latest(folder)
    assert loaded is not None
    assert (loaded.history[0].epoch, np.isnan(loaded.history[0].loss)) == (1, True)
    for name in ("state.json", "arrays.npz", "model.keras"):
        for how in ("empty", "cut short", "binary", "a folder"):
            spoil(fresh() / name, how)
            with pytest.raises(ValueError, match=r"checkpoint-epoch-0001 is damaged") as caught:
                checkpoint.load_latest(folder)
            assert "\n" not in str(caught.value)
    for place, value in (
        ("history", []), ("history", 3), ("history.0.loss", "low"), ("seconds", [1]),
        ("best", 4), ("failed", [{}]),
    ):  # fmt: skip
        put(fresh() / "state.json", place, value)
        with pytest.raises(ValueError, match=place.rpartition(".")[2]):
            checkpoint.load_latest(folder)


def test_status_of_runs_without_scores(tmp_path: Path) -> None:
    run = unfinished(tmp_path / "run")
    assert not sweep.is_finished(run)
    put(run / "training.json", "status", "trained")
    (one,) = overview.collect([run]).unfinished
    assert one.why == "it is trained, but its test was cut off or failed: no metrics.json"
