"""Runs of every kind of tagging network on toy images: stopped wherever it may be, they go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nanotilt as nt

pytest.importorskip("tensorflow")

from nanotilt import models
from nanotilt.models.scattering import towers
from nanotilt.models.scattering.loss import TaggingLoss
from nanotilt.runs.fields.configuration import FieldRequest, FieldSettings
from nanotilt.runs.folder import TOWERS, RunFolder
from nanotilt.runs.reading import read_run
from nanotilt.runs.scattering.reading import TaggingRun
from nanotilt.training import PhasedResult
from nanotilt.training.methods.scattering import tagging_run, tagging_test
from nanotilt.training.methods.scattering.tagging_run import TaggingTraining
from nanotilt.training.watcher import Watcher
from toy_scattering import SMALL_NETWORKS, ToyScattering
from training_cases import Stopper, assert_same

TOY = ToyScattering()
RECIPE = nt.recipes.scattering(TOY.side, scene=nt.Scattering(images_per_run=TOY.per_run))

_FAR = 2**32
"""Toy images are drawn from small numbers."""


def drawn(
    names: Sequence[str], recipe: Any, seed: int, start: int, count: int, *_: Any
) -> Mapping[str, Any]:
    batch = TOY.sample(seed, start % _FAR, count)
    return {name: batch[name] for name in names}


def fresh_data(
    model: Any, recipe: Any, seed: int, batch_size: int, n_threads: int | None
) -> Callable[[int], Any]:
    import tensorflow as tf

    def from_sample(start: int) -> Any:
        def elements() -> Iterator[Any]:
            first = start
            while True:
                batch = drawn((*model.looks_at, "tags"), recipe, seed, first, batch_size)
                first += batch_size
                yield model.seen(batch), batch["tags"].astype(np.float32)

        signature = tf.nest.map_structure(
            lambda array: tf.TensorSpec(array.shape, tf.float32), next(elements())
        )
        return tf.data.Dataset.from_generator(elements, output_signature=signature)

    return from_sample


def averaged(name: str, *_: Any) -> Any:
    """A small network with the paper's averages of weights."""
    model = models.by_name(name)(**SMALL_NETWORKS[name])
    model.compile(models.AveragedSGD(), TaggingLoss(), jit_compile=False)
    return model


@pytest.fixture(autouse=True)
def toy_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks see toy images in place of a recipe's."""
    monkeypatch.setattr(tagging_run, "fresh_data", fresh_data)
    monkeypatch.setattr(tagging_run, "drawn", drawn)
    monkeypatch.setattr(tagging_test, "drawn", drawn)
    monkeypatch.setattr(tagging_run, "compiled", averaged)
    monkeypatch.setattr(tagging_run, "learned_recipe", lambda recipe, name: recipe)


def begun(model: str, folder: Path, watcher: Watcher | None = None) -> PhasedResult:
    settings = FieldSettings(
        model=model, epochs=2, steps_per_epoch=2, batch_size=4, seed=1, validation_samples=10,
        test_samples=30, n_threads=1,
    )  # fmt: skip
    request = FieldRequest(RECIPE, "toy", settings)
    return TaggingTraining.begin(request, RunFolder.create(folder), watcher or Watcher())


@pytest.mark.usefixtures("ctrl_c_is_heard")
@pytest.mark.parametrize(
    ("model", "stops"),
    [
        ("polar-net", [(1, True)]),
        ("joint", [(2, False), (1, True)]),  # between two phases, then within the last one
    ],
)
def test_a_stopped_run_goes_on_bit_for_bit(
    model: str, stops: Sequence[tuple[int, bool]], tmp_path: Path
) -> None:
    assert not begun(model, tmp_path / "whole").failed
    folder = RunFolder(tmp_path / "run")
    for number, (epochs, within) in enumerate(stops):
        stopper = Stopper(epochs, within=within)
        if number:
            stopped = TaggingTraining.resume(RunFolder.reopen(folder.path), stopper, 1)
        else:
            stopped = begun(model, folder.path, stopper)
        assert stopper.pressed
        assert stopped.interrupted
    assert not TaggingTraining.resume(RunFolder.reopen(folder.path), Watcher(), 1).interrupted
    assert_same(tmp_path / "whole", folder.path)


def test_the_joint_network_begins_with_two_trained_ones(tmp_path: Path) -> None:
    begins: list[Any] = []

    class Kept(tagging_run.TaggingTraining):
        def _on_fresh(self, trainer: Any, name: str, phase: str, model: Any = None) -> Any:
            if model is not None:
                begins.append({one.name: one.get_weights() for one in model.layers})
            return super()._on_fresh(trainer, name, phase, model)

    settings = FieldSettings(
        model="joint", epochs=1, steps_per_epoch=1, batch_size=4, seed=1, validation_samples=10,
        test_samples=10, n_threads=1,
    )  # fmt: skip
    folder = RunFolder.create(tmp_path / "run")
    assert not Kept.begin(FieldRequest(RECIPE, "toy", settings), folder, Watcher()).failed
    run = read_run(folder.path)
    assert isinstance(run, TaggingRun), run
    assert run.samples_seen == 3 * 4
    lines = (folder.path / "history.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == [
        "images alone", "coefficients alone", "both together",
    ]  # fmt: skip
    (begin,) = begins
    checked = 0
    for where, file in zip((towers.IMAGE, towers.COEFFICIENT), TOWERS, strict=True):
        with np.load(folder.file(file)) as kept:
            for name, weights in begin.items():
                for i, weight in enumerate(weights if name.startswith(f"{where}_") else ()):
                    np.testing.assert_array_equal(weight, kept[f"{name}_{i}"])
                    checked += 1
    assert checked >= 20


def test_a_joint_network_has_no_fixed_set(tmp_path: Path) -> None:
    settings = FieldSettings(
        model="joint", epochs=1, steps_per_epoch=1, batch_size=4, seed=1, validation_samples=10,
        test_samples=10, n_threads=1, images=20,
    )  # fmt: skip
    request = FieldRequest(RECIPE, "toy", settings)
    words = "images must be None for a network that looks at views and coefficients"
    with pytest.raises(ValueError, match=words):
        TaggingTraining.begin(request, RunFolder.create(tmp_path / "run"), Watcher())
