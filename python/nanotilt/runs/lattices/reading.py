"""Finished runs that learned perfect patches alone, and their reading."""

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
from nanotilt.runs.lattices.results import DefectResults
from nanotilt.runs.run import Run
from nanotilt.tasks.metrics import Metric


@dataclass(frozen=True)
class PatchRun(Run):
    """A finished run whose network learned perfect patches, and had to find others.

    Attributes:
        results: The scores of unseen patches.
        samples_seen: Training patches.
    """

    results: DefectResults
    samples_seen: int

    @property
    def scores(self) -> Mapping[str, Metric]:
        """The AUC of each score over all patches of the test, the best first."""
        return self.results.overall()


def read_patches(folder: Path, training: dict[str, Any], recipe: Recipe | None) -> PatchRun:
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
    try:
        results = DefectResults.from_arrays(read_arrays(folder / PREDICTIONS))
    except ValueError as error:
        raise damaged(folder / PREDICTIONS, error) from error
    return PatchRun(folder=folder, recipe=recipe, configuration=training, results=results, **told)
