"""Dropout by hashing: which numbers fall out is as random as it must be."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

RATE = 0.1


def dropped(seed: int, shape: tuple[int, ...] = (400, 64, 32), calls: int = 1) -> Any:
    """Which of many ones become zero, in the last of several calls: 1 or 0 for each."""
    import keras

    from nanotilt.models._dropout import HashDropout

    keras.utils.set_random_seed(seed)
    layer = HashDropout(RATE)
    for _ in range(calls):
        out = np.asarray(layer(np.ones(shape, np.float32), training=True))
    kept = out[out != 0]
    np.testing.assert_allclose(kept, 1 / (1 - RATE), rtol=1e-6)
    return (out == 0).astype(np.float64)


def correlation(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """Correlation of two masks in standard errors."""
    product = ((a - RATE) * (b - RATE)).mean() / (RATE * (1 - RATE))
    return float(product * np.sqrt(a.size))


def test_the_share_that_falls_out() -> None:
    mask = dropped(0)
    error = np.sqrt(RATE * (1 - RATE) / mask.size)
    assert abs(mask.mean() - RATE) < 4 * error
    # By sample, by place and by channel, the shares spread as those of independent draws do.
    for axes in ((1, 2), (0, 2), (0, 1)):
        means = mask.mean(axis=axes)
        expected = np.sqrt(RATE * (1 - RATE) * means.size / mask.size)
        assert means.std() / expected == pytest.approx(1, abs=4 / np.sqrt(2 * means.size))


def test_neighbours_and_calls_are_independent() -> None:
    mask, later, other = dropped(1), dropped(1, calls=2), dropped(2)
    pairs = [(mask, later), (mask, other)]
    pairs += [(mask[1:], mask[:-1]), (mask[:, 1:], mask[:, :-1]), (mask[..., 1:], mask[..., :-1])]
    assert all(abs(correlation(a, b)) < 4.5 for a, b in pairs)


def test_it_repeats_with_its_seed_and_does_nothing_untrained() -> None:
    from nanotilt.models._dropout import HashDropout

    np.testing.assert_array_equal(dropped(3, (5, 7)), dropped(3, (5, 7)))
    x = np.ones((2, 3), np.float32)
    np.testing.assert_array_equal(HashDropout(RATE)(x, training=False), x)
    np.testing.assert_array_equal(HashDropout(0.0)(x, training=True), x)
    again = HashDropout.from_config(HashDropout(0.25, name="out").get_config())
    assert (again.rate, again.name) == (0.25, "out")


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_wrong_rates_are_refused(rate: float) -> None:
    from nanotilt.models._dropout import HashDropout

    with pytest.raises(ValueError, match=rf"rate must be in \[0, 1\). Received: rate={rate}"):
        HashDropout(rate)
