"""The runs of a sweep, laid out before anything is run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nanotilt.experiments.experiment import Experiment
from nanotilt.recipes.recipe import Recipe


@dataclass(frozen=True)
class Cell:
    """One run of a sweep.

    Attributes:
        experiment: What is run.
        variation: Varied values.
        seed: Seed of stream and weights.
        folder: Its out folder.
        start_from: The run whose network it starts from, or None.
    """

    experiment: Experiment
    variation: Mapping[str, float]
    seed: int
    folder: Path
    start_from: Cell | None = None


@dataclass(frozen=True)
class Sweep:
    """All runs that were asked for.

    Attributes:
        experiment: What is run.
        model: The network's name.
        budget: How much to spend on each run.
        out: Where everything goes.
        cells: The runs, in their order; one that starts from another comes after it.
        n_threads: Threads, or None: all that may be used.
        build: The function that builds the user's own network, or None: the network is nanotilt's,
            or its function is imported by its name.
    """

    experiment: Experiment
    model: str
    budget: str
    out: Path
    cells: tuple[Cell, ...]
    n_threads: int | None
    build: Callable[[Recipe], Any] | None = None
