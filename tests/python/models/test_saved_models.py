"""nanotilt.models: what a saved network keeps, and files that earlier releases wrote."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from places import KNOWN_ANSWERS

keras = pytest.importorskip("keras")

from model_cases import CASES, NOT_RELEASED, Case  # noqa: E402  (only where Keras is)
from nanotilt import models  # noqa: E402

RELEASES = KNOWN_ANSWERS / "models"
FEW = pytest.mark.parametrize("name", ["stereo", "paper", "difference", "u_net_sine_cosine"])
OLD_FILES = sorted(RELEASES.glob("*/*.keras"))


@pytest.fixture(params=list(CASES.values()), ids=list(CASES))
def case(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def keras_as_it_was() -> Iterator[None]:
    """Puts back what a test sets for all of Keras."""
    before = (keras.config.dtype_policy(), keras.config.floatx(), keras.config.image_data_format())
    yield
    keras.config.set_dtype_policy(before[0])
    keras.config.set_floatx(before[1])
    keras.config.set_image_data_format(before[2])


def values(variables: Any) -> list[Any]:
    return [np.asarray(keras.ops.convert_to_numpy(variable)) for variable in variables]


def outputs(model: Any, case: Case) -> Any:
    return keras.ops.convert_to_numpy(model(case.inputs(), training=False))


def saved_and_loaded(model: Any, folder: Path) -> Any:
    model.save(folder / "model.keras")
    return keras.saving.load_model(folder / "model.keras")


def check_alike(loaded: Any, model: Any) -> None:
    """All that makes a network: class, layers and what was set of them, weights, compilation."""
    assert type(loaded) is type(model)
    assert loaded.get_config() == model.get_config()
    assert loaded.get_compile_config() == model.get_compile_config()
    for attribute in ("trainable_variables", "non_trainable_variables"):
        # By name: layers in float8 make theirs in another order when they are made in it.
        ours, theirs = ({v.path: v for v in getattr(m, attribute)} for m in (model, loaded))
        assert theirs.keys() == ours.keys()
        for path, variable in ours.items():
            assert theirs[path].dtype == variable.dtype
            one, other = values([theirs[path], variable])
            np.testing.assert_array_equal(one, other, err_msg=path)
    policies = [
        [(layer.name, layer.dtype_policy.name, layer.trainable) for layer in each._flatten_layers()]
        for each in (model, loaded)
    ]
    assert policies[0] == policies[1]


def some_dense(model: Any) -> Any:
    """A dense layer in the middle, wherever it sits; of a network without any, a convolution."""
    layers = list(model._flatten_layers())
    dense = [layer for layer in layers if type(layer) is keras.layers.Dense]
    dense = dense or [layer for layer in layers if type(layer) is keras.layers.Conv2D]
    return dense[len(dense) // 2]


def test_every_network_is_a_case() -> None:
    public = [getattr(models, name) for name in models.__all__]
    networks = {each for each in public if isinstance(each, type) and issubclass(each, keras.Model)}
    assert networks
    assert networks == {case.kind for case in CASES.values()}


def test_training_goes_on_as_if_never_saved(case: Case, tmp_path: Path) -> None:
    """With a frozen layer; dropout's random numbers, too."""
    model = case.seeded()
    some_dense(model).trainable = False
    case.compile(model, keras.optimizers.Adam(0.125), run_eagerly=True)
    model.train_on_batch(case.inputs(seed=1), case.targets(8))
    n_trainable = len(model.trainable_weights)
    assert 0 < n_trainable < len(case.make().trainable_weights)
    loaded = saved_and_loaded(model, tmp_path)
    assert len(loaded.trainable_weights) == n_trainable
    check_alike(loaded, model)
    for each in (model, loaded):
        each.train_on_batch(case.inputs(seed=2), case.targets(8))
        assert each.optimizer.iterations == 2
    check_alike(loaded, model)
    for one, other in zip(
        values(model.optimizer.variables), values(loaded.optimizer.variables), strict=True
    ):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("policy", ["mixed_float16", "bfloat16", "float64"])
@pytest.mark.usefixtures("keras_as_it_was")
@FEW
def test_precision(policy: str, name: str, tmp_path: Path) -> None:
    case = CASES[name]
    keras.config.set_dtype_policy(policy)
    if policy == "float64":
        keras.config.set_floatx("float64")
    model = case.seeded()
    case.compile(model, keras.optimizers.SGD(0.125))
    expected = outputs(model, case)
    model.save(tmp_path / "model.keras")
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert keras.config.dtype_policy().name == "float32"
    assert keras.config.floatx() == "float32"
    assert loaded.dtype_policy.name == policy
    check_alike(loaded, model)
    np.testing.assert_array_equal(outputs(loaded, case), expected)


