"""nanotilt.models: what all networks must do."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import nanotilt as nt
from conftest import RunPython

keras = pytest.importorskip("keras")

from nanotilt.models import (  # noqa: E402  (only where Keras is)
    PaperStereoClassifier,
    StereoClassifier,
    TrainingPlan,
    by_name,
    names,
)

Floats = npt.NDArray[np.float32]

CASES = {
    f"{kind.__name__}-{views}-{bins}-{classes}": (kind, (views, bins, classes), options)
    for kind, views, bins, classes, options in [
        (PaperStereoClassifier, 1, 32, 2, {}),
        (PaperStereoClassifier, 2, 64, 2, {"pooling": False}),
        (PaperStereoClassifier, 3, 17, 3, {"name": "three"}),
        (StereoClassifier, 1, 32, 3, {}),
        (StereoClassifier, 2, 64, 2, {}),
        (StereoClassifier, 3, 17, 2, {"branch_units": (8,), "joined_units": (), "name": "small"}),
    ]
}
FAST: Any = StereoClassifier
PAPER: Any = PaperStereoClassifier
KINDS = [FAST, PAPER]


@pytest.fixture(scope="module", params=list(CASES.values()), ids=list(CASES))
def case(request: pytest.FixtureRequest) -> Any:
    """A class, its sizes, further options."""
    return request.param


@pytest.fixture
def model(case: Any) -> Any:
    kind, size, options = case
    keras.utils.set_random_seed(1)
    return kind(*size, **options)


@pytest.fixture(scope="module")
def trained(case: Any) -> Any:
    """The same after a step or more: tracing its training takes seconds, so tests share it."""
    kind, size, options = case
    keras.utils.set_random_seed(1)
    model = kind(*size, **options)
    train_a_step(model)
    return model


def some_views(model: Any, count: int = 12) -> Floats:
    shape = (count, model.n_views, model.n_bins)
    return np.random.default_rng(3).random(shape, dtype=np.float32)


def some_labels(model: Any, count: int = 12) -> npt.NDArray[np.int32]:
    labels: npt.NDArray[np.int32] = np.arange(count, dtype=np.int32) % np.int32(model.n_classes)
    return labels


def predictions(model: Any, views: Floats) -> Floats:
    """What `model.predict` gives, without the seconds that compiling it takes."""
    probabilities: Floats = keras.ops.convert_to_numpy(model(views, training=False))
    return probabilities


def adam_plan() -> TrainingPlan:
    return TrainingPlan(
        12, 1, 1, lambda total_steps: keras.optimizers.Adam(1e-2), jit_compile=False
    )


def train_a_step(model: Any) -> None:
    adam_plan().compile(model)
    model.train_on_batch(some_views(model), some_labels(model))


# What all networks must do


def test_takes_views_and_gives_probabilities(case: Any, model: Any) -> None:
    _, (n_views, n_bins, n_classes), _ = case
    assert model.input_shape == (None, n_views, n_bins)
    assert model.output_shape == (None, n_classes)
    probabilities = predictions(model, some_views(model))
    assert probabilities.dtype == np.float32
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-5)


def test_predictions_of_samples_do_not_depend_on_their_batch(trained: Any) -> None:
    views = some_views(trained)
    together = predictions(trained, views)
    alone = np.concatenate([predictions(trained, views[i : i + 1]) for i in range(3)])
    np.testing.assert_allclose(alone, together[:3], atol=1e-5)


def test_every_view_and_every_weight_counts(trained: Any) -> None:
    views = some_views(trained)
    before = predictions(trained, views)
    for view in range(trained.n_views):
        changed = views.copy()
        changed[:, view] = changed[::-1, view]
        assert np.abs(predictions(trained, changed) - before).max() > 1e-4
    weights = [keras.ops.convert_to_numpy(weight) for weight in trained.trainable_weights]
    trained.train_on_batch(some_views(trained), some_labels(trained))
    for weight, earlier in zip(trained.trainable_weights, weights, strict=True):
        assert not np.array_equal(keras.ops.convert_to_numpy(weight), earlier), weight.path


def test_saved_and_loaded_predicts_alike(trained: Any, tmp_path: Path) -> None:
    trained.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded) is type(trained)
    assert loaded.get_config() == trained.get_config()
    views = some_views(trained)
    np.testing.assert_array_equal(predictions(loaded, views), predictions(trained, views))
    assert loaded.compiled
    assert type(loaded.optimizer) is type(trained.optimizer)


def test_config_survives_json(case: Any, model: Any) -> None:
    kind, _, options = case
    config = json.loads(json.dumps(model.get_config()))
    twin = kind.from_config(config)
    assert twin.get_config() == model.get_config()
    assert twin.name == options.get("name", model.name)
    assert [w.shape for w in twin.weights] == [w.shape for w in model.weights]
    again = keras.models.model_from_json(model.to_json())
    assert type(again) is kind
    assert again.get_config() == model.get_config()


def test_a_clone_with_the_weights_predicts_alike(trained: Any) -> None:
    clone = keras.models.clone_model(trained)
    clone.set_weights(trained.get_weights())
    views = some_views(trained)
    np.testing.assert_array_equal(predictions(clone, views), predictions(trained, views))


def test_a_frozen_network_stays_frozen(case: Any) -> None:
    kind, size, options = case
    frozen = kind(*size, **options, trainable=False)
    assert frozen.trainable_weights == []
    assert kind.from_config(frozen.get_config()).trainable_weights == []


LOAD_ELSEWHERE = """
import numpy as np
import nanotilt.models, keras
for name in {names!r}:
    model = keras.saving.load_model(f"{folder}/{{name}}.keras")
    views = np.load(f"{folder}/{{name}}.npy")
    np.save(f"{folder}/{{name}}_out.npy", model.predict(views, verbose=0))
    print("loaded", type(model).__name__)
