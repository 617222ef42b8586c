"""What follows training: known before it where it can be known, and never the loss of what is done.

Network and scores stay whatever becomes of the report.
"""

from __future__ import annotations

import json
import shutil
import warnings
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt import experiments, sweeps, training
from nanotilt.cli import main, run_command
from nanotilt.limits.results import Accuracy, Limit, Point
from nanotilt.report import overview
from nanotilt.runs.configuration import Request
from nanotilt.runs.folder import RunFolder
from nanotilt.runs.orientation import OrientationRun
from nanotilt.runs.settings import Settings
from nanotilt.sweeps import sweep
from nanotilt.sweeps.progress import ResultsWriter
from nanotilt.training.methods import orientation_run
from nanotilt.training.rehearsal import check_room, rehearse
from overview_cases import write_run
from training_cases import SMALL, Recorder, small_recipe

Captured = pytest.CaptureFixture[str]

SETTINGS = Settings("fast", 3, 14, 16, 5, 300, 2100, 2, None, 7)
BRIEF: dict[str, Any] = {**SMALL, "epochs": 1, "test_samples": 300, "validation_samples": 100}

Disk = namedtuple("Disk", "total used free")


def fail(*_: Any, **__: Any) -> Any:
    raise ValueError("no\npicture today")


@contextmanager
def warned(words: str) -> Iterator[None]:
    """Somebody warns in these words; other warnings, of TensorFlow's, are none of ours."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        yield
    assert any(words in str(warning.message) for warning in told)


def status(folder: Path) -> tuple[str, dict[str, str]]:
    described = json.loads((folder / "training.json").read_text())
    return described["status"], described["failed"]


# ------------------------------------------------------------------------------- beforehand


def test_a_rehearsal_draws_labels_that_are_no_mathematics(tmp_path: Path) -> None:
    label = r"5 $ a piece, \frac{ $"
    usual = small_recipe()
    first, second = usual.classes.values()
    recipe = nt.Recipe({label: first, "孔": second}, usual.detector)
    rehearse(Request(recipe, "\N{WATER WAVE} $"), SETTINGS, 1000, RunFolder(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_rehearsal_finds_what_can_t_be_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nanotilt.report.drawing.draw_particle", fail)
    with pytest.raises(ValueError, match="picture today"):
        rehearse(Request(small_recipe(), "holes"), SETTINGS, 1000, RunFolder(tmp_path))


def test_too_little_room_is_known_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_room(tmp_path, 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Disk(2**40, 2**40 - 2**20, 2**20))
    with pytest.raises(OSError, match=r"has too little room: .* Received: 1 MB"):
        check_room(tmp_path, 1000)


def test_a_test_that_memory_can_t_hold_is_known_before(tmp_path: Path) -> None:
    watcher = Recorder()
    with pytest.raises(ValueError, match="test_samples must be small enough"):
        training.train(
            small_recipe(), **{**BRIEF, "test_samples": 2**40}, out=tmp_path / "run",
            watcher=watcher,
        )  # fmt: skip
    assert watcher.start is None
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["half \ud800", "two\nlines", "n" * 1001])
def test_names_of_runs_are_checked(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="name must be"):
        training.train(small_recipe(), **BRIEF, name=name, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("n_threads", [0, -5, 65537])
def test_threads_that_no_machine_has(n_threads: int) -> None:
    with pytest.raises(ValueError, match=f"n_threads must be .*{n_threads}"):
        training.Options(n_threads=n_threads)


# -------------------------------------------------------------------------------- afterwards


def test_what_fails_after_the_test_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    folder = tmp_path / "run"
    with monkeypatch.context() as patched:
        patched.setattr("nanotilt.report.page.report_page", fail)
        with warned("but its report failed: ValueError: no picture today"):
            result = training.train(small_recipe(), **BRIEF, out=folder)
    why = {"report": "ValueError: no picture today"}
    assert result.failed == why
    assert status(folder) == ("trained", why)
    names = {path.name for path in folder.iterdir()}
    assert {"model.keras", "metrics.json", "insight.json", "history.csv"} <= names
    assert "report.html" not in names
    assert overview.collect([folder]).classifications[0].accuracy == result.accuracy
    assert not sweep.is_finished(folder)

    with monkeypatch.context() as patched:  # the command line says so, and how to try again
        patched.setattr("nanotilt.cli.train_command.resume", lambda *_, **__: result)
        assert main(["train", "--resume", str(folder)]) == 1
    told = capsys.readouterr().out
    assert f"its report failed. To try again: nanotilt train --resume {folder}" in told
    assert "report.html" not in told

    with monkeypatch.context() as patched:  # now the report succeeds, but not what it tells of
        patched.setattr("nanotilt.training.run.examine", fail)
        with warned("but its insight failed"):
            again = training.resume(folder)
    assert again is not None
    assert status(folder) == ("trained", {"insight": "ValueError: no picture today"})
    assert (folder / "report.html").exists()

    last = training.resume(folder)
    assert last is not None
    assert last.failed == {}
    assert last.metrics.test == result.metrics.test
    assert last.history == result.history  # not one step was trained again
    assert status(folder) == ("finished", {})
    assert not list(folder.glob("checkpoint-*"))
    assert training.resume(folder) is None


def test_a_sweep_whose_runs_lack_a_report_says_so(tmp_path: Path, capsys: Captured) -> None:
    found = experiments.by_name("hole-stereo")
    plan = sweep.plan(found, "fast", "quick", 2, 0, {}, tmp_path / "out", 1)
    belongs = {"name": "hole-stereo", "budget": "quick", "variation": {}}
    for cell, reached in zip(plan.cells, ("finished", "trained"), strict=True):
        write_run(cell.folder, seed=cell.seed, experiment=belongs, status=reached)
    assert sweep.without_report(plan) == (plan.cells[1].folder,)
    assert run_command._say(plan) == 1
    told = capsys.readouterr().out
    assert "1 of 2 runs are trained and tested, but without a report" in told
    assert str(plan.cells[1].folder) in told
    assert "Stopped" not in told


def test_what_fails_between_training_and_scores_is_no_running_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nanotilt.training.throughput.measure", fail)
    with pytest.raises(ValueError, match="picture today"):
        training.train(small_recipe(), **BRIEF, out=tmp_path / "run")
    assert status(tmp_path / "run") == ("trained", {})
    assert (tmp_path / "run" / "model.keras").exists()
    (one,) = overview.collect([tmp_path]).unfinished
    assert "trained, but its test was cut off or failed" in one.why


def test_the_page_over_all_runs_may_fail_once(tmp_path: Path) -> None:
    class Notes(training.Watcher):
        told: tuple[str, ...] = ()

        def note(self, text: str) -> None:
            self.told += (text,)

    notes, fails = Notes(), [True, False, True]

    def write(out: Path) -> None:
        if fails.pop(0):
            fail()

    writer = ResultsWriter(tmp_path, write, notes)
    writer.write()
    with pytest.raises(RuntimeError, match=r"are kept, but the page over them failed: ValueError"):
        writer.check()
    writer.write()
    writer.check()  # a page after a later run holds the earlier ones, too
    writer.write()
    assert notes.told == ("the page over all runs failed: ValueError: no picture today",) * 2


def test_a_shape_that_can_t_be_put_together_costs_no_run(
    tiny: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = Path("out")
    with monkeypatch.context() as patched:
        patched.setattr(orientation_run, "_reconstruct", fail)
        with warned("but its reconstruction failed: ValueError"):
            sweeps.run("s-projection-ground-truth", n_threads=1, out=out)
    folder = out / "seed0"
    assert status(folder) == ("trained", {"reconstruction": "ValueError: no picture today"})
    (run,) = overview.collect([out]).of(OrientationRun)
    assert run.decibels == {}

    sweeps.run("s-projection-ground-truth", n_threads=1, out=out)  # now it succeeds
    assert status(folder) == ("finished", {})
    (again,) = overview.collect([out]).of(OrientationRun)
    assert set(again.decibels) == {"true", "predicted"}
    assert again.history == run.history  # not one step was trained again
    np.testing.assert_array_equal(again.predicted_rad, run.predicted_rad)
    assert not list(folder.glob("checkpoint-*"))


# ---------------------------------------------------------------------------- other commands


@pytest.fixture
def estimated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Takes the place of minutes of estimating a limit; remembers whether it was asked to."""
    asked: list[str] = []
    one = Accuracy(0.8, (0.7, 0.9))
    limit = Limit("0" * 64, 1, (Point(10, one), Point(100, one)), None, None, "", "", 10, 0, 1.0)

    def estimate(recipe: nt.Recipe, **_: Any) -> Limit:
        asked.append(recipe.digest)
        return limit

    # By name: `from nanotilt import limits` may give what stands for the module until it is loaded.
    monkeypatch.setattr("nanotilt.limits.estimate_limit", estimate)
    return asked


