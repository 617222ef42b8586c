"""Shared parts of the benchmarks: inputs, and the table of ratios printed at the end of a run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest


class Ratio(NamedTuple):
    """One line of the table: a figure that a reader should be able to repeat."""

    what: str
    value: float
    goal: str
    detail: str


_RATIOS = pytest.StashKey[list[Ratio]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_RATIOS] = []


@pytest.fixture
def report_ratio(request: pytest.FixtureRequest) -> Callable[[Ratio], None]:
    """Adds a line to the table."""
    return request.config.stash[_RATIOS].append


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    ratios = config.stash[_RATIOS]
    if not ratios:
        return
    terminalreporter.section("ratios, each taken within this run")
    width = max(len(ratio.what) for ratio in ratios)
    for ratio in ratios:
        terminalreporter.write_line(
            f"{ratio.what:<{width}}  {ratio.value:8.3f}  goal {ratio.goal:<8}  {ratio.detail}"
        )


def best_seconds(first: Callable[[], object], second: Callable[[], object]) -> tuple[float, float]:
    """Smallest times of two pieces of work, taken in turns so that both meet the same machine."""
    first()
    second()
    times: list[tuple[float, float]] = []
    for _ in range(25):
        start = time.perf_counter()
        first()
        middle = time.perf_counter()
        second()
        times.append((middle - start, time.perf_counter() - middle))
    return min(t[0] for t in times), min(t[1] for t in times)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(1))
