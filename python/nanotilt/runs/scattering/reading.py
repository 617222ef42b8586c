"""Finished runs whose networks tag scattering images, and their reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nanotilt._base.text_files import damaged
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.arrays import read_arrays
from nanotilt.runs.fields.reading import told_of_phases
from nanotilt.runs.folder import PREDICTIONS
from nanotilt.runs.run import Run
from nanotilt.runs.scattering.results import TagResults
from nanotilt.tasks.metrics import Metric

_SEEN = "seen_runs_"
"""What names of arrays begin with that are of images of runs that training saw."""


@dataclass(frozen=True)
class TaggingRun(Run):
    """A finished run whose network tagged images.

    Attributes:
        results: What it answered of images of runs that training never saw.
        samples_seen: Training images.
        of_seen_runs: What it answered of other images of the runs that it was trained on; None
            where it was trained on fresh ones.
    """

    results: TagResults
    samples_seen: int
    of_seen_runs: TagResults | None = None

    @property
    def scores(self) -> Mapping[str, Metric]:
        """The average precision of each tag; their mean comes first."""
        return self.results.overall()


def read_tagging(folder: Path, training: dict[str, Any], recipe: Recipe | None) -> TaggingRun:
    """Reads a finished run.

    Args:
        folder: Its folder.
        training: What training.json holds.
        recipe: The recipe, if this build can read it.

    Raises:
        OSError: a file can't be read.
        ValueError: a file is damaged; the words name file and key.
    """
    told = told_of_phases(folder, training)
    arrays = read_arrays(folder / PREDICTIONS)
    seen = {k.removeprefix(_SEEN): one for k, one in arrays.items() if k.startswith(_SEEN)}
    try:
        return TaggingRun(
            **told, folder=folder, recipe=recipe, configuration=training,
            results=TagResults.from_arrays(arrays),
            of_seen_runs=TagResults.from_arrays(seen) if seen else None,
        )  # fmt: skip
    except ValueError as error:
        raise damaged(folder / PREDICTIONS, error) from error


def kept_arrays(results: TagResults, of_seen_runs: TagResults | None) -> dict[str, Any]:
    """The arrays of a run's tests, as `read_tagging` reads them.

    Args:
        results: Of images of unseen runs.
        of_seen_runs: Of other images of the runs of training, or None.
    """
    seen = {} if of_seen_runs is None else of_seen_runs.to_arrays()
    return results.to_arrays() | {f"{_SEEN}{name}": array for name, array in seen.items()}
