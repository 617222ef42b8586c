"""nanotilt.load: networks with what they were trained on, and what stops it."""

from __future__ import annotations

import doctest
import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from conftest import RunPython, refused
from places import DOCS, KNOWN_ANSWERS

keras = pytest.importorskip("keras")

from nanotilt.models import (  # noqa: E402  (only where Keras is)
    DifferenceModel,
    OrientationEncoder,
    StereoClassifier,
)

OLD = KNOWN_ANSWERS / "models" / "0.1.0"
RECIPE = nt.Recipe(
    {"solid": nt.Particle(nt.Outline()), "hole": nt.Particle(nt.Outline(), (nt.Hole(),))},
    nt.Detector(n_bins=16, angles_deg=(0, 90)),
)


def small(**options: Any) -> Any:
    options = {"branch_units": (4,), "joined_units": (4,), **options}
    return StereoClassifier.for_recipe(RECIPE, **options)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.keras"
    small().save(path)
    return path


def test_a_file_tells_recipe_names_and_scale(file: Path) -> None:
    for path in (file, str(file), file.parent):
        model = nt.load(path)
        assert isinstance(model, StereoClassifier)
        assert model.compiled
        assert model.recipe == RECIPE
        assert model.class_names == ("solid", "hole")
        assert model.bounds == RECIPE.bounds
    again = file.with_name("again.keras")
    model.save(again)
    assert nt.load(again).recipe == RECIPE


def test_raw_values_are_scaled_as_the_recipe_scales_them(file: Path) -> None:
    raw = nt.Recipe(RECIPE.classes, RECIPE.detector, normalise="none").sample(1, count=20).views
    scaled = nt.load(file).normalised(raw)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, RECIPE.sample(1, count=20).views, atol=1e-5)


@pytest.mark.parametrize(
    ("first", "loads"), [("import nanotilt as nt, keras", 2), ("import keras, nanotilt as nt", 2)]
)
def test_keras_itself_reads_it_once_nanotilt_is_imported(
    first: str, loads: int, file: Path, run_python: RunPython
) -> None:
    """In either order, and a task's loss, too."""
    from nanotilt.tasks.losses import TaskLoss

    model = small()
    model.compile("sgd", loss=TaskLoss((2,), (1.0,)))
    model.save(file.with_name("task.keras"))
    code = f"""
{first}
for path in {[str(file), str(file.with_name("task.keras"))]!r}:
    model = keras.saving.load_model(path)
    print(type(model).__name__, model.recipe.digest)
"""
    assert run_python(code).splitlines() == [f"StereoClassifier {RECIPE.digest}"] * loads


def test_what_for_recipe_tells(file: Path) -> None:
    model = small(n_classes=4, heads=(2, 2))
    assert model.recipe is RECIPE
    assert model.class_names is None  # four outputs, two classes
    model.class_names = ["a", "b", "c", "d"]
    model.save(file)
    assert nt.load(file).class_names == ("a", "b", "c", "d")
    refused(ValueError, "class_names", ["a"], lambda: setattr(model, "class_names", ["a"]))
    refused(TypeError, "class_names", "abcd", lambda: setattr(model, "class_names", "abcd"))
    refused(TypeError, "recipe", "hole", lambda: setattr(model, "recipe", "hole"))
    model.recipe = None
    assert (model.recipe, model.bounds, model.class_names) == (None, None, None)
    refused(ValueError, "recipe", None, lambda: model.normalised([1.0]))


def test_orientations(tmp_path: Path) -> None:
    recipe = nt.recipes.square(stereo_deg=10)
    model = DifferenceModel(OrientationEncoder((8, 8), 4, architecture="fast"), stereo_deg=10)
    model.recipe = recipe
    model.save(tmp_path / "model.keras")
    loaded = nt.load(tmp_path)
    assert loaded.recipe == recipe
    assert loaded.bounds == recipe.bounds
    assert loaded.class_names is None


# What earlier releases wrote


def old_run(folder: Path, recipe: str, task: Any = None) -> Path:
    folder.mkdir()
    shutil.copy(OLD / "stereo.keras", folder / "model.keras")
    (folder / "recipe.json").write_text(recipe)
    (folder / "training.json").write_text(json.dumps({"format": 2, "task": task}))
    return folder


def three_classes() -> nt.Recipe:
    return nt.Recipe({name: nt.Particle(nt.Outline()) for name in "abc"}, RECIPE.detector)


def test_a_file_alone_does_not_tell() -> None:
    model = nt.load(OLD / "stereo.keras")
    assert (model.recipe, model.class_names, model.bounds) == (None, None, None)


