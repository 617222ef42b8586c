"""Samples per second of `Recipe.sample` beside vectorised NumPy, and beside NumPy's normals."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from conftest import Ratio, best_seconds
from numpy_reference import chirality_batch, hole_batch

COUNT = 1024
NUMPY_CHUNK = 64  # larger batches fall out of the cache and are slower
RECIPES = {
    "chirality": (nt.recipes.chirality, chirality_batch),
    "hole": (nt.recipes.hole, hole_batch),
}


def assert_views_plausible(views: np.ndarray[Any, Any], labels: np.ndarray[Any, Any]) -> None:
    """A benchmark that returns nonsense fast is worth nothing."""
    assert np.isfinite(views).all()
    assert 0.25 < views.mean() < 0.45
    assert abs(labels.mean() - 0.5) < 0.02


@pytest.mark.parametrize("name", list(RECIPES))
@pytest.mark.parametrize("n_threads", [1, 2])
def test_recipe_sample(benchmark: Any, name: str, n_threads: int) -> None:
    recipe = RECIPES[name][0]()
    benchmark.group = f"{COUNT} samples: {name}"
    batch = benchmark(recipe.sample, 7, 0, COUNT, n_threads=n_threads)
    benchmark.extra_info["samples_per_second"] = COUNT / benchmark.stats.stats.min
    assert_views_plausible(batch.views, batch.label)


def numpy_samples(name: str, rng: np.random.Generator) -> tuple[Any, Any]:
    """COUNT samples, chunk by chunk; returns the last chunk."""
    for _ in range(COUNT // NUMPY_CHUNK):
        views, labels = RECIPES[name][1](rng, NUMPY_CHUNK)
    return views, labels


@pytest.mark.parametrize("name", list(RECIPES))
def test_numpy_sample(benchmark: Any, name: str, rng: np.random.Generator) -> None:
    benchmark.group = f"{COUNT} samples: {name}"
    views, labels = benchmark.pedantic(numpy_samples, (name, rng), rounds=5, warmup_rounds=1)
    benchmark.extra_info["samples_per_second"] = COUNT / benchmark.stats.stats.min
    assert_views_plausible(views, labels)


@pytest.mark.parametrize("name", list(RECIPES))
def test_sample_against_numpy(
    name: str, rng: np.random.Generator, report_ratio: Callable[[Ratio], None]
) -> None:
    recipe = RECIPES[name][0]()
    own, other = best_seconds(
        lambda: recipe.sample(7, 0, COUNT, n_threads=1),
        lambda: RECIPES[name][1](rng, NUMPY_CHUNK),
    )
    ratio = (other / NUMPY_CHUNK) / (own / COUNT)
    report_ratio(
        Ratio(
            f"{name}: vectorised NumPy's time / nanotilt's, one thread",
            ratio,
            ">= 20",
            f"{COUNT / own:,.0f} samples/s",
        )
    )
    assert ratio > 5


@pytest.mark.parametrize("name", list(RECIPES))
def test_sample_against_256_normals(
    name: str, rng: np.random.Generator, report_ratio: Callable[[Ratio], None]
) -> None:
    """A whole sample must not cost more than NumPy's 256 float32 normals into a given array."""
    recipe = RECIPES[name][0]()
    out = np.empty(256, np.float32)

    def draw_normals() -> None:
        for _ in range(2048):
            rng.standard_normal(out=out, dtype=np.float32)

    own, normals = best_seconds(lambda: recipe.sample(7, 0, 2048, n_threads=1), draw_normals)
    report_ratio(
        Ratio(
            f"{name}: one sample / NumPy's 256 normals",
            own / normals,
            "<= 1",
            f"{own / 2048 * 1e6:.2f} us / {normals / 2048 * 1e6:.2f} us",
        )
    )
    assert abs(float(out.mean())) < 0.5


# Peak memory of this process alone: getrusage would count what its parent held before the fork.
MEMORY_PROGRAM = """
import nanotilt as nt

def peak_kib():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

recipe = nt.recipes.chirality()
recipe.sample(7, 0, {batch})
first = peak_kib()
for i in range({batches}):
    recipe.sample(7, i * {batch}, {batch})
print(first, peak_kib())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's /proc")
def test_memory_grows_with_the_batch_only(report_ratio: Callable[[Ratio], None]) -> None:
    """Drawing two million samples takes no more memory than drawing the first batch of them."""
    program = MEMORY_PROGRAM.format(batch=20_000, batches=100)
    text = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout
    first, last = (int(word) / 1024 for word in text.split())
    report_ratio(
        Ratio(
            "peak memory: 100 batches / 1 batch of 20,000",
            last / first,
            "<= 1.2",
            f"{last:.0f} / {first:.0f} MiB",
        )
    )
    # One batch's result (10 MiB) may be alive while the next is drawn.
    assert last < first + 24
