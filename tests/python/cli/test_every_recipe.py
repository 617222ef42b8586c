"""What holds for every recipe that is listed: it has a picture, a limit or a reason, a training.

Every training comes to its first step; one of each kind is stopped, goes on and ends.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import pytest

import nanotilt as nt
from nanotilt import recipes, training
from nanotilt.cli import main
from nanotilt.limits import BUDGETS, Budget
from nanotilt.runs.asked import kind_of_recipe
from nanotilt.training import Watcher
from own_cases import dense
from training_cases import press_ctrl_c

Captured = pytest.CaptureFixture[str]

NAMES = recipes.names()
TINY = Budget(200, (200, 400), 100, 200, 500, 60, 40, 16)

CRYSTALS = ("graphene-defects", "graphene-vacancy", "hbn-defects", "mos2-defects")

WITHOUT_LIMIT = {
    **dict.fromkeys(
        ("square", "s-projection", "t-projection", "scattering"), "classes must be two or more"
    ),
    **dict.fromkeys(("chirality-images", "hole-images"), "it is not known for a Camera"),
    "graphene-several-defects": "the oracle weighs one defect against none",
    "graphene-hrtem": "it does not know that of a BrightField",
    **dict.fromkeys(
        ("particle-field", "particle-video", "scanned-field"), "found in images is not known"
    ),
}


def test_all_are_listed(capsys: Captured) -> None:
    assert main(["recipes"]) == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [line.split()[0] for line in lines] == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_has_a_picture(name: str, tmp_path: Path, capsys: Captured) -> None:
    picture = tmp_path / "picture.png"
    assert main(["preview", name, "--samples", "1", "-o", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 5_000
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", NAMES)
def test_it_has_a_limit_or_a_reason(
    name: str, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BUDGETS, "quick", TINY)
    figures = tmp_path / "limit.json"
    code = main(["limit", name, "--budget", "quick", "--threads", "1", "-o", str(figures)])
    said = capsys.readouterr()
    if name in WITHOUT_LIMIT:
        assert code == 2
        assert WITHOUT_LIMIT[name] in said.err
        assert "Received: " in said.err
        assert not figures.exists()
    else:
        assert code == 0
        found = json.loads(figures.read_text())
        if name in CRYSTALS:
            assert [point["counts"] for point in found["curve"]] == [2.0**i for i in range(1, 10)]
            assert found["curve"][-1]["auc"]["value"] > 0.6
            assert "no detector of defects can be better" in said.out
            return
        assert 0.2 < found["curve"][-1]["accuracy"]["value"] <= 1
        assert "bound from below" in said.out


class BeginsError(Exception):
    """Training would take its first step now."""


class UpToTraining(Watcher):
    """Ends a run where training begins: the network is built, what can fail early is tried."""

    def started(self, start: Any) -> None:
        raise BeginsError

    @contextmanager
    def stage(self, text: str) -> Iterator[Any]:
        if text.startswith("Training"):
            raise BeginsError
        yield lambda share: None


class StopsAfterAnEpoch(Watcher):
    """Presses Ctrl-C once, when an epoch has ended."""

    pressed = False

    def epoch_ended(self, record: Any) -> None:
        self.line("")

    def line(self, text: str) -> None:
        if not self.pressed:
            self.pressed = True
            press_ctrl_c()


UNTRAINED = ("scattering",)
"""The usual network of scattering looks at polar cells, which recipes do not have yet."""


@pytest.mark.parametrize("name", [name for name in NAMES if name not in UNTRAINED])
def test_it_is_trained_on(name: str, tmp_path: Path) -> None:
    with pytest.raises(BeginsError):
        training.train(name, out=tmp_path / "run", n_threads=1, watcher=UpToTraining())
    assert not (tmp_path / "run").exists()  # there is nothing worth keeping


FEW = {"steps_per_epoch": 2, "batch_size": 4, "validation_samples": 4, "test_samples": 8}


def small_network(recipe: nt.Recipe) -> keras.Model:
    """In place of nanotilt's, which takes Keras long to compile; test_training.py has that."""
    return dense(keras.layers.Dense(2), shape=(recipe.n_views, *recipe.view_shape))


ONE_OF_EACH_KIND: dict[str, dict[str, Any]] = {
    "hole": {"model": small_network, "epochs": 2, **FEW},
    "s-projection": {},
    "scattering": {"model": "vgg", "epochs": 2, **FEW},
    "particle-field": {"epochs": 2, **FEW, "batch_size": 1, "validation_samples": 1},
}


def test_one_of_each_kind_is_trained_below() -> None:
    kinds = {kind_of_recipe(recipes.by_name(name)) for name in NAMES}
    assert kinds == {kind_of_recipe(recipes.by_name(name)) for name in ONE_OF_EACH_KIND}


@pytest.mark.usefixtures("tiny", "plain_runs", "ctrl_c_is_heard")
@pytest.mark.parametrize("name", ONE_OF_EACH_KIND)
def test_its_training_is_stopped_and_goes_on(name: str, tmp_path: Path) -> None:
    options = {**ONE_OF_EACH_KIND[name], "n_threads": 1}
    folder = tmp_path / "run"
    stopped = training.train(name, out=folder, watcher=StopsAfterAnEpoch(), **options)
    assert stopped.interrupted
    assert json.loads((folder / "training.json").read_text())["status"] == "interrupted"
    resumed = training.resume(folder, n_threads=1)
    assert resumed is not None
    assert not resumed.interrupted
    assert not resumed.failed
    assert json.loads((folder / "training.json").read_text())["status"] == "finished"
    for left in ("model.keras", "metrics.json", "report.html"):
        assert (folder / left).is_file()
    assert training.resume(folder) is None
