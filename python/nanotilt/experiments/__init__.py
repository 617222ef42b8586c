"""The experiments of Sullivan 2020, and those it proposed, each by one name.

    from nanotilt import experiments, sweeps

    for name in experiments.names():
        print(name, "-", experiments.by_name(name).question)

    sweeps.run("hole-stereo", model="paper", budget="quick")

An experiment is a recipe, what a network is asked about it, how the network differs from the usual
one, and what it should score. Each has a file of its own, whose first lines tell the question, the
command and the expected score. `nanotilt.sweeps` runs them.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import BUDGETS, Expectation, Experiment
from nanotilt.experiments.registry import by_name, names

__all__ = [
    "BUDGETS",
    "Expectation",
    "Experiment",
    "by_name",
    "names",
]
