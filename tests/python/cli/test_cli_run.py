"""``nanotilt run`` and ``nanotilt experiments`` as their users call them."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from nanotilt import experiments, sweeps
from nanotilt.cli import main
from nanotilt.sweeps import classification, sweep
from nanotilt.training import Watcher
from places import DOCS
from training_cases import press_ctrl_c

Captured = pytest.CaptureFixture[str]
TINY = ["--vary", "samples=8000", "--threads", "1"]


@pytest.fixture(autouse=True)
def few_test_samples(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(classification, "TEST_SAMPLES", {"quick": 400, "full": 500})
    monkeypatch.chdir(tmp_path)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "results.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_experiments_are_listed(capsys: Captured) -> None:
    assert main(["experiments"]) == 0
    text = capsys.readouterr().out
    for name in experiments.names():
        assert f"\n{name} " in f"\n{text}"
        assert experiments.by_name(name).question in text
    assert "paper: 87.0 %" in text
    assert "paper: no training succeeded" in text
    assert max(map(len, text.splitlines())) <= 120
    assert main(["experiments", "--json"]) == 0
    everything = json.loads(capsys.readouterr().out)
    listed = [entry for entry in everything if entry["kind"] == "classification"]
    assert [entry["name"] for entry in listed] == list(experiments.names("classification"))
    assert listed[1]["paper"]["accuracy"] == 0.87


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run"], "the following arguments are required: NAME"),
        (["run", "hole-sterio"], "there is no experiment 'hole-sterio'. Did you mean"),
        (["run", "hole", "--repeats", "0"], "repeats must be >= 1. Received: repeats=0"),
        (["run", "hole", "--vary", "noise"], "--vary must be NAME=VALUE,VALUE,"),
        (["run", "hole", "--vary", "noise=x"], "with numbers. Received: 'noise=x'"),
        (["run", "hole", "--vary", "nois=1"], "vary must name one of samples, width, noise"),
        (
            ["run", "hole", "--model", "slow"],
            'model must be "fast" or "paper" or "package.module:function"',
        ),
        (["run", "hole", "--threads", "0"], "n_threads must be >= 1"),
        (["run", "hole", "--seed", "-4"], "seed must be"),
    ],
)
def test_wrongly_asked(words: list[str], message: str, capsys: Captured) -> None:
    assert main(words) == 2
    assert message in capsys.readouterr().err
    assert not Path("runs").exists()


@pytest.mark.usefixtures("plain_runs")
def test_a_sweep_leaves_a_table_and_a_page_and_goes_on(capsys: Captured) -> None:
    command = ["run", "hole", *TINY, "--vary", "noise=0.001,0.1", "--seed", "4"]
    assert main(command) == 0
    text = capsys.readouterr().out
    assert "run 2 of 2: hole, samples 8000, noise 0.1, seed 4, about" in text
    assert "hole, noise 0.1, samples 8000: " in text
    assert "; the paper: 81.1 %" in text
    folder = Path("runs/hole-fast-quick")
    assert [row["variation:noise"] for row in rows(folder)] == ["0.001", "0.1"]
    assert {row["seed"] for row in rows(folder)} == {"4"}
    assert "81.1" in (folder / "report.html").read_text()
    described = json.loads((folder / "samples=8000,noise=0.1/seed4/training.json").read_text())
    assert described["experiment"]["variation"] == {"samples": 8000.0, "noise": 0.1}
    assert described["repeat"] == (
        "nanotilt run hole --model fast --budget quick --seed 4 "
        "--vary samples=8000.0 --vary noise=0.1"
    )
    # Once more, with a second seed: what is there is not done again.
    before = {path: path.read_bytes() for path in folder.rglob("metrics.json")}
    assert main([*command, "--repeats", "2"]) == 0
    assert "note: 2 of 4 runs are done already" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in before} == before
    assert sorted(row["seed"] for row in rows(folder)) == ["4", "4", "5", "5"]
    assert main(["run", "chirality", *TINY, "--out", str(folder)]) == 2
    assert "holds a run that is not one of chirality" in capsys.readouterr().err


@pytest.mark.usefixtures("plain_runs", "plain_overviews")
def test_ctrl_c_stops_a_sweep_which_goes_on_later(tmp_path: Path) -> None:
    class Stopper(Watcher):
        def stepped(self, step: Any) -> None:
            if step.epoch == 2:
                press_ctrl_c()

    options: dict[str, Any] = {
        "vary": {"samples": [8000]}, "n_threads": 1, "out": tmp_path / "out", "repeats": 2,
    }  # fmt: skip
    stopped = sweeps.run("hole", **options, watcher=Stopper())
    assert [sweep.is_finished(cell.folder) for cell in stopped.cells] == [False, False]
    first, second = (cell.folder for cell in stopped.cells)
    assert not second.exists()
    assert json.loads((first / "training.json").read_text())["status"] == "interrupted"
    done = sweeps.run("hole", **options)
    assert all(sweep.is_finished(cell.folder) for cell in done.cells)
    assert len(rows(tmp_path / "out")) == 2


@pytest.mark.usefixtures("plain_runs", "plain_overviews")
def test_a_run_from_another_experiments_network(tmp_path: Path) -> None:
    experiment = experiments.by_name("small-spiral-after-chirality")
    done = sweeps.run(
        experiment, vary={"samples": [8000], "width": [0.25]}, n_threads=1, out=tmp_path / "out"
    )
    described = json.loads((done.cells[1].folder / "training.json").read_text())
    assert described["start_from"] == (
        "../../pretraining/samples=8000,width=0.25/seed0/model.keras"
    )
    assert {row["experiment"] for row in rows(tmp_path / "out")} == {
        *("chirality", "small-spiral-after-chirality")
    }


def test_the_example_of_the_documentation_runs() -> None:
    page = DOCS / "experiments.md"
    (block,) = re.findall(r"```python\n(.*?)```", page.read_text(), flags=re.DOTALL)
    exec(block, {})
    assert len(rows(Path("runs/first-look"))) == 1
