"""Shared parts of the benchmarks: inputs, and the table of ratios printed at the end of a run."""

from __future__ import annotations

from collections.abc import Callable, Generator

import numpy as np
import pytest

from nanotilt.benchmarking import GoalLine, wording

_LINES = pytest.StashKey[list[GoalLine]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_LINES] = []


@pytest.fixture
def report_lines(request: pytest.FixtureRequest) -> Callable[[list[GoalLine]], None]:
    """Adds lines to the table."""
    return request.config.stash[_LINES].extend


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    """The table comes last, after pytest-benchmark's own."""
    yield
    lines = config.stash[_LINES]
    if not lines:
        return
    terminalreporter.section("ratios, each taken within this run")
    width = max(len(line.what) for line in lines)
    for line in lines:
        terminalreporter.write_line(
            f"{line.what:<{width}}  {wording.value_of(line):>11}  "
            f"{wording.goal(line.goal, line.unit):<16}  {wording.verdict(line):<12}  "
            f"{wording.figures(line)}"
        )


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(1))