"""


def test_loads_in_another_process(tmp_path: Path, run_python: RunPython) -> None:
    kinds = [kind.__name__ for kind in KINDS]
    expected = {}
    for kind in KINDS:
        model = kind(2, 16, 2)
        adam_plan().compile(model)
        model.save(tmp_path / f"{kind.__name__}.keras")
        np.save(tmp_path / f"{kind.__name__}.npy", some_views(model))
        expected[kind.__name__] = predictions(model, some_views(model))
    printed = run_python(LOAD_ELSEWHERE.format(names=kinds, folder=tmp_path))
    loaded = [line.split()[1] for line in printed.splitlines() if line.startswith("loaded ")]
    assert loaded == kinds
    for name, answers in expected.items():
        np.testing.assert_allclose(np.load(tmp_path / f"{name}_out.npy"), answers, atol=1e-5)


# The registry, and wrong arguments


def test_networks_are_found_by_name() -> None:
    assert names() == ("fast", "paper")
    assert by_name("fast") is StereoClassifier
    assert by_name("paper") is PaperStereoClassifier
    with pytest.raises(ValueError, match=r"one of fast, paper. Received: name='slow'"):
        by_name("slow")
    with pytest.raises(TypeError, match=r"name must be a string. Received: name=3"):
        by_name(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("size", "error", "message"),
    [
        ((0, 64, 2), ValueError, "n_views must be >= 1. Received: n_views=0"),
        ((2, 0, 2), ValueError, "n_bins must be >= .* Received: n_bins=0"),
        ((2, 64, 1), ValueError, "n_classes must be >= 2. Received: n_classes=1"),
        ((2.0, 64, 2), TypeError, "n_views must be an integer. Received: n_views=2.0"),
        ((2, "64", 2), TypeError, "n_bins must be an integer. Received: n_bins='64'"),
        ((2, 64, True), TypeError, "n_classes must be an integer. Received: n_classes=True"),
    ],
)
def test_wrong_sizes_are_named(kind: Any, size: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        kind(*size)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: PAPER(1, 7, 2), ValueError, "n_bins must be >= 8. Received:"),
        (lambda: PAPER(1, 32, 2, pooling=1), TypeError, "pooling must be True or"),
        (lambda: FAST(1, 1, 2), ValueError, "n_bins must be >= 2. Received: n_bins=1"),
        (lambda: FAST(1, 8, 2, branch_units=()), ValueError, "at least 1 entries"),
        (lambda: FAST(1, 8, 2, branch_units=64), TypeError, "branch_units=64"),
        (lambda: FAST(1, 8, 2, joined_units=(8, 0)), ValueError, r"units\[1\]=0"),
        (lambda: FAST(1, 8, 2, joined_units="8"), TypeError, "sequence of integers"),
        (lambda: StereoClassifier.for_recipe("hole"), TypeError, "recipe must be a nanotilt."),
        (
            lambda: PaperStereoClassifier.for_recipe(SimpleNamespace(n_views=2, class_names="ab")),
            TypeError,
            "recipe must be a nanotilt.Recipe",
        ),
        (
            lambda: StereoClassifier.for_recipe(nt.recipes.hole(), total_steps=0),
            ValueError,
            "total_steps must be >= 1. Received: total_steps=0",
        ),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(make: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        make()
