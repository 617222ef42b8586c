"""nanotilt.models: views that a network can't take are refused in plain words, in every call."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")

from model_cases import CASES, Case  # noqa: E402  (only where Keras is)

NAMES = ["stereo", "paper", "encoder_paper_line", "difference", "u_net"]

WAYS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "call": lambda model, views, targets: model(views),
    "predict": lambda model, views, targets: model.predict(views, verbose=0),
    "fit": lambda model, views, targets: model.fit(views, targets, verbose=0),
    "evaluate": lambda model, views, targets: model.evaluate(views, targets, verbose=0),
    "train_on_batch": lambda model, views, targets: model.train_on_batch(views, targets),
    "test_on_batch": lambda model, views, targets: model.test_on_batch(views, targets),
    "predict_on_batch": lambda model, views, targets: model.predict_on_batch(views),
    "tensor": lambda model, views, targets: model(keras.ops.convert_to_tensor(views)),
    "symbol": lambda model, views, targets: model(keras.Input(views.shape[1:])),
    "dataset": lambda model, views, targets: model.fit(
        tf.data.Dataset.from_tensors((views, targets)), shuffle=False, verbose=0
    ),
    "generator": lambda model, views, targets: model.fit(
        ((views, targets) for _ in range(3)), steps_per_epoch=1, verbose=0
    ),
}


@pytest.fixture(scope="module", params=NAMES)
def case(request: pytest.FixtureRequest) -> Any:
    return CASES[request.param]


@pytest.fixture(scope="module")
def model(case: Case) -> Any:
    model = case.seeded()
    case.compile(model)
    return model


def expected(case: Case) -> str:
    shape = ", ".join(map(str, case.view_shape))
    if case is CASES["difference"]:
        return "views must have shape (batch, n_views, 8), n_views >= 2"
    return f"views must have shape (batch, {shape})"


def check_refused(case: Case, shape: str, act: Callable[[], Any]) -> None:
    """ValueError in one sentence, naming what was expected and what came."""
    with pytest.raises(ValueError, match=re.escape(expected(case))) as caught:
        act()
    assert str(caught.value) == f"{expected(case)}. Received: shape {shape}"


@pytest.mark.parametrize("way", WAYS)
def test_wrong_number_of_bins(way: str, case: Case, model: Any) -> None:
    views = np.zeros((4, *case.view_shape[:-1], 128), np.float32)
    shape = str(views.shape)
    if way in ("symbol", "generator"):
        shape = shape.replace("4", "batch", 1)
    check_refused(case, shape, lambda: WAYS[way](model, views, case.targets(4)))


@pytest.mark.parametrize("way", ["call", "predict", "fit", "train_on_batch", "tensor", "dataset"])
def test_no_axis_of_batches(way: str, case: Case, model: Any) -> None:
    views = np.zeros(case.view_shape, np.float32)
    targets = case.targets(len(views))
    check_refused(case, str(views.shape), lambda: WAYS[way](model, views, targets))


@pytest.mark.parametrize("way", ["call", "predict", "fit", "evaluate", "train_on_batch"])
@pytest.mark.parametrize("kind", [np.str_, object, np.complex64])
def test_no_numbers(kind: Any, way: str, case: Case, model: Any) -> None:
    views = np.zeros((4, *case.view_shape), kind)
    with pytest.raises(TypeError, match="views must hold real numbers"):
        WAYS[way](model, views, case.targets(4))


def test_no_arrays(case: Case, model: Any) -> None:
    check_refused(case, "()", lambda: model(3.0))
    check_refused(case, "(2, 2)", lambda: model.predict([[1, 2], [3, 4]]))
    with pytest.raises(ValueError, match="views must be a rectangular array"):
        model([[1, 2], [3]])
    with pytest.raises(TypeError, match="views must hold real numbers"):
        model("views")
    for act in (model.fit, lambda: model.predict(None)):
        with pytest.raises(TypeError, match="views must be an array or a data set"):
            act()


def test_what_may_be_shown(case: Case, model: Any) -> None:
    """Any numbers, lists of them, and views with an axis of one channel."""
    views = case.inputs(4)
    answers = keras.ops.convert_to_numpy(model(views))
    for same in (views.astype(np.float64), views.tolist(), views[..., None]):
        np.testing.assert_allclose(keras.ops.convert_to_numpy(model(same)), answers, atol=1e-5)
    np.testing.assert_allclose(model.predict(views[..., None], verbose=0), answers, atol=1e-5)
    for kind in (np.int32, np.bool_, np.float16):
        assert model(views.astype(kind)).shape == answers.shape
    assert model(keras.Input(case.view_shape)).shape[1:] == answers.shape[1:]
    assert model(keras.Input((*case.view_shape, 1))).shape[1:] == answers.shape[1:]


def test_views_of_a_pair_may_come_apart() -> None:
    case = CASES["difference"]
    model = case.seeded()
    views = case.inputs(4)
    apart = keras.ops.convert_to_numpy(model((views[:, 0], views[:, 1])))
    np.testing.assert_array_equal(apart, keras.ops.convert_to_numpy(model(views)))
    check_refused(case, "(batch, 1, 8)", lambda: model((views[:, 0],)))
    check_refused(case, "(4, 1, 8)", lambda: model(views[:, :1]))
    with pytest.raises(ValueError, match=re.escape("must have shape (batch, 8). Received: shape")):
        model((views[:, 0], views[:, 1, :4]))
