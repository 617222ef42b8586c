"""Experiments on tags of scattering images: what they train on, what is beside what, refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nanotilt import experiments, sweeps
from nanotilt.cli import main

pytest.importorskip("tensorflow")

from nanotilt.cli.experiment_table import all_result_lines
from nanotilt.experiments.experiment import Experiment
from nanotilt.instruments.area_detector import AreaDetector
from nanotilt.report import overview
from nanotilt.report.overview.tag_sections import tag_section
from nanotilt.runs.reading import read_run
from nanotilt.runs.scattering.reading import TaggingRun
from nanotilt.runs.scattering.results import MEAN
from nanotilt.scenes.scattering import Scattering
from nanotilt.scenes.scattering_terms import TAGS
from nanotilt.sweeps import sweep as sweeping
from nanotilt.sweeps import tagging
from nanotilt.sweeps.sweep import is_finished
from nanotilt.tasks.tagging import TaggingTask
from training_cases import Stopper, assert_same

NAMES = experiments.names("tagging")
VARY: dict[str, list[float]] = {"samples": [640], "images": [300]}
FEW = {"quick": 300, "full": 300}


@pytest.fixture(autouse=True)
def few_images(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tests of a few images, in a folder of their own."""
    monkeypatch.setattr(tagging, "TEST_IMAGES", FEW)
    monkeypatch.setattr(tagging, "VALIDATION_IMAGES", {"quick": 20, "full": 20})
    monkeypatch.chdir(tmp_path)


def finished(folder: Path) -> TaggingRun:
    run = read_run(folder)
    assert isinstance(run, TaggingRun), run
    return run


def scene_and_detector(experiment: Experiment, varied: Any) -> tuple[Scattering, AreaDetector]:
    recipe = tagging._varied_recipe(experiment.recipe(), varied)
    (scene,) = recipe.classes.values()
    assert isinstance(scene, Scattering)
    assert isinstance(recipe.detector, AreaDetector)
    return scene, recipe.detector


@pytest.mark.usefixtures("plain_overviews")
def test_how_much_seen_runs_flatter_is_told_and_goes_on_bit_for_bit(
    ctrl_c_is_heard: None,
) -> None:
    options: dict[str, Any] = {"vary": VARY, "n_threads": 1, "seed": 3}
    (unbroken,) = sweeps.run("scattering-run-split", out="unbroken", **options).cells
    stopper = Stopper(1, within=True)
    sweeps.run("scattering-run-split", out="broken", watcher=stopper, **options)
    assert stopper.pressed
    sweep = sweeps.run("scattering-run-split", out="broken", **options)
    (cell,) = sweep.cells
    assert is_finished(cell.folder)
    assert_same(unbroken.folder, cell.folder)
    run = finished(cell.folder)
    assert run.of_seen_runs is not None
    assert set(run.of_seen_runs.run) == {0, 1, 2}
    assert run.of_seen_runs.n_images == 3 * 20
    assert not set(run.results.run) & {0, 1, 2}
    lines = list(all_result_lines([run]))
    assert len(lines) == 1 + len(TAGS)
    assert lines[0].startswith("scattering-run-split, images 300, samples 640, mean: average")
    assert "limit" in lines[0]
    assert "on runs seen in training" in lines[0]
    assert "Runs seen in training" in tag_section("tags", *overview.tags_by_experiment([run]))
    rows = overview.to_csv([run]).splitlines()
    assert len(rows) == 1 + 2 * (1 + len(TAGS))


def test_arms_of_resolution_see_the_same_scenes() -> None:
    experiment = experiments.by_name("scattering-resolution")
    cells = sweeping.plan(experiment, "fast", "quick", 1, 5, {}, None, None).cells
    assert {cell.seed for cell in cells} == {5}
    found = [scene_and_detector(experiment, cell.variation) for cell in cells]
    assert [(d.n_pixels, round(d.pixel_um, 3)) for _, d in found] == [
        (256, 75.0), (1000, 19.2), (1000, 75.0), (2000, 9.6)
    ]  # fmt: skip
    assert {scene for scene, _ in found} == {Scattering()}


def test_arms_of_tags_differ_in_nothing_else() -> None:
    experiment = experiments.by_name("scattering-tags")
    arms = [scene_and_detector(experiment, varied) for varied in experiment.variations]
    assert [scene.tags for scene, _ in arms] == ["legacy", "visible"]
    assert arms[0][1] == arms[1][1]


@pytest.fixture(scope="module")
def two_arms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[TaggingRun]]:
    """Runs of a network of images on the same scenes at two numbers of pixels."""
    out = tmp_path_factory.mktemp("arms")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tagging, "TEST_IMAGES", FEW)
        patch.setattr(tagging, "VALIDATION_IMAGES", {"quick": 20, "full": 20})
        given = experiments.by_name("scattering-resolution")
        task = TaggingTask("scattering-cnn", samples={"quick": 64}, varied=("n_pixels",))
        arms = Experiment(
            name=given.name, question=given.question, paper=given.paper, method=given.method,
            recipe_factory=given.recipe_factory, task=task,
        )  # fmt: skip
        vary: dict[str, list[float]] = {"n_pixels": [32, 64]}
        sweep = sweeps.run(arms, vary=vary, n_threads=1, out=out / "runs")
        yield [finished(cell.folder) for cell in sweep.cells]


def test_differences_on_the_same_scenes_are_in_the_page(two_arms: list[TaggingRun]) -> None:
    one, other = two_arms
    assert one.results.pairs_with(other.results)
    np.testing.assert_array_equal(one.results.run, other.results.run)
    page = (one.folder.parents[1] / "report.html").read_text()
    assert "Scene by scene" in page
    assert page.count("n_pixels 64") >= 3


@pytest.mark.parametrize(
    ("name", "vary", "words"),
    [
        ("scattering-image", {"n_pixels": [64]}, "vary must name one of samples"),
        ("scattering-resolution", {"n_pixels": [16]}, "must be a whole number >= 32 and <= 2048"),
        ("scattering-resolution", {"wide": [2]}, r"vary\['wide'\] must be a whole number >= 0"),
        ("scattering-tags", {"legacy": [0.5]}, r"vary\['legacy'\] must be a whole number"),
        ("scattering-image", {"samples": [10]}, r"vary\['samples'\] must be a whole number >= 64"),
    ],
)
def test_wrong_variations(name: str, vary: dict[str, list[float]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        tagging.checked(vary, experiments.by_name(name))


def test_networks_are_the_experiments_own() -> None:
    with pytest.raises(ValueError, match="each experiment on fields, patches or scattering"):
        sweeps.run("scattering-image", model="paper")


def test_the_list_has_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(NAMES) == 7
    assert main(["experiments", "--json"]) == 0
    listed = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert {name for name, one in listed.items() if one["kind"] == "tagging"} == set(NAMES)
    assert listed["scattering-joint"]["network"] == "joint"
    assert main(["experiments"]) == 0
    assert "Tags of x-ray scattering images (Lashley 2017" in capsys.readouterr().out


def test_what_a_run_prints(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "scattering-image", "--vary", "samples=64", "--threads", "1", "--out", "r"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert f"scattering-image, samples 64, {MEAN}: average precision 0." in said
    for tag in TAGS:
        assert f"scattering-image, samples 64, {tag}: average precision" in said
