"""Samples per second of `Recipe.sample` beside vectorised NumPy, by threads and batch size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt.benchmarking.lines.drawing import fresh_samples
from nanotilt.benchmarking.lines.sampling import NUMPY_CHUNK, Subject, subjects
from nanotilt.benchmarking.lines.threads import usual_threads
from nanotilt.benchmarking.suite import BATCH_SIZES

pytestmark = pytest.mark.benchmark(max_time=0.3)

THREADS = usual_threads(nt.build_info()["threads"])
COUNT = 1024


def assert_plausible(recipe: nt.Recipe, views: np.ndarray[Any, Any], labels: Any) -> None:
    """A benchmark that returns nonsense fast is worth nothing."""
    assert views.shape[1:] == (recipe.n_views, recipe.detector.n_bins)
    assert np.isfinite(views).all()
    assert 0.25 < views.mean() < 0.45
    assert abs(labels.mean() - 0.5) < 0.02


@pytest.mark.parametrize("name", nt.recipes.names())
@pytest.mark.parametrize("batch_size", BATCH_SIZES)
@pytest.mark.parametrize("n_threads", THREADS)
def test_recipe_sample(benchmark: Any, name: str, n_threads: int, batch_size: int) -> None:
    recipe = nt.recipes.by_name(name)
    benchmark.group = f"sampling: {name}"
    batch = benchmark(fresh_samples(recipe, batch_size, n_threads=n_threads))
    benchmark.extra_info["samples_per_second"] = batch_size / benchmark.stats.stats.min
    assert_plausible(recipe, batch.views, batch.label)


def numpy_samples(subject: Subject, rng: np.random.Generator) -> Any:
    """COUNT samples, chunk by chunk; returns the last chunk."""
    for _ in range(COUNT // NUMPY_CHUNK):
        last = subject.numpy_batch(rng, NUMPY_CHUNK)
    return last


@pytest.mark.parametrize("subject", subjects(), ids=lambda subject: subject.name)
def test_numpy_sample(benchmark: Any, subject: Subject, rng: np.random.Generator) -> None:
    benchmark.group = f"sampling: {subject.name}"
    views, labels = benchmark.pedantic(numpy_samples, (subject, rng), rounds=3, warmup_rounds=1)
    benchmark.extra_info["samples_per_second"] = COUNT / benchmark.stats.stats.min
    assert_plausible(subject.recipe, views, labels)
