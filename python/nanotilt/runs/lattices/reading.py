"""Finished runs that learned perfect patches alone, or found defects, and their reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nanotilt._base.text_files import damaged
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.arrays import read_arrays
from nanotilt.runs.compatibility import DETECTION, kind_of
from nanotilt.runs.fields.reading import told_of_phases
from nanotilt.runs.folder import PREDICTIONS
from nanotilt.runs.lattices.places import PlaceResults
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


@dataclass(frozen=True)
class DefectRun(Run):
    """A finished run whose network told kinds and places of defects.

    Attributes:
        results: What was found in unseen patches.
        samples_seen: Training patches.
    """

    results: PlaceResults
    samples_seen: int

    @property
    def scores(self) -> Mapping[str, Metric]:
        """The scores over all patches of the test, by name."""
        return self.results.overall()


def read_patches(
    folder: Path, training: dict[str, Any], recipe: Recipe | None
) -> PatchRun | DefectRun:
    """Reads a finished run.

    Args:
        folder: Its folder.
        training: What training.json holds.
        recipe: The recipe, if this build can read it.

    Raises:
        OSError: a file can't be read.
        ValueError: a file is damaged; the words name file and key.
    """
    told = {**told_of_phases(folder, training), "folder": folder, "recipe": recipe}
    told["configuration"] = training
    arrays = read_arrays(folder / PREDICTIONS)
    try:
        if kind_of(training) == DETECTION:
            return DefectRun(**told, results=PlaceResults.from_arrays(arrays))
        return PatchRun(**told, results=DefectResults.from_arrays(arrays))
    except ValueError as error:
        raise damaged(folder / PREDICTIONS, error) from error
