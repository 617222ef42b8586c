"""The orientation experiments: what they are, what they train on, what their runs leave."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nanotilt import experiments, sweeps
from nanotilt.cli import main
from nanotilt.experiments.experiment import WITHOUT_LABELS
from nanotilt.experiments.laurie_2024 import PAPER_ROWS, paper_row
from nanotilt.report import overview
from nanotilt.runs.orientation import OrientationRun
from nanotilt.sweeps import sweep
from nanotilt.training.methods import spending
from orientation_cases import rows, settings_of
from places import DOCS

NAMES = experiments.names("orientation")
Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize("name", NAMES)
def test_recipes_are_pairs_a_stereo_angle_apart(name: str) -> None:
    experiment = experiments.by_name(name)
    for antialias in ("exact", "binary"):
        batch = experiment.recipe(15.0, antialias).sample(seed=1, count=50)
        step = np.angle(np.exp(1j * (batch.angle_rad[:, 1] - batch.angle_rad[:, 0])))
        np.testing.assert_allclose(np.rad2deg(step), 15, atol=1e-3)


def test_no_two_orientations_of_the_t_project_alike() -> None:
    batch = experiments.by_name("t-projection-ground-truth").recipe(20.0).sample(seed=1, count=500)
    assert np.abs(np.angle(np.exp(1j * batch.angle_rad))).max() <= np.pi / 2 + 1e-5


def test_the_papers_table() -> None:
    assert [row.stereo_deg for row in PAPER_ROWS] == [3, 4, 5, 10, 15, 20, 35]
    assert all(list(row.within) == sorted(row.within) for row in PAPER_ROWS)
    assert paper_row(10.0) == PAPER_ROWS[3]
    assert paper_row(11.0) is None


def test_they_are_listed_under_their_own_heading(capsys: Captured) -> None:
    assert main(["experiments"]) == 0
    text = capsys.readouterr().out
    _, _, below = text.partition("Orientations from stereo pairs (Laurie 2024")
    for name in NAMES:
        assert f"\n{name} " in below
        assert experiments.by_name(name).question in below
    assert max(map(len, text.splitlines())) <= 120
    assert main(["experiments", "--json"]) == 0
    listed = [e for e in json.loads(capsys.readouterr().out) if e["kind"] == "orientation"]
    assert [entry["name"] for entry in listed] == list(NAMES)
    assert {entry["symmetry"] for entry in listed} == {1, 4}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["square-label-fre"], "no experiment 'square-label-fre'. Did you mean 'square-label-free"),
        (
            ["square-u-net", "--vary", "noise=1"],
            "one of stereo_deg, samples, binary, paper_network. Received: vary='noise",
        ),
        (
            ["square-curriculum", "--vary", "stereo_deg=10,90"],
            "vary['stereo_deg'] must not be a multiple of 360 / symmetry = 90 degrees: both views",
        ),
        (["square-u-net", "--vary", "samples=3"], "vary['samples'] must be a whole number >= 64"),
        (["square-u-net", "--vary", "samples=99.5"], "Received: vary['samples']=99.5"),
        (["square-u-net", "--vary", "binary=2"], "must be 0 or 1. Received: vary['binary']=2"),
        (["square-u-net", "--vary", "stereo_deg=5,5"], "must have different values"),
        (["square-u-net", "--repeats", "0"], "repeats must be >= 1. Received: repeats=0"),
        (["square-u-net", "--seed", "-1"], "seed must be in"),
        (["square-u-net", "--threads", "0"], "n_threads must be >= 1"),
    ],
)
def test_wrongly_asked(words: list[str], message: str, capsys: Captured) -> None:
    assert main(["run", *words]) == 2
    assert message in capsys.readouterr().err


def test_the_plan() -> None:
    experiment = experiments.by_name("square-label-free")
    planned = sweep.plan(experiment, "paper", "full", None, 3, {"stereo_deg": [5, 35]}, None, 1)
    assert planned.out == Path("runs/square-label-free-paper-full")
    assert [(cell.variation["stereo_deg"], cell.seed) for cell in planned.cells] == [
        (angle, seed) for angle in (5, 35) for seed in (3, 4, 5)
    ]
    assert planned.cells[3].folder == planned.out / "stereo_deg=35" / "seed3"
    assert spending.spending("fast", "quick", 7000).fresh_pairs == 7000
    assert spending.spending("paper", "quick", 7000).fixed_pairs == 7000
    assert spending.spending("fast", "quick", 64).fixed_pairs == 64


@pytest.mark.usefixtures("tiny")
def test_a_run_leaves_its_files_and_is_not_done_again(capsys: Captured) -> None:
    command = ["run", "square-label-free", "--threads", "1", "--seed", "4"]
    assert main(command) == 0
    text = capsys.readouterr().out
    assert "fresh stereo pairs, epoch 2/2: loss " in text
    assert "square-label-free, 10 deg: std of the error " in text
    folder = Path("runs/square-label-free-fast-quick")
    run = folder / "seed4"
    assert {path.name for path in run.iterdir()} == {
        *("metrics.json", "history.csv", "model.keras", "predictions.npz", "recipe.json"),
        "training.json",
    }
    described = json.loads((run / "training.json").read_text())
    assert described["status"] == "finished"
    assert described["settings"]["stereo_deg"] == 10.0
    assert described["repeat"] == (
        "nanotilt run square-label-free --model fast --budget quick --seed 4"
    )
    metrics = json.loads((run / "metrics.json").read_text())
    std, share = (metrics["scores"][name] for name in ("std_deg", "within_1_deg"))
    assert metrics["n_test"] == 64
    assert metrics["trained"] == (std["value"] < 5)
    assert (std["unit"], std["better"], std["chance"]) == ("deg", "lower", 90 / 12**0.5)
    assert share["chance"] == pytest.approx(2 / 90)
    (row,) = rows(folder)
    assert (row["seed"], row["stereo_deg"]) == ("4", "10")
    assert float(row["std_deg"]) == pytest.approx(std["value"], rel=1e-5)
    assert float(row["within_1_deg"]) == pytest.approx(share["value"], abs=1e-6)
    page = (folder / "report.html").read_text()
    assert "the paper, 10 deg" in page
    assert "97.05 %" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    found = predictions_of_the_saved_network(run)
    with np.load(run / "predictions.npz") as arrays:
        np.testing.assert_allclose(arrays["predicted_rad"], found, atol=1e-4)
    before = (run / "metrics.json").read_bytes()
    assert main(command) == 0
    assert "note: 1 of 1 runs are done already" in capsys.readouterr().out
    assert (run / "metrics.json").read_bytes() == before
    assert main(["run", "square-curriculum", "--out", str(folder)]) == 2
    assert "holds a run that is not one of square-curriculum" in capsys.readouterr().err


def predictions_of_the_saved_network(run: Path) -> Any:
    import keras

    from nanotilt import Recipe
    from nanotilt.runs.settings import TEST_START

    importlib.import_module("nanotilt.models")  # so that Keras knows the encoder
    model = keras.saving.load_model(run / "model.keras")
    recipe = Recipe.from_json((run / "recipe.json").read_text())
    return model.predict_angle_rad(recipe.sample(seed=4, start=TEST_START, count=64).views[:, 0])


@pytest.mark.usefixtures("tiny")
def test_the_curriculum_as_the_paper_does_it() -> None:
    done = sweeps.run("square-curriculum", model="paper", n_threads=1)
    (found,) = overview.collect([done.out]).of(OrientationRun)
    phases = list(dict.fromkeys(record.phase for record in found.history))
    assert phases == [f"closest {share} %" for share in (2, 10, 25, 33, 100)]
    assert len(found.history) == 6
    curriculum = found.curriculum()
    assert curriculum is not None
    true_deg, unlike = curriculum
    assert len(true_deg) == len(unlike) == 64
    assert unlike.min() == 0  # the image that was picked
    assert "The curriculum's map" in (done.out / "report.html").read_text()


@pytest.mark.usefixtures("tiny")
def test_the_t_is_trained_on() -> None:
    """As all other ways to train are in training/test_orientation_resume.py."""
    done = sweeps.run("t-projection-ground-truth", n_threads=1)
    (found,) = overview.collect([done.out]).of(OrientationRun)
    assert 0 < found.std_deg < 180


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("model", ["fast", "paper"])
@pytest.mark.parametrize("method", ["curriculum", "label_free", "u_net"])
def test_training_without_labels_never_draws_one(
    method: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that networks are fitted on comes from functions that give views and stereo angles."""
    from nanotilt.training.methods import by_name, data
    from nanotilt.training.methods.job import Job

    class FewSteps:
        def note(self, text: str) -> None: ...

        def once(self, find: Any) -> Any:
            return find()

        def fixed(self, phase: str, model: Any, inputs: Any, targets: Any, **_: Any) -> None:
            assert not np.isnan(np.asarray(targets)).any()

        def fresh(self, phase: str, model: Any, batches: Any, **_: Any) -> None:
            shapes = [s.shape.rank for s in leaves(batches(0).element_spec)]
            assert shapes in ([3, 3, 1], [3, 3])

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("true angles were asked for")

    assert method in WITHOUT_LABELS
    for name in ("labelled_pairs", "labelled_fresh_views", "_sampled"):
        monkeypatch.setattr(data, name, refuse)
    recipe = experiments.by_name("square-label-free").recipe()
    trainer: Any = FewSteps()
    by_name.train(method, Job(recipe, 4, settings_of(model), trainer))


def leaves(spec: Any) -> list[Any]:
    return [leaf for s in spec for leaf in leaves(s)] if isinstance(spec, tuple) else [spec]


@pytest.mark.usefixtures("tiny")
def test_the_example_of_the_documentation_runs() -> None:
    page = DOCS / "orientation_experiments.md"
    (block,) = re.findall(r"```python\n(.*?)```", page.read_text(), flags=re.DOTALL)
    exec(block.replace("square-label-free", "s-projection-ground-truth"), {})  # the fastest
    assert len(rows(Path("runs/first-look"))) == 1
