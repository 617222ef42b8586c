"""Damaged files where runs are read: pages over many runs, and benchmarks."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from damage import JUNK, put, spoil, told_in_one_line
from nanotilt.cli import main
from nanotilt.report import overview
from overview_cases import HISTORY, an_insight, write_run

Captured = pytest.CaptureFixture[str]

# ------------------------------------------------------------------------ the page over all runs


@pytest.mark.parametrize("how", [*JUNK, "a folder"])
@pytest.mark.parametrize(
    "name", ["training.json", "recipe.json", "history.csv", "metrics.json", "insight.json"]
)
def test_the_page_over_runs_with_a_damaged_file(
    name: str, how: str, tmp_path: Path, capsys: Captured
) -> None:
    run = write_run(tmp_path / "run", insight=an_insight(0.9))
    spoil(run / name, how)
    if name == "training.json" and how == "a folder":  # then there is no run
        assert main(["report", str(run), "-o", str(tmp_path / "page.html")]) == 2
        return
    if name == "history.csv" and how == "cut short":
        return  # a history of fewer epochs; where a line is cut, see below
    (one,) = overview.collect([run]).unfinished
    assert name in one.why
    assert "\n" not in one.why
    assert main(["report", str(run), "-o", str(tmp_path / "page.html")]) == 1
    told = capsys.readouterr().err
    assert f"note: not counted: {run}: {run / name}" in told
    assert name in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("training.json", "status", 3),
        ("training.json", "recipe.name", ["x"]),
        ("training.json", "model", "fast"),
        ("training.json", "model.trainable_parameters", "many"),
        ("training.json", "settings.seed", [0]),
        ("training.json", "versions", "all"),
        ("training.json", "experiment", [1]),
        ("metrics.json", "test.accuracy", [0.9]),
        ("metrics.json", "test.accuracy", float("nan")),
        ("metrics.json", "test.interval_95", [0.9]),
        ("metrics.json", "test.interval_95", 0.9),
        ("metrics.json", "test.loss", ...),
        ("metrics.json", "test", []),
        ("metrics.json", "chance", "half"),
        ("metrics.json", "paper.accuracy", None),
        ("metrics.json", "timings_s.training", "long"),
        ("metrics.json", "timings_s", [1.0]),
        ("metrics.json", "tries", [{"seed": 1}]),
        ("metrics.json", "tries", 3),
        ("metrics.json", "questions", [{"name": 1}]),
        ("metrics.json", "questions", "all"),
        ("insight.json", "n_samples", -0.5),
        ("insight.json", "format", []),
        ("insight.json", "questions.0.controls.0.right.accuracy", "all"),
        ("recipe.json", "classes.0.outline.roughness", -1),
    ],
)
def test_the_page_over_runs_with_a_wrong_value(
    name: str, place: str, value: Any, tmp_path: Path
) -> None:
    run = write_run(tmp_path / "run", insight=an_insight(0.9))
    put(run / name, place, value)
    (one,) = overview.collect([run]).unfinished
    assert one.why.startswith(f"{run / name} is damaged: ")
    assert place.rpartition(".")[2] in one.why


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("3,2000", "loss in line 4 must be a number. Received: loss=None"),
        ("3,x,0.6,0.7,0.5,0.8,2,500,0.001", "samples_seen in line 4 must be an integer"),
        ("3,9,0.6,nan,0.5,0.8,2,500,0.001", "accuracy in line 4 must be finite"),
    ],
)
def test_a_damaged_line_of_a_history(line: str, words: str, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    (run / "history.csv").write_text(f"{HISTORY}{line}\n")
    (one,) = overview.collect([run]).unfinished
    assert one.why.startswith(f"{run / 'history.csv'} is damaged: {words}")


def test_a_network_that_went_astray_has_a_history_all_the_same(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    (run / "history.csv").write_text(f"{HISTORY}3,3000,nan,0.5,nan,0.5,2,500,0.001\n")
    put(run / "metrics.json", "test.loss", float("nan"))
    tried = {"seed": 1, "epochs": 3, "best_val_loss": float("nan"), "best_val_accuracy": 0.5,
             "trained": False}  # fmt: skip
    put(run / "metrics.json", "tries", [tried])
    (one,) = overview.collect([run]).classifications
    assert np.isnan([one.history[-1].val_loss, one.loss, one.tries[0].best_val_loss]).all()
    assert "<svg" in overview.overview_page(overview.collect([run]))


# -------------------------------------------------------------------------------- benchmarks


@pytest.mark.parametrize("how", [*JUNK, "a folder"])
def test_damaged_records_of_benchmarks(how: str, tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "bench.json"
    path.write_text('{"format": 1, "date": "today"}')
    spoil(path, how)
    assert main(["bench", "--compare", str(path)]) == 2
    told_in_one_line(capsys, "bench.json")


def test_the_package_s_own_figures_are_read_by_the_same_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = importlib.import_module("nanotilt.limits.measured")
    value = json.loads(measured.FILE.read_text())
    next(iter(value.values()))["seconds"] = "long"
    spoilt = tmp_path / "measured.json"
    spoilt.write_text(json.dumps(value))
    monkeypatch.setattr(measured, "FILE", spoilt)
    measured._by_digest.cache_clear()
    try:
        with pytest.raises(ValueError, match=r"measured\.json is damaged: seconds must be a real"):
            measured.measured(nt.recipes.chirality())
    finally:
        measured._by_digest.cache_clear()
