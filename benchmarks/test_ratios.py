"""The goal lines of ``nanotilt bench``, printed in a table at the end of the run.

Goals are shown and not asserted: other work on the machine moves them. What is asserted is far off.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

import nanotilt as nt
from nanotilt.benchmarking import Effort, GoalLine, memory
from nanotilt.benchmarking.lines import costs, imaging, projecting, sampling, threads
from nanotilt.benchmarking.lines.streaming import streaming_lines
from nanotilt.benchmarking.machine import usable_processors

EFFORT = Effort("pytest", rounds=9, turn_seconds=0.02)
FEW = EFFORT.with_fewer_rounds()

Report = Callable[[list[GoalLine]], None]


def values(lines: list[GoalLine]) -> dict[str, float]:
    """Every line's value; lines that can't be measured here are left out."""
    return {line.key: line.value for line in lines if line.value is not None}


def test_samples_beside_normals(report_lines: Report) -> None:
    lines = sampling.lines_beside_normals(EFFORT)
    report_lines(lines)
    assert max(values(lines).values()) < 3


def test_samples_beside_numpy(report_lines: Report) -> None:
    lines = sampling.lines_beside_numpy(FEW)
    report_lines(lines)
    assert min(values(lines).values()) > 5


def test_threads(report_lines: Report) -> None:
    counts = tuple(sorted({1, 2, *threads.usual_threads(nt.build_info()["threads"])}))
    lines = threads.thread_lines(threads.thread_rates(counts, FEW), usable_processors())
    report_lines(lines)
    assert min(values(lines).values(), default=1.0) > 0.1


def test_streams(report_lines: Report) -> None:
    pytest.importorskip("tensorflow")
    lines = streaming_lines(FEW)
    report_lines(lines)
    assert min(values(lines).values()) > 0.02


def test_growth(report_lines: Report) -> None:
    """Quadratic growth would end near 1.5."""
    lines = costs.growth_lines(costs.measure_costs(EFFORT))
    report_lines(lines)
    assert max(values(lines).values()) < 2


def test_calls(report_lines: Report) -> None:
    lines = costs.call_lines(EFFORT)
    report_lines(lines)
    assert values(lines)["call-cost"] < 1000


def test_projecting(report_lines: Report) -> None:
    """Results are compared on the way; an error is raised if they differ."""
    lines = projecting.projecting_lines(FEW)
    report_lines(lines)
    assert values(lines)["project-by-broadcasting"] > 5


def test_imaging(report_lines: Report) -> None:
    """Results are compared on the way; an error is raised if they differ."""
    lines = imaging.imaging_lines(FEW)
    report_lines(lines)
    assert values(lines)["radon-by-scikit-image"] > 2


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's /proc")
def test_memory(report_lines: Report) -> None:
    lines = memory.memory_lines()
    report_lines(lines)
    assert max(values(lines).values()) < 8
