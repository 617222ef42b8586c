"""Networks of the user that do not fit are refused before training; nothing is left behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import nanotilt as nt
from nanotilt import training
from own_cases import TINY, dense
from training_cases import small_recipe


class Pair(keras.Model):  # type: ignore[misc]
    """Gives two tensors."""

    def call(self, views: Any) -> Any:
        return [views, views]


class Unregistered(keras.layers.Layer):  # type: ignore[misc]
    """Has no get_config."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def call(self, views: Any) -> Any:
        return self.factor * views


def with_loss(loss: Any, *last: Any) -> keras.Model:
    model = dense(*last)
    model.compile("adam", loss=loss)
    return model


WRONG: dict[str, tuple[Any, type[Exception], str]] = {
    "no network": (lambda: 3, TypeError, r"must return a keras\.Model\. Received: .*=3"),
    "a layer": (lambda: keras.layers.Dense(2), TypeError, r"must return a keras\.Model"),
    "two outputs": (Pair, TypeError, "one float32 tensor .*Received: outputs of type list"),
    "three classes": (
        lambda: dense(keras.layers.Dense(3)),
        ValueError,
        r"shape \(batch, 2\).*solid, hole.*Received: shape \(64, 3\) for 64 samples",
    ),
    "half precision": (
        lambda: dense(keras.layers.Dense(2, dtype="float16")),
        TypeError,
        "float32 .*Received: dtype float16",
    ),
    "other views": (
        lambda: dense(keras.layers.Dense(2), shape=(3, 8)),
        ValueError,
        r"must take views of shape \(batch, 2, 8\)",
    ),
    "not finite": (
        lambda: dense(keras.layers.Dense(2, bias_initializer=keras.initializers.Constant(np.inf))),
        ValueError,
        "all finite. Received: 128 values that are not",
    ),
    "unreadable": (
        lambda: dense(Unregistered(2.0), keras.layers.Dense(2)),
        ValueError,
        "register_keras_serializable",
    ),
    "a loss of probabilities": (
        lambda: with_loss("sparse_categorical_crossentropy", keras.layers.Dense(2)),
        ValueError,
        "from_logits=True, because the network gives logits",
    ),
    "a loss of logits": (
        lambda: with_loss(
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            keras.layers.Dense(2, "softmax"),
        ),
        ValueError,
        "from_logits=False, because the network gives probabilities",
    ),
    "a loss of vectors": (
        lambda: with_loss("categorical_crossentropy", keras.layers.Dense(2, "softmax")),
        ValueError,
        r"loss must take labels \(batch,\)",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_networks_that_are_refused(case: str, tmp_path: Path) -> None:
    make, error, words = WRONG[case]

    def wrong(recipe: nt.Recipe) -> Any:
        return make()

    with pytest.raises(error, match=words):
        training.train(small_recipe(), model=wrong, **TINY, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
