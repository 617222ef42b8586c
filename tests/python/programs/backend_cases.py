"""A program: does on one of Keras's backends what all networks must do, and prints what came out.

    KERAS_BACKEND=jax python backend_cases.py FOLDER

Prints a JSON object: for each case how far its answers are from TensorFlow's, or what went wrong.
"""

from __future__ import annotations

import json
import sys
import traceback
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import nanotilt as nt
from model_cases import CASES, NOT_RELEASED
from nanotilt.models import StereoClassifier
from nanotilt.tasks.losses import TaskLoss
from places import KNOWN_ANSWERS

RELEASE = KNOWN_ANSWERS / "models" / "0.1.0"
TRAINED = ("stereo", "paper", "encoder_paper_line", "encoder_aligned", "difference", "u_net")
"""One of each kind; training compiles, which takes seconds each."""

WORK = Path(sys.argv[1])


def answers(model: Any, views: Any) -> Any:
    return keras.ops.convert_to_numpy(model(views, training=False))


def distance_of(name: str) -> float:
    """Loads a file that was saved on TensorFlow, and for some trains, saves and loads again."""
    model = keras.saving.load_model(RELEASE / f"{name}.keras")
    with np.load(RELEASE / f"{name}.npz") as known:
        views, expected = known["inputs"], known["outputs"]
    distance = float(np.abs(answers(model, views) - expected).max())
    assert int(model.optimizer.iterations) == 2
    if name in TRAINED:
        train_save_and_load(name, model, views)
    return distance


def train_save_and_load(name: str, model: Any, views: Any) -> None:
    case = CASES[name]
    history = model.fit(case.inputs(), case.targets(8), batch_size=8, verbose=0).history
    assert np.isfinite(history["loss"][0])
    assert int(model.optimizer.iterations) == 3
    model.save(WORK / "model.keras")
    loaded = nt.load(WORK / "model.keras")
    np.testing.assert_allclose(answers(loaded, views), answers(model, views), atol=1e-6)
    for one, other in zip(model.optimizer.variables, loaded.optimizer.variables, strict=True):
        np.testing.assert_array_equal(*map(keras.ops.convert_to_numpy, (one, other)))
    predicted = loaded.predict(views, verbose=0)
    np.testing.assert_allclose(predicted, answers(model, views), atol=1e-5)


def plan_and_numpy_batches() -> float:
    """`for_recipe` compiles as the plan says; NumPy batches train, silently; tasks' losses work."""
    recipe = nt.Recipe(
        {"solid": nt.Particle(nt.Outline()), "hole": nt.Particle(nt.Outline(), (nt.Hole(),))},
        nt.Detector(n_bins=16, angles_deg=(0, 90)),
    )
    options: Any = {"branch_units": (8,), "joined_units": (4,)}
    model = StereoClassifier.for_recipe(recipe, total_steps=20, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = nt.batches(recipe, seed=1, batch_size=32)
        history = model.fit(data, steps_per_epoch=20, verbose=0).history
    assert int(model.optimizer.iterations) == 20
    model.compile("sgd", loss=TaskLoss((2,), (1.0,), fading=0), jit_compile=False)
    model.train_on_batch(*next(nt.batches(recipe, 1, 8)))
    return 0.0 if np.isfinite(history["loss"][0]) else 1.0


def wrong_views() -> float:
    """They are refused in our own words, before the backend sees them."""
    model = CASES["stereo"].seeded()
    words = r"views must have shape \(batch, 2, 16\)\. Received: shape \("
    for act in (model, model.predict, lambda views: model(keras.Input(views.shape[1:]))):
        with pytest.raises(ValueError, match=f"^{words}"):
            act(np.zeros((4, 2, 128), np.float32))
    return 0.0


def outcome(check: Callable[[], float]) -> Any:
    try:
        return check()
    except Exception:
        return traceback.format_exc()


def main() -> None:
    found = {
        name: outcome(partial(distance_of, name)) for name in CASES if name not in NOT_RELEASED
    }
    found["plan_and_numpy_batches"] = outcome(plan_and_numpy_batches)
    found["wrong_views"] = outcome(wrong_views)
    print(json.dumps({"backend": keras.backend.backend(), "found": found}))


if __name__ == "__main__":
    main()
