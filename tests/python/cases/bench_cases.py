"""A record as a quiet machine might have given it, for tests that measure nothing."""

from __future__ import annotations

import dataclasses

from nanotilt.benchmarking.results import (
    FORMAT,
    Build,
    Cost,
    Figure,
    Goal,
    GoalLine,
    Machine,
    Rate,
    Record,
    ThreadRate,
)

GOAL_KEYS = {
    *("chirality-by-normals", "hole-by-normals", "chirality-by-numpy", "hole-by-numpy"),
    *("two-threads", "stream-1024", "stream-64"),
    *("growth-corners", "growth-views", "growth-bins", "call-cost"),
    *("project-by-broadcasting", "project-by-radon", "memory-1-threads", "memory-2-threads"),
    *("radon-by-scikit-image", "radon-by-astra", "back-projection-by-scikit-image"),
    *("field-64", "field-128", "field-by-numpy", "field-512", "video-128"),
    *("lattice-by-normals", "lattice-by-numpy", "lattice-128", "lattice-256", "lattice-stream-256"),
    "lattice-fit",
    "bright-field-by-normals",
}
BESIDE_KEYS = {
    *("stream-python-1024", "stream-python-64", "stream-same-calls-1024", "stream-same-calls-64"),
    *("call-cost-empty", "project-by-listing"),
    *("chirality-by-new-normals", "hole-by-new-normals", "perfect-lattice-by-normals"),
}

MACHINE = Machine("Zeta 80", 2, "Linux-6.1", "3.12.1", ("numpy 2.1.0", "tensorflow 2.20.0"))
BUILD = Build("0.1.0", 1, "GCC 13.1", "-O3 -ffp-contract=off", "Release", 201511, "v3", 2)

LINES = (
    GoalLine(
        "chirality-by-normals",
        "chirality sample / 256 NumPy normals",
        0.5,
        "",
        Goal("<=", 0.4, 0.3),
        (Figure("a sample", 1.5, "µs"), Figure("256 normals", 3.0, "µs")),
    ),
    GoalLine(
        "two-threads",
        "two threads' rate / one thread's",
        1.95,
        "",
        Goal(">=", 1.9),
        (Figure("two", 1_365_000.0, "samples/s"), Figure("one", 700_000.0, "samples/s")),
    ),
    GoalLine("call-cost-empty", "a call for no samples", 9.25, "µs", None, ()),
    GoalLine("stream-64", "stream / sample", None, "", Goal(">=", 0.6), (), "needs TensorFlow"),
)

RATES = (
    Rate("hole", "NumPy", 1, 64, 1_600_000.0),
    Rate("hole", "NumPy", 2, 64, 2_500_000.0),
    Rate("hole", "tf.data", 1, 64, 800_000.0),
    Rate("chirality", "NumPy", 1, 1024, 625_000.0),
)

COSTS = (
    *(Cost("corners", n, 0.5 + 0.004 * n) for n in (45, 90, 180)),
    *(Cost("views", n, 0.25 + 0.25 * n) for n in (1, 2, 4)),
    *(Cost("bins", n, 0.75 + 0.0625 * n) for n in (32, 64, 128)),
)


def record(**changes: object) -> Record:
    """The record, with some fields changed."""
    fields: dict[str, object] = {
        "format": FORMAT,
        "date": "2026-01-02T03:04:05+00:00",
        "effort": "default",
        "seconds": 51.5,
        "busy_processors": 0.05,
        "machine": MACHINE,
        "build": BUILD,
        "lines": LINES,
        "rates": RATES,
        "costs": COSTS,
        "scaling": (ThreadRate(1, 700_000.0), ThreadRate(2, 1_365_000.0)),
        **changes,
    }
    return Record(**fields)  # type: ignore[arg-type]


def scaled(given: Record, factor: float) -> Record:
    """The same machine, all of its samples this many times faster."""
    rates = tuple(
        dataclasses.replace(rate, samples_per_second=factor * rate.samples_per_second)
        for rate in given.rates
    )
    costs = tuple(
        dataclasses.replace(cost, microseconds=cost.microseconds / factor) for cost in given.costs
    )
    return dataclasses.replace(given, rates=rates, costs=costs)
