"""How many samples per second this machine simulates and streams."""

from __future__ import annotations

import time
from collections.abc import Callable

from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.records import EpochRecord, Throughput
from nanotilt.runs.settings import Settings
from nanotilt.streaming.stream import stream
from nanotilt.training.classifier import samples_at_once

MEASURED_SECONDS = 0.4


def measure(
    recipe: Recipe, settings: Settings, history: tuple[EpochRecord, ...], tested: float
) -> Throughput:
    """Measures simulation and streaming for a moment each.

    Args:
        recipe: What to simulate.
        settings: Batch size and threads.
        history: Tells the training's speed.
        tested: Samples per second of the test.
    """
    rates = sorted(record.samples_per_second for record in history)
    return Throughput(
        simulated=_simulated(recipe, settings.n_threads),
        simulated_one_thread=_simulated(recipe, 1),
        streamed=_streamed(recipe, settings),
        trained=rates[len(rates) // 2] if rates else None,
        tested=tested,
    )


def _simulated(recipe: Recipe, n_threads: int | None) -> float:
    count = samples_at_once(recipe)
    return _rate(lambda: recipe.sample(0, count=count, n_threads=n_threads), count)


def _streamed(recipe: Recipe, settings: Settings) -> float:
    data = stream(recipe, 0, settings.batch_size, num_parallel_calls=settings.n_threads)
    batches = iter(data)
    return _rate(lambda: next(batches), settings.batch_size)


def _rate(draw: Callable[[], object], count: int) -> float:
    """Samples per second of a function that draws `count` of them; the first call warms up."""
    draw()
    n_calls, began = 0, time.perf_counter()
    while True:
        draw()
        n_calls += 1
        seconds = time.perf_counter() - began
        if seconds >= MEASURED_SECONDS:
            return n_calls * count / seconds
