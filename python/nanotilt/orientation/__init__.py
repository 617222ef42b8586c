"""Runs of the orientation experiments of Laurie 2024.

    from nanotilt import orientation

    orientation.run("square-label-free", budget="quick")

Importing this package does not load TensorFlow; `run` does.
"""

from __future__ import annotations

from nanotilt.orientation.results import FinishedRun, read_runs
from nanotilt.orientation.sweep import Sweep, run

__all__ = [
    "FinishedRun",
    "Sweep",
    "read_runs",
    "run",
]
