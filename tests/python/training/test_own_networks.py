"""The user's own networks: trained, resumed and loaded like ours; what does not fit is refused."""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import nanotilt as nt
from child_processes import finished
from nanotilt import training
from nanotilt.cli import main
from nanotilt.training import own_network
from nanotilt.training.classifier import Classifier
from nanotilt.training.own_name import NotANetworkError
from own_cases import TINY, dense
from places import DOCS
from training_cases import Recorder, press_ctrl_c, same_weights, small_recipe

WORDS: tuple[str, ...] = (
    "--epochs",
    "2",
    "--steps",
    "14",
    "--batch-size",
    "16",
    "--seed",
    "5",
    "--threads",
    "2",
)
WORDS += ("--validation-samples", "200", "--test-samples", "400")


def logits(recipe: nt.Recipe) -> keras.Model:
    return dense(keras.layers.Dropout(0.3), keras.layers.Dense(2))


def probabilities(recipe: nt.Recipe) -> keras.Model:
    return dense(keras.layers.Dense(2, "softmax"))


def compiled(recipe: nt.Recipe) -> keras.Model:
    model = logits(recipe)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.125), loss=loss)
    return model


def compiled_without_loss(recipe: nt.Recipe) -> keras.Model:
    model = logits(recipe)
    model.compile(keras.optimizers.SGD(0.125))
    return model


