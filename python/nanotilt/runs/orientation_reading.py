"""Reads the files of one orientation run, and of those that earlier releases wrote.

Earlier runs have no training.json: their metrics.json told everything.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Literal

import numpy.typing as npt

from nanotilt._base.checks import integer, received
from nanotilt._base.decoding import member
from nanotilt._base.text_files import damaged, read_csv, read_json_object
from nanotilt.pose.scores import LIMITS_DEG
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.arrays import numbers, read_arrays
from nanotilt.runs.configuration import repeat_experiment
from nanotilt.runs.folder import CURRICULUM, HISTORY, METRICS, PREDICTIONS, RECONSTRUCTION, TRAINING
from nanotilt.runs.orientation import OrientationRun, PhaseRecord
from nanotilt.tasks.metrics import Metric
from nanotilt.tasks.orientation import MEAN, MEAN_ABSOLUTE, MEAN_AT_ZERO, STD, WITHIN

_SCORES = (*WITHIN, MEAN, STD, MEAN_ABSOLUTE, MEAN_AT_ZERO)


def read_orientation(
    folder: Path, training: dict[str, Any] | None, recipe: Recipe | None
) -> OrientationRun:
    """Reads a finished run.

    Args:
        folder: Its folder.
        training: What training.json holds; None: there is none, it is an earlier release's.
        recipe: The recipe, if this build can read it.

    Raises:
        OSError: a file can't be read.
        ValueError: a file is damaged; the words name file and key.
    """
    path = folder / METRICS
    metrics = read_json_object(path)
    try:
        if training is None:
            told = _earlier(metrics)
        else:
            told = {**_scores(metrics), **_described(folder / TRAINING, training)}
        integer("symmetry", told["symmetry"], at_least=1)
        decibels = member(metrics, "reconstruction_db", dict[str, float] | None, None)
        resultant_length = member(metrics, "resultant_length", float | None, None)
    except ValueError as error:
        raise damaged(path, error) from error
    true_rad, predicted_rad = numbers(folder / PREDICTIONS, "true_rad", "predicted_rad")
    map_rad = unlike = None
    if (folder / CURRICULUM).exists():
        map_rad, unlike = numbers(folder / CURRICULUM, "true_rad", "std_of_difference")
    return OrientationRun(
        folder=folder, recipe=recipe, history=_history(folder / HISTORY),
        decibels=decibels or {}, resultant_length=resultant_length,
        true_rad=true_rad, predicted_rad=predicted_rad,
        map_rad=map_rad, std_of_difference=unlike, pictures=_pictures(folder / RECONSTRUCTION),
        **told,
    )  # fmt: skip


def _scores(metrics: dict[str, Any]) -> dict[str, Any]:
    """What metrics.json tells, as fields of a run."""
    scores = member(metrics, "scores", dict[str, Metric], lenient=True)
    for name in _SCORES:
        if name not in scores:
            raise ValueError(f"scores.{name} is missing. Received: {', '.join(scores) or 'none'}")
    return {
        "metrics": scores,
        "n_test": member(metrics, "n_test", int),
        "trained": member(metrics, "trained", bool),
        "samples_seen": member(metrics, "samples_seen", int),
        "seconds": sum(member(metrics, "timings_s", dict[str, float]).values()),
    }


def _described(path: Path, training: dict[str, Any]) -> dict[str, Any]:
    """What training.json tells, as fields of a run."""
    try:
        return {
            "configuration": training,
            "recipe_name": member(training, "recipe.name", str),
            "experiment": member(training, "experiment.name", str),
            "model": member(training, "model.name", str),
            "budget": member(training, "experiment.budget", str, ""),
            "variation": member(training, "experiment.variation", dict[str, float], {}),
            "seed": member(training, "settings.seed", int),
            "stereo_deg": member(training, "settings.stereo_deg", float),
            "parameters": member(training, "model.trainable_parameters", int),
            "symmetry": member(training, "task.symmetry", int),
        }
    except ValueError as error:
        raise damaged(path, error) from error


_EARLIER = {
    **dict.fromkeys(("experiment", "budget"), str),
    **dict.fromkeys(("seed", "symmetry", "n_test", "samples_seen", "parameters"), int),
    **dict.fromkeys(("stereo_deg", "seconds"), float),
    "model": Literal["fast", "paper"],
    "trained": bool,
    "variation": dict[str, float],
}
"""What metrics.json of earlier runs held under the names that fields of a run have."""


def _earlier(metrics: dict[str, Any]) -> dict[str, Any]:
    """What an earlier run's metrics.json tells, as fields of a run."""
    told = {name: member(metrics, name, kind) for name, kind in _EARLIER.items()}
    command = member(metrics, "command", str | None, None)
    belongs = {name: told[name] for name in ("budget", "variation")} | {"name": told["experiment"]}
    shares = member(metrics, "within", dict[str, float])
    scores = {}
    for name, limit in zip(WITHIN, LIMITS_DEG, strict=True):
        if f"{limit:g}" not in shares:
            raise ValueError(f'within["{limit:g}"] is missing. {received("within", shares)}')
        scores[name] = Metric(shares[f"{limit:g}"])
    for name in (MEAN, STD, MEAN_ABSOLUTE, MEAN_AT_ZERO):
        scores[name] = Metric(member(metrics, name, float), unit="deg", better="lower")
    return {
        **told,
        "recipe_name": told["experiment"],
        "metrics": scores,
        "configuration": {
            "command": command,
            "repeat": repeat_experiment(belongs, told["model"], told["seed"]),
            "experiment": belongs,
            "versions": member(metrics, "versions", dict[str, str]),
        },
    }


def _history(path: Path) -> tuple[PhaseRecord, ...]:
    rows = read_csv(path, PhaseRecord.__dataclass_fields__)
    try:
        return tuple(_record(row, line) for line, row in enumerate(rows, start=2))
    except ValueError as error:
        raise damaged(path, error) from error


def _record(row: dict[str, str | None], line: int) -> PhaseRecord:
    values: dict[str, Any] = {"phase": row.get("phase") or ""}
    for name in PhaseRecord.__dataclass_fields__:
        if name == "phase":
            continue
        field, word = f"{name} in line {line}", row.get(name) or ""
        kind = int if name in ("epoch", "samples_seen") else float
        try:
            values[name] = kind(word)
        except ValueError as error:
            what = "an integer" if kind is int else "a number"
            raise ValueError(f"{field} must be {what}. {received(field, word)}") from error
        # The loss of a network that went astray is no number, and neither are its errors.
        if math.isinf(values[name]):
            raise ValueError(f"{field} must be finite. {received(field, word)}")
    return PhaseRecord(**values)


def _pictures(path: Path) -> dict[str, npt.NDArray[Any]]:
    if not path.exists():
        return {}
    arrays = read_arrays(path)
    if "truth" not in arrays:
        raise damaged(path, f"truth is missing. Received: {', '.join(arrays) or 'none'}")
    for name, values in arrays.items():
        if values.ndim != 2 or values.dtype.kind != "f":
            raise damaged(path, f"{name} must be an image. {received('shape', values.shape)}")
    return arrays
