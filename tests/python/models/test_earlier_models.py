"""Networks that earlier versions saved are read, and predict what they predicted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from places import KNOWN_ANSWERS

keras = pytest.importorskip("keras")

from nanotilt.models import StereoClassifier  # noqa: E402  (only where Keras is)

SAVED = KNOWN_ANSWERS / "models"
"""Small stereo classifiers as they were before products were bounded, after a few steps of
training, each with views and with what it made of them."""

NAMES = sorted(path.stem for path in SAVED.glob("*.keras"))


def test_there_are_some() -> None:
    assert len(NAMES) == 4


@pytest.mark.parametrize("name", NAMES)
def test_networks_of_earlier_versions_predict_what_they_did(name: str, tmp_path: Path) -> None:
    model = keras.saving.load_model(SAVED / f"{name}.keras")
    assert type(model) is StereoClassifier
    assert not model.bounded_products
    with np.load(SAVED / f"{name}.npz") as known:
        views, predictions = known["views"], known["predictions"]
    np.testing.assert_allclose(model(views), predictions, atol=1e-5)
    model.save(tmp_path / "again.keras")
    again: Any = keras.saving.load_model(tmp_path / "again.keras")
    np.testing.assert_allclose(again(views), predictions, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_their_weights_fit_networks_of_today(name: str) -> None:
    """So that training can start from them."""
    earlier = keras.saving.load_model(SAVED / f"{name}.keras")
    today = StereoClassifier.from_config({**earlier.get_config(), "bounded_products": True})
    assert [(w.path, w.shape) for w in today.weights] == [
        (w.path, w.shape) for w in earlier.weights
    ]
    today.set_weights(earlier.get_weights())
    with np.load(SAVED / f"{name}.npz") as known:
        views, predictions = known["views"], known["predictions"]
    has_products = earlier.n_views > 1 and earlier.join == "late"
    apart = np.abs(np.asarray(today(views)) - predictions).max()
    assert (apart > 1e-3) == has_products
