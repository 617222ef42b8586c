"""Contract: every network of nanotilt.models trains from its first weights, whatever their seed."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import nanotilt as nt

keras = pytest.importorskip("keras")
pytest.importorskip("tensorflow")

from network_cases import (  # noqa: E402  (only where Keras and TensorFlow are)
    NETWORKS,
    Training,
    again,
    fresh,
)

HIGHEST_RATIO = 10.0
"""Of any loss to the first one."""

BY_HEART, BATCH = 12, 32
FEW_SEEDS, MANY_SEEDS = range(3), range(20)
FEW_STEPS, MANY_STEPS = 20, 60
RATES = [1e-3, 1e-2]

each_network = pytest.mark.parametrize("name", list(NETWORKS))


@functools.cache
def with_adam(name: str) -> Training:
    """Tracing takes seconds."""
    return Training(NETWORKS[name], keras.optimizers.Adam(1e-3))


def all_losses(
    training: Training, name: str, seeds: Any, n_steps: int, rate: float | None = None
) -> npt.NDArray[np.float32]:
    """(seeds, noise learned by heart or fresh samples of the recipe, n_steps)."""
    network = NETWORKS[name]
    by_heart = again(network.noise(BY_HEART), n_steps)
    of_recipe = fresh(network.recipe_samples(BATCH * n_steps), n_steps)
    return np.array([[training.losses(s, d, rate) for d in (by_heart, of_recipe)] for s in seeds])


def assert_bounded(losses: npt.NDArray[np.float32]) -> None:
    assert np.isfinite(losses).all()
    worst = (losses.max(axis=2) / losses[:, :, 0]).max(axis=0)
    print("worst loss / first loss: noise {:.2f}, recipe {:.2f}".format(*worst))
    assert (worst <= HIGHEST_RATIO).all(), worst


def test_every_network_is_held_to_it() -> None:
    for module in pkgutil.iter_modules(nt.models.__path__, "nanotilt.models."):
        importlib.import_module(module.name)
    networks = {kind for kind in keras.Model.__subclasses__() if "nanotilt.models" in str(kind)}
    held = {type(network.make()) for network in NETWORKS.values()}
    assert networks == held


@each_network
@pytest.mark.parametrize("rate", RATES)
def test_no_loss_is_above_ten_times_the_first(name: str, rate: float) -> None:
    assert_bounded(all_losses(with_adam(name), name, FEW_SEEDS, FEW_STEPS, rate))


@pytest.mark.slow
@each_network
@pytest.mark.parametrize("rate", RATES)
def test_of_twenty_seeds_no_loss_is_above_ten_times_the_first(name: str, rate: float) -> None:
    assert_bounded(all_losses(with_adam(name), name, MANY_SEEDS, MANY_STEPS, rate))


@pytest.mark.slow
@each_network
def test_nor_with_the_networks_own_plan(name: str) -> None:
    training = Training(NETWORKS[name], NETWORKS[name].plan(MANY_STEPS))
    assert_bounded(all_losses(training, name, MANY_SEEDS, MANY_STEPS))
