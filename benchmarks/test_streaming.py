"""Samples per second through tf.data, by both routes, beside NumPy through a Python generator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt.benchmarking.lines.numpy_reference import chirality_batch
from nanotilt.benchmarking.lines.streams import Stream
from nanotilt.benchmarking.suite import BATCH_SIZES

tf = pytest.importorskip("tensorflow")

SAMPLES = 65_536


@pytest.mark.parametrize("batch_size", BATCH_SIZES)
def test_stream_drained_by_tensorflow(benchmark: Any, batch_size: int) -> None:
    """As a training loop reads it; `Stream` compares its first batch with `Recipe.sample`."""
    stream = Stream(nt.recipes.chirality(), batch_size, threads=nt.build_info()["threads"])
    benchmark.group = f"streaming: chirality, batch {batch_size}"
    n_batches = SAMPLES // batch_size
    drained = benchmark.pedantic(stream.drain, (n_batches,), rounds=5, warmup_rounds=1)
    benchmark.extra_info["samples_per_second"] = SAMPLES / benchmark.stats.stats.min
    assert drained == n_batches


def read_in_python(data: Any) -> int:
    """Draws a whole data set; returns the number of samples."""
    return sum(int(label.shape[0]) for _, label in data)


@pytest.mark.parametrize("batch_size", BATCH_SIZES)
@pytest.mark.parametrize("route", ["op", "numpy"])
def test_stream_read_in_python(benchmark: Any, batch_size: int, route: Any) -> None:
    data = nt.stream(nt.recipes.chirality(), 7, batch_size, count=SAMPLES, route=route)
    benchmark.group = f"streaming: chirality, batch {batch_size}"
    assert benchmark.pedantic(read_in_python, (data,), rounds=3, warmup_rounds=1) == SAMPLES
    benchmark.extra_info["samples_per_second"] = SAMPLES / benchmark.stats.stats.min


@pytest.mark.parametrize("batch_size", BATCH_SIZES)
def test_numpy_generator(benchmark: Any, batch_size: int, rng: np.random.Generator) -> None:
    count = 1024

    def batches() -> Iterator[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
        for _ in range(count // batch_size):
            yield chirality_batch(rng, batch_size)

    signature = (
        tf.TensorSpec((batch_size, 2, 64), tf.float32),
        tf.TensorSpec((batch_size,), tf.int64),
    )
    data = tf.data.Dataset.from_generator(batches, output_signature=signature).prefetch(2)
    benchmark.group = f"streaming: chirality, batch {batch_size}"
    assert benchmark.pedantic(read_in_python, (data,), rounds=2) == count
    benchmark.extra_info["samples_per_second"] = count / benchmark.stats.stats.min
