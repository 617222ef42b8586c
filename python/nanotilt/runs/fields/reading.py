"""Finished runs whose networks find particles, and their reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nanotilt._base.decoding import member
from nanotilt._base.text_files import damaged, read_json_object
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.arrays import read_arrays
from nanotilt.runs.fields.results import F1, FieldResults
from nanotilt.runs.fields.tracks import TrackResults
from nanotilt.runs.folder import METRICS, PREDICTIONS, TRAINING
from nanotilt.runs.run import Run
from nanotilt.tasks.metrics import Metric


@dataclass(frozen=True)
class FieldRun(Run):
    """A finished run whose network finds particles.

    Attributes:
        results: What it scored, field by field.
        samples_seen: Training images.
        tracks: What tracks through videos scored, where it was tested on videos.
    """

    results: FieldResults
    samples_seen: int
    tracks: TrackResults | None = None

    @property
    def scores(self) -> Mapping[str, Metric]:
        """What it scored over all doses; F1 comes first."""
        scores = self.results.scores()
        return {F1: scores[F1], **scores}

    def tracks_at(self, dose: float) -> Mapping[str, Metric]:
        """Scores of tracks in videos of a dose (NaN: no noise); none of images."""
        return {} if self.tracks is None else self.tracks.at_dose(dose)

    def at_doses(self) -> dict[float, dict[str, Metric]]:
        """Scores by dose; one entry, of NaN, where there was no dose."""
        dose = self.results.dose
        if np.isnan(dose).any():
            return {float("nan"): self.results.scores()}
        return {float(d): self.results.scores(dose == d) for d in np.unique(dose)}


def read_fields(folder: Path, training: dict[str, Any], recipe: Recipe | None) -> FieldRun:
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
        arrays = read_arrays(folder / PREDICTIONS)
        results, tracks = FieldResults.from_arrays(arrays), TrackResults.from_arrays(arrays)
    except ValueError as error:
        raise damaged(folder / PREDICTIONS, error) from error
    return FieldRun(
        folder=folder, recipe=recipe, configuration=training, results=results, tracks=tracks,
        **told,
    )  # fmt: skip


def told_of_phases(folder: Path, training: dict[str, Any]) -> dict[str, Any]:
    """What metrics.json and training.json of a run in phases tell, as fields of a run.

    Args:
        folder: Its folder.
        training: What training.json holds.

    Raises:
        OSError: a file can't be read.
        ValueError: a file is damaged; the words name file and key.
    """
    path = folder / METRICS
    metrics = read_json_object(path)
    try:
        samples_seen = member(metrics, "samples_seen", int)
        seconds = sum(member(metrics, "timings_s", dict[str, float]).values())
    except ValueError as error:
        raise damaged(path, error) from error
    try:
        name = member(training, "recipe.name", str)
        return {
            "samples_seen": samples_seen,
            "seconds": seconds,
            "recipe_name": name,
            "experiment": member(training, "experiment.name", str, name),
            "model": member(training, "model.name", str),
            "budget": member(training, "experiment.budget", str, ""),
            "variation": member(training, "experiment.variation", dict[str, float], {}),
            "seed": member(training, "settings.seed", int),
            "parameters": member(training, "model.trainable_parameters", int),
        }
    except ValueError as error:
        raise damaged(folder / TRAINING, error) from error
