"""Runs that find particles or tell orientations: begun, stopped, resumed, reported, refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt import recipes, training
from nanotilt.runs.asked import kind_of_recipe
from nanotilt.runs.fields.results import FieldResults
from nanotilt.runs.fields.tracks import TrackResults
from nanotilt.training import PhasedResult
from training_cases import Stopper, assert_same

FIELD = nt.recipes.particle_field(
    field=nt.Field(number=3), camera=nt.ScanningCamera(32, dose=(2.0, 200.0))
)
TINY: dict[str, Any] = {
    "epochs": 3, "steps_per_epoch": 2, "batch_size": 2, "validation_samples": 2, "test_samples": 10,
    "n_threads": 1,
}  # fmt: skip


def kinds() -> dict[str, str]:
    return {name: kind_of_recipe(recipes.by_name(name)) for name in recipes.names()}


def test_every_recipe_asks_for_something() -> None:
    found = kinds()
    assert {name for name, kind in found.items() if kind == "orientation"} == {
        "square", "s-projection", "t-projection",
    }  # fmt: skip
    assert {name for name, kind in found.items() if kind == "segmentation"} == {
        "particle-field", "particle-video", "scanned-field",
    }  # fmt: skip


def test_several_kinds_of_fields_are_a_mixture_where_instances_are_asked_for() -> None:
    classes = {"few": nt.Field(number=3), "free": nt.Field(number=4, placing="free")}
    for targets, kind in ((("instance",), "segmentation"), ((), "classification")):
        recipe = nt.Recipe(classes, nt.ScanningCamera(32), normalise="none", targets=targets)
        assert kind_of_recipe(recipe) == kind


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fields") / "whole"
    result = training.train(FIELD, out=folder, name="tiny field", **TINY)
    assert isinstance(result, PhasedResult)
    assert not result.interrupted
    assert not result.failed
    assert len(result.lines) == 4  # at 3, 10, 30 and 100 electrons
    return folder


def test_a_run_leaves_network_scores_and_report(whole: Path) -> None:
    names = {path.name for path in whole.iterdir()}
    assert names == {
        "examples.npz", "history.csv", "metrics.json", "model.keras", "predictions.npz",
        "recipe.json", "report.html", "training.json",
    }  # fmt: skip
    described = json.loads((whole / "training.json").read_text())
    assert (described["kind"], described["status"]) == ("segmentation", "finished")
    metrics = json.loads((whole / "metrics.json").read_text())
    with np.load(whole / "predictions.npz") as arrays:
        results = FieldResults.from_arrays(arrays)
    assert results.n_fields == metrics["n_test"] == 8  # two at each dose
    for name, metric in results.scores().items():
        told = metrics["scores"][name]["value"]
        assert told == metric.value or (np.isnan(told) and np.isnan(metric.value))
    model = nt.load(whole / "model.keras")
    assert model.instances(FIELD.sample(1, 0, 2).views).shape == (2, 32, 32)
    assert model.recipe == FIELD
    page = (whole / "report.html").read_text()
    for words in (
        "tiny field",
        "Scores against dose",
        "Overlays",
        "Otsu and watershed",
        "Clark-Evans index",
    ):
        assert words in page


@pytest.mark.parametrize("within", [False, True])
def test_a_stopped_run_goes_on_bit_for_bit(
    within: bool, whole: Path, tmp_path: Path, ctrl_c_is_heard: None
) -> None:
    stopper = Stopper(1, within=within)
    stopped = training.train(FIELD, out=tmp_path / "a", name="tiny field", watcher=stopper, **TINY)
    assert stopper.pressed
    assert stopped.interrupted
    resumed = training.resume(tmp_path / "a", n_threads=1)
    assert isinstance(resumed, PhasedResult)
    assert not resumed.interrupted
    assert_same(tmp_path / "a", whole)
    assert training.resume(tmp_path / "a") is None


@pytest.mark.usefixtures("plain_runs")
def test_scans_that_leave_pixels_out_are_trained_on_with_their_mask(tmp_path: Path) -> None:
    recipe = nt.recipes.particle_field(
        targets=("scanned", "instance", "depth"), field=nt.Field(number=3),
        camera=nt.ScanningCamera(32, dose=30.0, scan="random", fraction=0.3),
    )  # fmt: skip
    result = training.train(recipe, out=tmp_path / "a", model="fpn", **{**TINY, "epochs": 1})
    assert len(result.lines) == 1
    assert nt.load(tmp_path / "a" / "model.keras").n_channels == 2


@pytest.mark.usefixtures("plain_runs")
@pytest.mark.parametrize("model", ["star", "detector"])
def test_networks_of_outlines_and_boxes(model: str, tmp_path: Path) -> None:
    """The recipe's targets are completed by what each learns from."""
    recipe = nt.recipes.particle_field(
        targets=("clean",), field=nt.Field(number=3), camera=nt.ScanningCamera(32, dose=30.0)
    )
    result = training.train(recipe, out=tmp_path / "a", model=model, **{**TINY, "epochs": 1})
    assert not result.failed
    found = nt.load(tmp_path / "a" / "model.keras")
    assert found.reading in found.readings
    metrics = json.loads((tmp_path / "a" / "metrics.json").read_text())
    assert metrics["reading"] == found.reading
    described = json.loads((tmp_path / "a" / "training.json").read_text())
    assert described["recipe"]["digest"] == recipe.digest


