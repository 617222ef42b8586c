"""Finished runs that tell which patches have defects, or where, and their reading."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt

from nanotilt._base.decoding import member
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

_ELSEWHERE = "elsewhere"
"""What names of arrays of other tests than the run's own begin with."""


@dataclass(frozen=True)
class PatchRun(Run):
    """A finished run whose network had to find defects.

    Attributes:
        results: The scores of unseen patches.
        elsewhere: Those of patches of other kinds than it learned, by name.
        samples_seen: Training patches.
        tested_on: The recipe of the test, if this build can read it.
    """

    results: DefectResults
    elsewhere: Mapping[str, DefectResults]
    samples_seen: int
    tested_on: Recipe | None

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
        own = {name: one for name, one in arrays.items() if not name.startswith(_ELSEWHERE)}
        other = member(training, "test_recipe", dict[str, Any] | None, None)
        return PatchRun(
            **told,
            results=DefectResults.from_arrays(own),
            elsewhere=_read_elsewhere(arrays, training),
            tested_on=recipe if other is None else Recipe.from_json(json.dumps(other)),
        )
    except ValueError as error:
        raise damaged(folder / PREDICTIONS, error) from error


def arrays_elsewhere(results: Mapping[str, DefectResults]) -> dict[str, npt.NDArray[Any]]:
    """Arrays of tests on patches of other kinds, to be kept with a run's own.

    Args:
        results: What was scored, by name, in the order of training.json.
    """
    return {
        f"{_ELSEWHERE}{number}_{key}": array
        for number, one in enumerate(results.values())
        for key, array in one.to_arrays().items()
    }


def _read_elsewhere(
    arrays: Mapping[str, npt.NDArray[Any]], training: dict[str, Any]
) -> dict[str, DefectResults]:
    found = {}
    for number, name in enumerate(member(training, "elsewhere", dict[str, Any], {})):
        start = f"{_ELSEWHERE}{number}_"
        found[name] = DefectResults.from_arrays(
            {key.removeprefix(start): one for key, one in arrays.items() if key.startswith(start)}
        )
    return found
