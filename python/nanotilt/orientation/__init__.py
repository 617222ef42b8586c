"""The orientation experiments of Laurie 2024, each by one name.

    from nanotilt import orientation

    for name in orientation.names():
        print(name, "-", orientation.by_name(name).question)

    orientation.run("square-label-free", budget="quick")

An experiment is a recipe of stereo pairs, a way to train, and a score. Each has a file of its own,
whose first lines tell the question, the command and the expected score. Importing this package does
not load TensorFlow; `run` does.
"""

from __future__ import annotations

from nanotilt.orientation.experiment import Expectation, OrientationExperiment
from nanotilt.orientation.registry import by_name, names
from nanotilt.orientation.results import FinishedRun, read_runs
from nanotilt.orientation.sweep import Sweep, run

__all__ = [
    "Expectation",
    "FinishedRun",
    "OrientationExperiment",
    "Sweep",
    "by_name",
    "names",
    "read_runs",
    "run",
]
