"""The user's own networks in the papers' experiments: swept and resumed as nanotilt's are."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import keras
import pytest

import nanotilt as nt
from nanotilt import experiments, sweeps
from nanotilt.cli import main
from nanotilt.sweeps import classification, sweep
from training_cases import Recorder, press_ctrl_c, same_weights

NAME = "own_module_of_tests:build"
TINY = ["--model", NAME, "--vary", "samples=8000", "--threads", "1"]
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def few_test_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classification, "TEST_SAMPLES", {"quick": 400, "full": 500})


def network(n_outputs: int) -> Any:
    """A function that builds a small network of so many outputs, for any recipe."""

    def inner(recipe: nt.Recipe) -> keras.Model:
        shape = (recipe.n_views, *recipe.view_shape)
        flat = [keras.Input(shape), keras.layers.Flatten()]
        return keras.Sequential([*flat, keras.layers.Dense(n_outputs)])

    return inner


@pytest.mark.usefixtures("plain_runs")
def test_a_sweep_leaves_what_sweeps_leave_and_goes_on(own_module: Path, capsys: Captured) -> None:
    command = ["run", "hole", *TINY, "--vary", "noise=0.001,0.1", "--seed", "4"]
    assert main(command) == 0
    assert "hole, noise 0.1, samples 8000: " in capsys.readouterr().out
    folder = own_module / "runs/hole-build-quick"
    with (folder / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["variation:noise"] for row in rows] == ["0.001", "0.1"]
    assert {row["model"] for row in rows} == {NAME}
    page = (folder / "report.html").read_text()
    assert NAME in page
    assert "81.1" in page  # the paper's accuracy
    run = folder / "samples=8000,noise=0.1/seed4"
    assert json.loads((run / "training.json").read_text())["repeat"] == (
        f"nanotilt run hole --model {NAME} --budget quick --seed 4 "
        "--vary samples=8000.0 --vary noise=0.1"
    )
    before = {path: path.read_bytes() for path in folder.rglob("metrics.json")}
    assert main([*command, "--repeats", "2"]) == 0
    assert "note: 2 of 4 runs are done already" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in before} == before
    assert len(list(folder.rglob("metrics.json"))) == 4
    assert main(["run", "hole", "--out", str(folder), "--threads", "1"]) == 2
    assert "is not one of hole with the fast network" in capsys.readouterr().err


@pytest.mark.usefixtures("plain_runs", "plain_overviews")
def test_a_stopped_sweep_goes_on_to_the_bit(tmp_path: Path) -> None:
    """Of a function that is handed in, without a name to import it by."""
    options: dict[str, Any] = {
        "model": network(2), "vary": {"samples": [8000]}, "n_threads": 1,
    }  # fmt: skip
    whole = sweeps.run("chirality", **options, out=tmp_path / "whole")
    stopper = Recorder(at=(2, 1), act=press_ctrl_c)
    stopped = sweeps.run("chirality", **options, out=tmp_path / "a", watcher=stopper)
    (cell,) = stopped.cells
    assert not sweep.is_finished(cell.folder)
    sweeps.run("chirality", **options, out=tmp_path / "a")
    assert sweep.is_finished(cell.folder)
    assert same_weights(nt.load(cell.folder), nt.load(whole.cells[0].folder))


@pytest.mark.usefixtures("plain_runs", "plain_overviews")
@pytest.mark.parametrize(
    ("name", "n_outputs", "loss"),
    [("small-spiral", 2, "sparse_categorical_crossentropy"), ("dual-fading", 4, "task_loss")],
)
def test_an_output_for_each_answer_and_the_loss_of_the_task(
    name: str, n_outputs: int, loss: str, tmp_path: Path
) -> None:
    done = sweeps.run(
        name, model=network(n_outputs), vary={"samples": [8000]}, n_threads=1, out=tmp_path / "out"
    )
    (cell,) = done.cells
    metrics = json.loads((cell.folder / "metrics.json").read_text())
    task = experiments.by_name(name).asked()
    assert tuple(metrics["class_names"]) == task.output_names  # type: ignore[union-attr]
    model = nt.load(cell.folder)
    assert model.loss.name == loss
    assert model.loss.get_config()["from_logits"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["square-label-free"], "it asks for orientation, and networks of your own classify"),
        (["field-dose"], "it asks for segmentation, and networks of your own classify"),
        (["dual-pretrained"], "starts from the weights of a network that was trained on chirality"),
        (["hole-same-view"], "it is about an option of nanotilt's networks, first_view_only=True"),
        (["hole", "--vary", "width=2"], "width can't be varied with a network of your own"),
    ],
)
def test_where_none_can_be_taken(
    words: list[str],
    message: str,
    capsys: Captured,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)  # where the tests are started there may be runs
    assert main(["run", *words, "--model", NAME]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert f"Received: model='{NAME}'" in error
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("name", "experiment", "message"),
    [
        ("no_such_module_anywhere:build", "hole", "No module named 'no_such_module_anywhere'"),
        ("own_module_of_tests:bild", "hole", "own_module_of_tests has no bild"),
        ("own_module_of_tests:shadowed", "hole", "raised LookupError: no weather today"),
        ("own_module_of_tests:number", "hole", "must return a keras.Model"),
        (NAME, "small-spiral", "a value for each of clockwise, other. Received: shape (64, 3)"),
    ],
)
def test_what_does_not_fit_is_known_before_any_folder_is_made(
    name: str, experiment: str, message: str, own_module: Path, capsys: Captured
) -> None:
    assert main(["run", experiment, "--model", name, "--threads", "1"]) in (1, 2)
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error
    assert not (own_module / "runs").exists()


def test_most_experiments_that_classify_take_one() -> None:
    from nanotilt.sweeps import own

    found = [experiments.by_name(name) for name in experiments.names("classification")]
    refused = set()
    for experiment in found:
        try:
            own.check_taken(experiment, NAME, ())
        except ValueError:
            refused.add(experiment.name)
    assert refused == {
        *("hole-same-view", "small-hole-same-view", "chirality-same-view"),
        *("hole-stereo-early", "chirality-early"),
        *(one.name for one in found if one.pretrained_on is not None),
    }
    assert len(refused) < len(found) / 2