def test_a_network_sees_frames_of_videos_together_and_follows_particles(tmp_path: Path) -> None:
    recipe = nt.recipes.particle_video(6, 48, dose=(8.0, 40.0), coalescing=True)
    result = training.train(recipe, out=tmp_path / "a", **{**TINY, "epochs": 1, "test_samples": 4})
    assert not result.failed
    assert [line.split(":")[0] for line in result.lines] == [
        "10 electrons/px", "30 electrons/px", "tracks, 10 electrons/px", "tracks, 30 electrons/px",
    ]  # fmt: skip
    assert nt.load(tmp_path / "a" / "model.keras").n_channels == 3
    with np.load(tmp_path / "a" / "predictions.npz") as arrays:
        results, tracks = FieldResults.from_arrays(arrays), TrackResults.from_arrays(arrays)
    assert tracks is not None
    assert results.n_fields == 4 * 6
    assert len(tracks.dose) == 4
    assert (tracks.known_mota > 0.9).all()  # true masks are linked well
    metrics = json.loads((tmp_path / "a" / "metrics.json").read_text())
    assert metrics["tracks"]["mota"]["value"] == pytest.approx(np.nanmean(tracks.mota))
    page = (tmp_path / "a" / "report.html").read_text()
    for words in ("MOTA of true masks", "Last frames of videos"):
        assert words in page


def test_orientations_by_one_command(
    run_python: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a tiny budget in place of the usual one, begun and resumed in between."""
    from nanotilt.runs.orientation_configuration import Spending
    from nanotilt.training.methods import spending

    usual = spending.spending
    small = Spending(64, 1, 256, 32, 64)
    monkeypatch.setattr(spending, "spending", lambda *_: small)
    assert usual("fast", "quick") != small
    result = training.train("s-projection", out=tmp_path / "a", n_threads=1)
    assert isinstance(result, PhasedResult)
    assert not result.failed
    assert any("std of the error" in line for line in result.lines)
    page = (tmp_path / "a" / "report.html").read_text()
    assert "Predicted against true angle" in page or "predicted against true angle" in page
    assert "Without noise there is no limit" in page
    described = json.loads((tmp_path / "a" / "training.json").read_text())
    assert described["repeat"] == "nanotilt train s-projection --model fast --seed 0"
    assert training.resume(tmp_path / "a") is None


@pytest.mark.parametrize(
    ("recipe", "options", "words"),
    [
        (FIELD, {"tries": 2}, "tries has no meaning where the recipe asks for segmentation"),
        (FIELD, {"model": "paper"}, "model must be"),
        (FIELD, {"model": "a:b"}, "model must be one of nanotilt's own"),
        ("square", {"epochs": 2}, "epochs has no meaning where the recipe asks for orientation"),
        ("square", {"model": "unet"}, "model must be"),
        ("hole", {"model": "unet"}, "model must be"),
    ],
)
def test_refused_before_any_work(recipe: Any, options: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=words):
        training.train(recipe, out=tmp_path / "a", **options)
    assert not (tmp_path / "a").exists()