@FEW
def test_precision_of_one_layer(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    model = case.seeded()
    some_dense(model).dtype_policy = "mixed_bfloat16"
    expected = outputs(model, case)
    assert np.abs(expected - outputs(case.seeded(), case)).max() > 0
    loaded = saved_and_loaded(model, tmp_path)
    check_alike(loaded, model)
    np.testing.assert_array_equal(outputs(loaded, case), expected)


_CONVOLUTIONS = (
    "segmentation", "particle", "defect_net", "defect_finder", "convolutional", "lattice_denoiser",
)  # fmt: skip
WITHOUT_DENSE = {name for name in CASES if name.startswith(_CONVOLUTIONS)}
"""Keras quantises no convolutions."""

QUANTISED = [
    *((name, "int8") for name in CASES if name not in WITHOUT_DENSE),
    ("stereo", "float8"),
    ("paper", "float8"),
]


@pytest.mark.filterwarnings("ignore:Layer .* does not have a `quantize` method")
@pytest.mark.parametrize(("name", "mode"), QUANTISED)
def test_quantised(name: str, mode: str, tmp_path: Path) -> None:
    case = CASES[name]
    model = case.seeded()
    model.quantize(mode)
    assert mode in some_dense(model).dtype_policy.name
    expected = outputs(model, case)
    loaded = saved_and_loaded(model, tmp_path)
    check_alike(loaded, model)
    np.testing.assert_array_equal(outputs(loaded, case), expected)


def test_what_was_set_of_a_layer(tmp_path: Path) -> None:
    """Any of its arguments, and low-rank weights added to it."""
    model = CASES["stereo"].seeded()
    model.get_layer("normal_even").momentum = 0.5
    model.get_layer("branch_even").enable_lora(2)
    loaded = saved_and_loaded(model, tmp_path)
    assert loaded.get_config() == model.get_config()
    assert loaded.get_layer("normal_even").momentum == 0.5
    assert loaded.get_layer("branch_even").lora_rank == 2
    np.testing.assert_allclose(
        outputs(loaded, CASES["stereo"]), outputs(model, CASES["stereo"]), rtol=1e-5
    )


@FEW
def test_json_and_clones(name: str) -> None:
    """From JSON comes the class; a clone of Keras's is a plain model with the same layers."""
    case = CASES[name]
    model = case.seeded()
    some_dense(model).trainable = False
    text = model.to_json()
    twin = keras.models.model_from_json(text)
    assert type(twin) is case.kind
    assert twin.get_config() == model.get_config() == json.loads(text)["config"]
    clone = keras.models.clone_model(model)
    assert len(clone.trainable_weights) == len(model.trainable_weights)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(outputs(clone, case), outputs(model, case))


def test_arguments_alone_still_make_a_network(case: Case) -> None:
    """As in files of 0.1.0, which held nothing else."""
    model = case.seeded()
    config = model.get_config()
    for key in ("dtype", "layers"):
        config.pop(key, None)
    twin = case.kind.from_config(json.loads(json.dumps(config)))
    assert twin.get_config() == model.get_config()


# What earlier releases wrote


def test_there_are_files_of_each_kind() -> None:
    assert {path.stem for path in OLD_FILES} >= set(CASES) - NOT_RELEASED


@pytest.mark.parametrize("path", OLD_FILES, ids=[f"{p.parent.name}-{p.stem}" for p in OLD_FILES])
def test_files_of_earlier_releases(path: Path) -> None:
    model: Any = keras.saving.load_model(path)
    with np.load(path.with_suffix(".npz")) as known:
        answers = keras.ops.convert_to_numpy(model(known["inputs"], training=False))
        np.testing.assert_allclose(answers, known["outputs"], rtol=1e-5, atol=1e-6)
        assert int(model.optimizer.iterations) == int(known["iterations"])
    assert len(model.optimizer.variables) > 2


@pytest.fixture
def channels_first(keras_as_it_was: None) -> Callable[[], None]:
    return lambda: keras.config.set_image_data_format("channels_first")


def test_channels_may_be_first_elsewhere(case: Case, channels_first: Callable[[], None]) -> None:
    expected = outputs(case.seeded(), case)
    channels_first()
    np.testing.assert_array_equal(outputs(case.seeded(), case), expected)


@pytest.mark.parametrize("arguments", [(), (None, None, 1, 0, None, 0.0, None, False)])
def test_fitting_a_data_set_is_silent(arguments: tuple[Any, ...]) -> None:
    """Warnings are errors here, that of Keras's own default for shuffling, too."""
    tf = pytest.importorskip("tensorflow")
    case = CASES["encoder_paper_line"]
    model = case.seeded()
    case.compile(model)
    batch = case.inputs(), case.targets(8)
    options = {"steps_per_epoch": 1} | ({} if arguments else {"verbose": 0})
    for data in (tf.data.Dataset.from_tensors(batch), (batch for _ in count())):
        assert len(model.fit(data, *arguments, **options).history["loss"]) == 1
