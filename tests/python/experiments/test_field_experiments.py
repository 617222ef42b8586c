"""Experiments on fields: the catalogue, what may be varied, a tiny sweep and its page."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from nanotilt import experiments, sweeps
from nanotilt.experiments.pearson import PAPER, other_kind
from nanotilt.report import overview
from nanotilt.runs.fields import configuration
from nanotilt.runs.fields.reading import FieldRun
from nanotilt.runs.folder import RunFolder
from nanotilt.scenes.fields import Field
from nanotilt.sweeps import segmentation, sweep

NAMES = experiments.names("segmentation")


def test_the_catalogue_is_whole() -> None:
    assert (
        *("field-dose", "field-unet-large", "field-fpn", "field-star", "field-detector"),
        *("field-touching", "field-overlapping"),
        *("field-subsampled", "field-subsampled-hops", "field-subsampled-spiral"),
        *("field-video", "field-merging", "field-transfer"),
    ) == NAMES
    for name in NAMES:
        one = experiments.by_name(name)
        assert (one.paper, one.kind, one.expected("fast")) == (PAPER, "segmentation", None)
        trained, tested = one.recipe(), one.test_recipe() if one.test_recipe else None
        assert trained.view_shape == (64, 64)
        assert tested is not None
        assert tested.view_shape == (128, 128)
        assert {"instance", "depth"} <= set(trained.targets)
        assert trained.targets == tested.targets


def test_a_mixture_has_all_placings_and_its_tests_one_each() -> None:
    mixed = experiments.by_name("field-touching").recipe()
    assert mixed.class_names == ("apart", "touching", "overlapping")
    for name, gap, placing in (("touching", 0.0, "apart"), ("overlapping", 1.0, "free")):
        make = experiments.by_name(f"field-{name}").test_recipe
        assert make is not None
        (scene,) = make().classes.values()
        assert isinstance(scene, Field)
        assert (scene.gap_px, scene.placing) == (gap, placing)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("field-dose", {"vary": {"fraction": [0.2]}}, "vary must name one of samples"),
        ("field-dose", {"vary": {"noise": [0.2]}}, "vary must name one of samples"),
        ("field-subsampled", {"vary": {"fraction": [0.0]}}, r"must be in \[0\.001, 1\]"),
        ("field-dose", {"vary": {"samples": [3]}}, "whole number >= 16"),
        ("field-dose", {"model": "paper"}, "model must be fast"),
        ("field-video", {"vary": {"frames": [2]}}, "must be odd"),
        ("field-video", {"vary": {"frames": [11]}}, "whole number >= 1 and <= 9"),
        ("field-video", {"vary": {"step": [-1]}}, r"must be in \[0, 100\]"),
        ("field-transfer", {"vary": {"pretrained": [2]}}, "whole number >= 0 and <= 1"),
        (
            "field-transfer",
            {"vary": {"images": [0, 16], "pretrained": [0]}},
            "the network would learn nothing",
        ),
    ],
)
def test_refused(name: str, options: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=words):
        sweeps.run(name, out=tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_a_tiny_sweep_its_table_and_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segmentation, "TEST_FIELDS", {"quick": 2, "full": 2})
    out = tmp_path / "out"
    varied: dict[str, list[float]] = {"fraction": [0.3, 0.6], "samples": [32]}
    done = sweeps.run("field-subsampled", vary=varied, out=out, n_threads=1)
    assert all(sweep.is_finished(cell.folder) for cell in done.cells)
    again = sweeps.run("field-subsampled", vary=varied, out=out, n_threads=1)
    assert [cell.folder for cell in again.cells] == [cell.folder for cell in done.cells]
    collection = overview.collect([out])
    assert len(collection.runs) == 2
    assert collection.unfinished == ()
    for run in collection.runs:
        assert isinstance(run, FieldRun)
        assert (run.experiment, run.model, run.budget) == ("field-subsampled", "unet", "quick")
        assert run.results.n_fields == 2
        assert run.samples_seen == 32
        assert next(iter(run.scores)) == "f1"
    with (out / sweep.RESULTS).open(newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["variation:fraction"] for row in table] == ["0.3", "0.6"]
    assert {row["dose"] for row in table} == {"30"}
    page = (out / sweep.REPORT).read_text()
    for words in ("field-subsampled", "fraction 0.3", "panoptic quality"):
        assert words in page


@pytest.mark.usefixtures("plain_runs")
def test_a_network_learns_from_a_few_images_after_many_of_another_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segmentation, "TEST_FIELDS", {"quick": 1, "full": 1})
    varied: dict[str, list[float]] = {"images": [2], "samples": [32]}
    done = sweeps.run("field-transfer", vary=varied, out=tmp_path / "out", n_threads=1)
    phases = []
    for cell in done.cells:
        with (cell.folder / "history.csv").open(newline="") as file:
            phases.append({row["phase"] for row in csv.DictReader(file)})
        request, _ = configuration.read(RunFolder.reopen(cell.folder))
        assert request.source == other_kind()
    assert phases == [{"fresh images of another kind", "2 images"}]


def test_particles_are_followed_in_a_sweep_and_on_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segmentation, "TEST_VIDEOS", {"quick": 1, "full": 1})
    out = tmp_path / "out"
    done = sweeps.run("field-merging", vary={"samples": [16]}, out=out, n_threads=1)
    (run,) = overview.collect([out]).runs
    assert isinstance(run, FieldRun)
    assert run.tracks is not None
    assert run.tracks.doses == [5, 30]
    assert run.results.n_fields == 2 * 20
    request, _ = configuration.read(RunFolder.reopen(done.cells[0].folder))
    assert (request.settings.frames, request.settings.test_doses) == (3, (5, 30))
    with (out / sweep.RESULTS).open(newline="") as file:
        assert {"mota", "idf1", "hota"} <= set(next(csv.DictReader(file)))
    assert "MOTA of true masks" in (out / sweep.REPORT).read_text()