def test_a_run_s_folder_tells(tmp_path: Path) -> None:
    recipe = three_classes()
    model = nt.load(old_run(tmp_path / "run", recipe.to_json()))
    assert model.recipe == recipe
    assert model.class_names == ("a", "b", "c")
    assert model.bounds == recipe.bounds
    assert model.optimizer.iterations == 2


def test_a_run_s_folder_tells_of_its_task(tmp_path: Path) -> None:
    question = {"name": "which", "answers": ["x", "y"], "of_class": [0, 1, 0]}
    task = {"questions": [question], "n_unused": 1, "loss_weights": None, "fading": None}
    model = nt.load(old_run(tmp_path / "run", three_classes().to_json(), task))
    assert model.class_names == ("x", "y", "unused 1")
    folder = old_run(tmp_path / "bad", three_classes().to_json(), {"questions": []})
    with pytest.raises(ValueError, match=r"training\.json is damaged"):
        nt.load(folder)


def test_a_recipe_of_another_stream_version_stops_nothing(tmp_path: Path) -> None:
    text = three_classes().to_json().replace('"stream_version": ', '"stream_version": 9')
    model = nt.load(old_run(tmp_path / "run", text))
    assert model.predict(np.zeros((1, 2, 16), np.float32), verbose=0).shape == (1, 3)
    with pytest.raises(ValueError, match="stream version"):
        _ = model.recipe
    model.save(tmp_path / "again.keras")
    assert nt.load(tmp_path / "again.keras").knows_recipe


# What stops it


def test_nothing_there(tmp_path: Path) -> None:
    def told(path: Path) -> str:
        with pytest.raises(FileNotFoundError) as caught:
            nt.load(path)
        return str(caught.value)

    assert "no such file or folder" in told(tmp_path / "nothing.keras")
    run = tmp_path / "sweep" / "seed0"
    run.mkdir(parents=True)
    assert told(run) == f"there is no network in the folder {run}: no model.keras"
    (run / "checkpoint-epoch-0001").mkdir()
    assert "has not ended" in told(run)
    (run / "model.keras").touch()
    assert f"several runs: name one, as {str(run)!r}" in told(tmp_path / "sweep")


def test_no_path(tmp_path: Path) -> None:
    refused(TypeError, "path", 3, lambda: nt.load(3))  # type: ignore[arg-type]
    text = tmp_path / "notes.txt"
    text.write_text("notes")
    refused(ValueError, "path", str(text), lambda: nt.load(text))


@pytest.mark.parametrize("damage", ["text", "cut", "config", "weights"])
def test_damaged(damage: str, file: Path) -> None:
    if damage == "text":
        file.write_text("no archive")
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:2000])
    else:
        with zipfile.ZipFile(file) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        name = "config.json" if damage == "config" else "model.weights.h5"
        parts[name] = parts[name][:100]
        with zipfile.ZipFile(file, "w") as archive:
            for each, content in parts.items():
                archive.writestr(each, content)
    with pytest.raises(ValueError, match=r"model\.keras (is damaged|can't be read)") as caught:
        nt.load(file)
    assert len(str(caught.value)) < 600


def test_a_class_that_nobody_knows(file: Path) -> None:
    """In few words, where Keras prints the whole description."""
    unknown = type("Unknown", (keras.layers.Dense,), {})
    view = keras.Input((2,))
    keras.Model(view, unknown(2)(view)).save(file)
    with pytest.raises(ValueError, match="can't be read as a network: Could not locate class"):
        nt.load(file)


def test_plain_networks_are_read_too(file: Path) -> None:
    view = keras.Input((2,))
    keras.Model(view, keras.layers.Dense(1)(view)).save(file)
    assert nt.load(file).input_shape == (None, 2)


def test_the_example_s_names_exist() -> None:
    """The docstring's lines are those of docs/networks.md, which the next test runs."""
    assert doctest.DocTestParser().get_examples(nt.load.__doc__ or "") == []
    page = DOCS / "networks.md"
    for line in ("model.class_names", "model.predict(views", "model.normalised("):
        assert line in page.read_text()
        assert line in (nt.load.__doc__ or "")


def test_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Silently, which a warning would not be."""
    page = DOCS / "networks.md"
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(), flags=re.DOTALL)
    assert len(blocks) >= 3
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in blocks:
        exec(block.replace("steps_per_epoch=100", "steps_per_epoch=2"), names)
    assert names["model"].class_names == names["recipe"].class_names
    assert "(5, 2)" in capsys.readouterr().out