@pytest.mark.parametrize(
    "build", [logits, probabilities, compiled, compiled_without_loss], ids=lambda f: f.__name__
)
def test_trained_and_scored_on_probabilities(
    build: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The scores are those of the saved network, its outputs taken as the rule says."""
    if build in (compiled, compiled_without_loss):  # what the report looks at gives logits, too
        request.getfixturevalue("plain_runs")
    result = training.train(small_recipe(), model=build, **TINY, out=tmp_path / "run")
    told = json.loads((tmp_path / "run/training.json").read_text())
    assert told["settings"]["model"] == f"{__name__}:{build.__name__}"
    assert told["status"] == "finished"
    assert (tmp_path / "run/report.html").is_file()
    batch = small_recipe().sample(seed=5, start=2**41, count=400)
    model = nt.load(tmp_path / "run")
    outputs = model.predict(batch.views, verbose=0).astype(np.float64)
    if build is not probabilities:
        outputs = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    assert result.metrics.test.loss == pytest.approx(
        -np.log(outputs[np.arange(400), batch.label]).mean(), rel=1e-4
    )
    assert model.recipe == small_recipe()
    assert model.class_names == small_recipe().class_names
    sgd = build in (compiled, compiled_without_loss)
    assert isinstance(model.optimizer, keras.optimizers.SGD) == sgd
    if sgd:
        assert result.history[-1].learning_rate == 0.125


@pytest.mark.usefixtures("plain_runs")
def test_images_are_taken_as_they_are_streamed(tmp_path: Path) -> None:
    seen = []

    def of_images(recipe: nt.Recipe) -> keras.Model:
        seen.append((recipe.n_views, *recipe.view_shape))
        return dense(keras.layers.Dense(len(recipe.class_names)), shape=seen[0])

    few = {**TINY, "epochs": 1, "steps_per_epoch": 2}
    result = training.train("hole-images", model=of_images, **few, out=tmp_path / "run")
    assert len(seen) == 1
    assert len(seen[0]) == 3
    assert result.model.input_shape == (None, *seen[0])
    assert not result.failed


@pytest.mark.usefixtures("plain_runs")
def test_the_seed_decides(tmp_path: Path) -> None:
    def weights(seed: int, folder: str) -> keras.Model:
        options = {**TINY, "epochs": 1, "seed": seed}
        out = tmp_path / folder
        return training.train(small_recipe(), model=logits, **options, out=out).model

    first = weights(5, "a")
    assert same_weights(first, weights(5, "b"))
    assert not same_weights(first, weights(6, "c"))


@pytest.mark.usefixtures("plain_runs")
def test_resumed_to_the_bit(tmp_path: Path) -> None:
    whole = training.train(small_recipe(), model=logits, **TINY, out=tmp_path / "whole")
    watcher = Recorder(at=(2, 7), act=press_ctrl_c)
    out = tmp_path / "stopped"
    stopped = training.train(small_recipe(), model=logits, **TINY, out=out, watcher=watcher)
    assert stopped.interrupted
    resumed = training.resume(out)
    assert resumed is not None
    assert same_weights(whole.model, resumed.model)
    assert whole.metrics.test == resumed.metrics.test


@pytest.mark.usefixtures("plain_runs")
def test_a_function_that_has_no_importable_name(tmp_path: Path) -> None:
    """As of a notebook: it is handed in again to go on."""

    def inner(recipe: nt.Recipe) -> keras.Model:
        return logits(recipe)

    watcher = Recorder(at=(2, 7), act=press_ctrl_c)
    training.train(small_recipe(), model=inner, **TINY, out=tmp_path / "run", watcher=watcher)
    with pytest.raises(ValueError, match=r"can't go on without .*resume\(folder, model=function\)"):
        training.resume(tmp_path / "run")
    resumed = training.resume(tmp_path / "run", model=inner)
    assert resumed is not None
    assert not resumed.interrupted


def test_the_command_line(own_module: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "own_module_of_tests:build"
    assert main(["train", "small.json", "--model", name, *WORDS]) == 0
    folder = own_module / "runs/small-build-seed5"
    assert "nanotilt: error" not in capsys.readouterr().err
    assert name in (folder / "report.html").read_text()
    assert main(["report", "runs", "-o", "all.html"]) == 0


@pytest.mark.usefixtures("plain_runs")
def test_the_command_line_goes_on_in_another_process(own_module: Path) -> None:
    """Its module is imported by the new process; elsewhere it says what it lacks."""
    name = "own_module_of_tests:build"
    sys.path.insert(0, "")
    watcher = Recorder(at=(2, 7), act=press_ctrl_c)
    out = own_module / "run"
    training.train(small_recipe(), model=name, **TINY, out=out, watcher=watcher)
    command = [sys.executable, "-c", "from nanotilt.cli import main; raise SystemExit(main())"]
    command += ["train", "--resume", str(out)]
    elsewhere = own_module / "elsewhere"
    elsewhere.mkdir()
    refused = finished(command, cwd=elsewhere)
    assert refused.returncode == 1
    assert "No module named 'own_module_of_tests'" in refused.stderr
    assert "Go on from the folder that its module lies in" in refused.stderr
    done = finished(command, cwd=own_module)
    assert done.returncode == 0, done.stderr
    whole = training.train(small_recipe(), model=name, **TINY, out=own_module / "whole")
    assert same_weights(nt.load(out), whole.model)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no_such_module_anywhere:build", "No module named 'no_such_module_anywhere'"),
        ("own_module_of_tests:bild", "own_module_of_tests has no bild"),
        ("own_module_of_tests:nothing", "but that is 3"),
        ("own_module_of_tests:shadowed", "raised LookupError: no weather today"),
        ("own_module_of_tests:len", "has no len"),
        ("own_module_of_tests", "Received: model='own_module_of_tests'"),
    ],
)
def test_names_that_are_refused(
    name: str, words: str, own_module: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "small.json", "--model", name, *WORDS]) in (1, 2)
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert words in error
    assert f"model={name!r}" in error
    assert not list(own_module.glob("runs/*"))


def test_the_wrong_kind_is_one_line_for_the_command_line(
    own_module: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "small.json", "--model", "own_module_of_tests:number", *WORDS]
    assert main(words) == 2
    assert "own_module_of_tests:number must return a keras.Model" in capsys.readouterr().err
    assert issubclass(NotANetworkError, TypeError)


def test_what_is_no_function() -> None:
    with pytest.raises(TypeError, match=r"model must be .*Received: model=3"):
        training.train(small_recipe(), model=3)  # type: ignore[arg-type]


@pytest.mark.usefixtures("plain_runs")
def test_only_own_networks_are_handed_in_again(tmp_path: Path) -> None:
    watcher = Recorder(at=(2, 7), act=press_ctrl_c)
    training.train(small_recipe(), **TINY, out=tmp_path / "run", watcher=watcher)
    with pytest.raises(ValueError, match="model must be None, since the run's network is 'fast'"):
        training.resume(tmp_path / "run", model=logits)


def test_a_softmax_that_is_no_layer_gives_probabilities() -> None:
    """The rule looks at values, so it holds for subclasses that softmax by themselves."""
    soft = keras.layers.Lambda(lambda x: keras.ops.softmax(x))
    assert not own_network.gives_logits(dense(keras.layers.Dense(2), soft), small_recipe())
    assert own_network.gives_logits(dense(keras.layers.Dense(2, "sigmoid")), small_recipe())
    zeros = dense(keras.layers.Dense(2, kernel_initializer="zeros"))
    assert own_network.gives_logits(zeros, small_recipe())
    found = Classifier(zeros, small_recipe()).predict(1, 0, 5)
    assert np.all(found.probabilities == 0.5)


def test_the_page_s_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file and the command of docs/networks.md, with a smaller budget."""
    section = (DOCS / "networks.md").read_text().partition("## Your own network")[2]
    block = re.search(r"```python\n(.*?)```", section, flags=re.DOTALL)
    command = re.search(r"\$ nanotilt (train .*)", section)
    assert block is not None
    assert command is not None
    (tmp_path / "my_networks.py").write_text(block[1])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    importlib.invalidate_caches()
    assert main([*command[1].split(), *WORDS]) == 0
    assert (tmp_path / "runs/hole-build-seed5/model.keras").is_file()
