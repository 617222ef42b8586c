"""Momentum with averaged weights, and the training plans of networks for scattering images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")
pytest.importorskip("tensorflow")

from nanotilt import models  # noqa: E402  (only where Keras is)
from toy_scattering import ToyScattering  # noqa: E402


def small() -> Any:
    keras.utils.set_random_seed(1)
    return models.CoefficientCNN((6, 4), size="small")


def test_averages_are_kept_beside_the_weights(tmp_path: Path) -> None:
    """Against a loop in NumPy; training goes on from the weights, also after loading."""
    model = small()
    model.compile(models.AveragedSGD(0.05, average=0.6), model.new_loss(), jit_compile=False)
    known = ToyScattering().sample(3, 0, 8)
    seen, truth = model.seen(known), model.truth(known)
    average = None
    for step in range(6):
        model.fit(seen, truth, batch_size=8, verbose=0)  # one step, and the end of a fit
        weights = [keras.ops.convert_to_numpy(one) for one in model.trainable_variables]
        kept = min(0.6, step / (step + 9))
        average = weights if average is None else [
            kept * a + (1 - kept) * w for a, w in zip(average, weights, strict=True)
        ]  # fmt: skip
        if step == 3:
            model.save(tmp_path / "model.keras")
            model = keras.saving.load_model(tmp_path / "model.keras")
    assert average is not None
    with models.averaged(model):
        for one, other in zip(model.trainable_variables, average, strict=True):
            np.testing.assert_allclose(keras.ops.convert_to_numpy(one), other, atol=1e-6)
    for one, other in zip(model.trainable_variables, weights, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(one), other)
    models.take_average(model)
    for one, other in zip(model.trainable_variables, average, strict=True):
        np.testing.assert_allclose(keras.ops.convert_to_numpy(one), other, atol=1e-6)


def test_other_optimizers_keep_no_averages() -> None:
    model = small()
    before = model.get_weights()
    model.compile("adam", model.new_loss())
    with models.averaged(model):
        pass
    models.take_average(model)
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_papers_plan() -> None:
    plan = models.CoefficientCNN.training_plan(None)
    optimizer = plan.make_optimizer(10)
    assert (plan.batch_size, optimizer.momentum, optimizer.average) == (50, 0.9, 0.9999)
    assert float(optimizer.learning_rate) == pytest.approx(0.01)
    assert models.PolarNet.training_plan(None).total_steps * 64 == 1_024_000
    assert models.PolarNet.training_plan(None, "quick").epochs == 10
