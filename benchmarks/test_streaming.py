"""Samples per second through tf.data, by both routes, beside NumPy through a Python generator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from conftest import Ratio, best_seconds
from numpy_reference import chirality_batch

tf = pytest.importorskip("tensorflow")

SAMPLES = 65_536


def drain(data: Any) -> int:
    """Draws a whole data set; returns the number of samples."""
    return sum(int(label.shape[0]) for _, label in data)


@pytest.mark.parametrize("batch_size", [64, 256, 1024])
@pytest.mark.parametrize("route", ["op", "numpy"])
def test_stream(benchmark: Any, batch_size: int, route: Any) -> None:
    data = nt.stream(nt.recipes.chirality(), 7, batch_size, count=SAMPLES, route=route)
    benchmark.group = f"stream: chirality, batch {batch_size}"
    assert benchmark.pedantic(drain, (data,), rounds=5, warmup_rounds=1) == SAMPLES
    benchmark.extra_info["samples_per_second"] = SAMPLES / benchmark.stats.stats.min


@pytest.mark.parametrize("batch_size", [64, 256, 1024])
def test_numpy_generator(benchmark: Any, batch_size: int, rng: np.random.Generator) -> None:
    count = 2048

    def batches() -> Iterator[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
        for _ in range(count // batch_size):
            yield chirality_batch(rng, batch_size)

    signature = (
        tf.TensorSpec((batch_size, 2, 64), tf.float32),
        tf.TensorSpec((batch_size,), tf.int64),
    )
    data = tf.data.Dataset.from_generator(batches, output_signature=signature).prefetch(2)
    benchmark.group = f"stream: chirality, batch {batch_size}"
    assert benchmark.pedantic(drain, (data,), rounds=2) == count
    benchmark.extra_info["samples_per_second"] = count / benchmark.stats.stats.min


@pytest.mark.parametrize("batch_size", [64, 1024])
def test_stream_against_sample(batch_size: int, report_ratio: Callable[[Ratio], None]) -> None:
    recipe = nt.recipes.chirality()
    data = nt.stream(recipe, 7, batch_size, count=SAMPLES, route="op", num_parallel_calls=2)
    streamed, sampled = best_seconds(
        lambda: drain(data), lambda: recipe.sample(7, 0, SAMPLES, n_threads=2)
    )
    report_ratio(
        Ratio(
            f"stream / sample rate, batch {batch_size}, two threads",
            sampled / streamed,
            ">= 0.6" if batch_size == 64 else ">= 0.9",
            f"{SAMPLES / streamed:,.0f} samples/s",
        )
    )
