"""The papers' experiments, each by one name: a catalogue.

    from nanotilt import experiments, sweeps

    for name in experiments.names():
        print(name, "-", experiments.by_name(name).question)

    sweeps.run("hole-stereo", model="paper", budget="quick")
    sweeps.run("square-label-free", budget="quick")

An experiment is a recipe, what a network is asked about it, how the network is trained, and what it
should score. There is one module for each paper; `nanotilt.sweeps` runs them.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import (
    BUDGETS,
    Expectation,
    ExpectedAccuracy,
    ExpectedAngles,
    Experiment,
)
from nanotilt.experiments.registry import by_name, names

__all__ = [
    "BUDGETS",
    "Expectation",
    "ExpectedAccuracy",
    "ExpectedAngles",
    "Experiment",
    "by_name",
    "names",
]
