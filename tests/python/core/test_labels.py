"""Classes are balanced, or follow their weights, over any run of samples.

Which sample has which stays unforeseeable.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import nanotilt as nt
import oracle_random

SIMPLEST = nt.Particle(nt.Outline(n_corners=3))
DETECTOR = nt.Detector(n_bins=1, blur_sigma_px=0.0, noise=0.0)

WEIGHTS: list[tuple[float, ...]] = [
    (1.0, 1.0),
    (1.0,) * 10,
    (2.0, 1.0),
    (0.1, 0.9),
    (3.0, 1.5, 0.0, 0.2),
    (1.0, 1000.0),
    (1.0,) * 9 + (2.0,),
    tuple(float(i) for i in range(1, 11)),
    (0.001,) * 50 + (1.0,) * 50,
    tuple(np.random.default_rng(0).uniform(0, 1, 50)),
    tuple(np.random.default_rng(1).uniform(0, 1, 300)),
    (0.0,) * 290 + (1.0, 2.0) * 5,
]


def recipe_of(weights: Sequence[float]) -> nt.Recipe:
    return nt.Recipe(
        {f"class {k}": SIMPLEST for k in range(len(weights))}, DETECTOR, weights, "none"
    )


def labels_of(
    weights: Sequence[float], seed: int = 0, start: int = 0, count: int = 40_000
) -> npt.NDArray[np.int32]:
    return recipe_of(weights).sample(seed, start, count).label


def largest_imbalance(labels: npt.NDArray[np.int32], shares: npt.NDArray[np.float64]) -> float:
    """Largest |count - n * share| of any class over all runs within `labels`."""
    worst = 0.0
    for k, share in enumerate(shares):
        surplus = np.concatenate([[0], np.cumsum((labels == k) - share)])
        worst = max(worst, surplus.max() - surplus.min())
    return worst


@pytest.mark.parametrize("n_classes", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("start", [0, 1, 2**40 + 3])
def test_equal_classes_over_any_run(n_classes: int, start: int) -> None:
    """No class is ever ahead or behind by 2; of two classes by more than 1."""
    labels = labels_of((1.0,) * n_classes, seed=3, start=start)
    bound = 1.0 if n_classes == 2 else 2.0
    assert largest_imbalance(labels, np.full(n_classes, 1 / n_classes)) <= bound + 1e-9


@pytest.mark.parametrize("weights", WEIGHTS)
def test_weighted_classes_over_any_run(weights: tuple[float, ...]) -> None:
    """Ahead or behind by a few samples, however long the run.

    Independent draws would be by hundreds here.
    """
    shares = np.array(weights) / sum(weights)
    for seed in range(4):
        assert largest_imbalance(labels_of(weights, seed), shares) < 8


def test_rare_class_comes_as_often_as_it_should() -> None:
    labels = labels_of((1.0, 1e4), count=1_000_000)
    assert abs(np.count_nonzero(labels == 0) - 1e6 / 10_001) < 3


def test_more_classes_than_a_block_has_samples() -> None:
    """Of unequal weights; each comes as often as its weight says, those of weight 0 never."""
    weights = np.random.default_rng(0).uniform(0.5, 1.5, 1000)
    weights[::7] = 0
    for start in (0, 2**40):
        counts = np.bincount(labels_of(weights.tolist(), 3, start, 100_000), minlength=1000)
        assert np.abs(counts - weights / weights.sum() * 100_000).max() < 8
        assert counts[::7].max() == 0


@pytest.mark.parametrize(
    "weights", [(0.0, 1.0), (1.0, 0.0), (0.0, 2.0, 0.0), (0.0, 1.0, 0.0, 3.0, 0.0)]
)
def test_classes_of_weight_zero_never_come(weights: tuple[float, ...]) -> None:
    labels = set(labels_of(weights))
    assert labels == {k for k, weight in enumerate(weights) if weight > 0}


def test_only_ratios_of_weights_matter() -> None:
    np.testing.assert_array_equal(labels_of((1.0, 2.0, 5.0)), labels_of((0.25, 0.5, 1.25)))
    np.testing.assert_array_equal(labels_of((3.0, 3.0)), labels_of((1.0, 1.0)))


def test_weights_by_label() -> None:
    recipe = nt.Recipe({"a": SIMPLEST, "b": SIMPLEST}, DETECTOR, {"b": 0.0, "a": 1.0}, "none")
    assert set(recipe.sample(0, 0, 1000).label) == {0}


@pytest.mark.parametrize("weights", [(1.0, 1.0), (1.0, 1.0, 1.0), (2.0, 1.0, 1.0)])
def test_samples_at_regular_distances_are_of_all_classes(weights: tuple[float, ...]) -> None:
    """Taking every second, third, fourth sample must not select a class."""
    labels = labels_of(weights)
    shares = np.array(weights) / sum(weights)
    for step in range(1, 9):
        for first in range(step):
            found = np.bincount(labels[first::step], minlength=len(weights)) / len(
                labels[first::step]
            )
            np.testing.assert_allclose(found, shares, atol=0.05)


def test_seeds_have_schedules_of_their_own() -> None:
    """At each place the classes of 2,000 seeds are even.

    Seeds with equal low or high words differ.
    """
    first = np.array([labels_of((1.0,) * 4, seed, count=8) for seed in range(2000)])
    for place in range(8):
        assert stats.chisquare(np.bincount(first[:, place], minlength=4)).pvalue > 1e-4
    schedules = [labels_of((1.0, 1.0), seed, count=200) for seed in (0, 1, 2**32, 2**63, 2**64 - 1)]
    assert len(np.unique(schedules, axis=0)) == 5


def test_classes_are_simulated_as_labelled() -> None:
    """Label k is the k-th class: told by the particles' sizes."""
    sizes = {"small": 0.2, "large": 1.2, "middle": 0.7}
    classes = {
        name: nt.Particle(nt.Outline(size, 0.0, 0.0, centre_std=(0, 0)))
        for name, size in sizes.items()
    }
    recipe = nt.Recipe(classes, nt.Detector(sampling="bin"), [1, 2, 3], "none")
    batch = recipe.sample(1, 0, 300)
    mass = (batch.views[:, 0] - 20).sum(axis=-1) * 3 / 31
    expected = np.pi * np.array(list(sizes.values()))[batch.label] ** 2
    np.testing.assert_allclose(mass, expected, atol=0.35)
    assert recipe.class_names == ("small", "large", "middle")


@pytest.mark.parametrize("weights", [weights for weights in WEIGHTS if len(weights) > 256])
def test_oracle_of_many_classes(weights: tuple[float, ...]) -> None:
    position = oracle_random.Position(7, 2**40)
    expected = [
        oracle_random.label_of(weights, position._replace(sample=position.sample + i))
        for i in range(600)
    ]
    np.testing.assert_array_equal(labels_of(weights, 7, 2**40, 600), expected)


weight_lists = st.lists(
    st.sampled_from([0.0, 0.01, 0.3, 1.0, 1.0, 2.0, 5.0]), min_size=1, max_size=6
)


@settings(deadline=None)
@given(weight_lists.filter(any), st.integers(0, 2**64 - 1), st.integers(0, 2**63 - 100))
def test_oracle(weights: list[float], seed: int, start: int) -> None:
    labels = labels_of(weights, seed, start, 60)
    expected = [
        oracle_random.label_of(tuple(weights), oracle_random.Position(seed, start + i))
        for i in range(60)
    ]
    np.testing.assert_array_equal(labels, expected)