@pytest.mark.parametrize("option", ["--out", "--plot"])
def test_a_limit_that_could_not_be_written_is_not_estimated(
    option: str, tmp_path: Path, estimated: list[str], capsys: Captured
) -> None:
    (tmp_path / "folder.svg").mkdir()
    assert main(["limit", "chirality", option, str(tmp_path / "folder.svg")]) == 1
    assert "folder.svg can't be written: Is a directory" in capsys.readouterr().err
    assert estimated == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk is full here")
def test_one_output_that_fails_takes_away_no_other(
    tmp_path: Path, estimated: list[str], capsys: Captured
) -> None:
    command = ["limit", "chirality", "-o", "/dev/full", "--plot", str(tmp_path / "limit.svg")]
    assert main(command) == 1
    told = capsys.readouterr()
    assert "/dev/full can't be written: No space left on device" in told.err
    assert "80.00 %" in told.out
    assert "</svg>" in (tmp_path / "limit.svg").read_text()
    assert len(estimated) == 1


@pytest.mark.parametrize(
    "command",
    [["preview", "chirality", "-o"], ["report", ".", "-o"], ["report", ".", "--csv"],
     ["bench", "--json"]],
)  # fmt: skip
def test_folders_that_take_no_files(command: list[str], capsys: Captured, tmp_path: Path) -> None:
    path = tmp_path / "none" / "file.png"
    assert main([*command, str(path)]) in (1, 2)
    told = capsys.readouterr().err
    assert str(path) in told
    assert told.count("\n") == 1
