"""Reads the files of one run; older runs lack some of them, or some of their keys."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from nanotilt._base.checks import received
from nanotilt._base.decoding import member
from nanotilt._base.description import OtherVersionError
from nanotilt._base.text_files import damaged, parsed, read_csv, read_json_object, read_text
from nanotilt.recipes.recipe import STREAM_VERSION, Recipe
from nanotilt.runs.compatibility import (
    ANOMALY,
    CLASSIFICATION,
    DETECTION,
    ORIENTATION,
    SEGMENTATION,
    TAGGING,
    check_format,
    kind_of,
)
from nanotilt.runs.fields.reading import read_fields
from nanotilt.runs.findings import Insight
from nanotilt.runs.folder import HISTORY, INSIGHT, METRICS, PREDICTIONS, RECIPE, TRAINING
from nanotilt.runs.lattices.reading import read_patches
from nanotilt.runs.orientation_reading import read_orientation
from nanotilt.runs.published import Published, published_score
from nanotilt.runs.records import EpochRecord, QuestionScore, Try
from nanotilt.runs.run import ClassificationRun, Run, Unfinished
from nanotilt.runs.scattering.reading import read_tagging

_STATUS = {
    "running": "it is still running, or was cut off",
    "interrupted": "it was stopped by hand",
}
_UNTESTED = {**_STATUS, "trained": "it is trained, but its test was cut off or failed"}
T = TypeVar("T")

_INTEGERS = ("epoch", "samples_seen")
_LOSSES = ("loss", "val_loss")
"""What is no number in the history of a network that went astray."""


def status(folder: Path) -> str | None:
    """What a folder's files say of the run in it, as far as its scores are written.

    Returns:
        "finished", "trained" or "interrupted"; None without scores, or without a run.

    Raises:
        OSError: training.json can't be read.
        ValueError: it is damaged.
    """
    if not (folder / METRICS).is_file():
        return None
    if not (folder / TRAINING).is_file():
        return "finished" if is_earlier_orientation(folder) else None
    found: str | None = read_json_object(folder / TRAINING).get("status")
    return found


def belongs_to(folder: Path) -> tuple[str | None, str | None, str | None]:
    """What a run's files say that it is a run of, whether it is finished or not.

    Returns:
        Names of experiment, budget and network, each None where the files don't say.

    Raises:
        OSError: a file can't be read.
        ValueError: a file is damaged; the words name file and key.
    """
    keys = ("experiment.name", "experiment.budget", "model.name")
    path = folder / TRAINING
    if is_earlier_orientation(folder):
        keys, path = ("experiment", "budget", "model"), folder / METRICS
    name, budget, model = _read(
        path,
        read_json_object(path),
        lambda value: [member(value, key, str, None) for key in keys],
    )
    return name, budget, model


def is_earlier_orientation(folder: Path) -> bool:
    """Whether a folder holds an orientation run of a release that wrote no training.json."""
    return (
        (folder / METRICS).is_file()
        and (folder / PREDICTIONS).exists()
        and not (folder / TRAINING).exists()
    )


def read_run(folder: Path) -> Run | Unfinished:
    """Reads a folder that holds a run.

    Returns:
        The run, or why it can't be counted: unfinished, or a file that is missing or damaged, with
        the key that is wrong.
    """
    try:
        if is_earlier_orientation(folder):
            return read_orientation(folder, None, _recipe(folder / RECIPE))
        path = folder / TRAINING
        training = read_json_object(path)
        check_format(path, training)
        reached = _read(path, training, lambda value: member(value, "status", str, "finished"))
        if not (folder / METRICS).exists():
            return Unfinished(folder, f"{_UNTESTED.get(reached, reached)}: no {METRICS}")
        if reached in _STATUS:
            return Unfinished(folder, _STATUS[reached])
        return _run(folder, training)
    except OSError as error:
        return Unfinished(folder, f"{error.filename} can't be read: {error.strerror or error}")
    except ValueError as error:
        return Unfinished(folder, str(error))


def _run(folder: Path, training: dict[str, Any]) -> Run:
    """A finished run of any kind."""
    kind = _read(folder / TRAINING, training, kind_of)
    if kind == ORIENTATION:
        return read_orientation(folder, training, _recipe(folder / RECIPE))
    if kind == SEGMENTATION:
        return read_fields(folder, training, _recipe(folder / RECIPE))
    if kind in (ANOMALY, DETECTION):
        return read_patches(folder, training, _recipe(folder / RECIPE))
    if kind == TAGGING:
        return read_tagging(folder, training, _recipe(folder / RECIPE))
    if kind == CLASSIFICATION:
        return _classification(folder, training)
    raise ValueError(
        f"{folder / TRAINING} describes a run that this release does not know. "
        f"{received('kind', kind)}"
    )


def _classification(folder: Path, training: dict[str, Any]) -> ClassificationRun:
    metrics_path = folder / METRICS
    metrics = read_json_object(metrics_path)
    recipe = _recipe(folder / RECIPE)
    history = _history(folder / HISTORY)
    insight = _insight(folder / INSIGHT)
    described = _read(folder / TRAINING, training, _described)
    scores = _read(metrics_path, metrics, lambda value: _scores(value, recipe))
    return ClassificationRun(
        folder=folder, recipe=recipe, history=history, insight=insight, configuration=training,
        **described, **scores,
    )  # fmt: skip


def _read(path: Path, value: dict[str, Any], read: Callable[[dict[str, Any]], T]) -> T:
    """What a function reads from a file's value; errors name the file."""
    try:
        return read(value)
    except ValueError as error:
        raise damaged(path, error) from error


def _described(training: dict[str, Any]) -> dict[str, Any]:
    """What training.json tells, as fields of a Run."""
    name = member(training, "recipe.name", str)
    for key in ("versions", "machine", "build_info"):
        member(training, key, dict[str, Any], None)
    member(training, "repeat", str, None)
    return {
        "recipe_name": name,
        "experiment": member(training, "experiment.name", str, name),
        "model": member(training, "model.name", str),
        "budget": member(training, "experiment.budget", str, ""),
        "variation": member(training, "experiment.variation", dict[str, Any], {}),
        "seed": member(training, "settings.seed", int),
        "parameters": member(training, "model.trainable_parameters", int),
    }


def _scores(metrics: dict[str, Any], recipe: Recipe | None) -> dict[str, Any]:
    """What metrics.json tells, as fields of a Run."""
    # Losses of a network that went astray are no numbers; its run, or its later try, counts.
    loss = member(metrics, "test.loss", float, finite=False)
    test = {**member(metrics, "test", dict[str, Any]), "name": "class"}
    listed = member(metrics, "questions", tuple[dict[str, Any], ...], ())
    return {
        "questions": tuple(
            _question(one, f"questions[{i}]" if listed else "test", loss)
            for i, one in enumerate(listed or (test,))
        ),
        "loss": loss,
        "same_view": member(metrics, "same_view.accuracy", float, None),
        "chance": member(metrics, "chance", float),
        "paper": _published(metrics, recipe),
        "tries": member(metrics, "tries", tuple[Try, ...] | None, None, finite=False, lenient=True)
        or (),
        "seconds": sum(member(metrics, "timings_s", dict[str, float]).values()),
    }


def _published(metrics: dict[str, Any], recipe: Recipe | None) -> Published | None:
    """The paper's figure as the run knew it: null where its experiment has none on its recipe."""
    if "paper" in metrics:
        known: Published | None = member(metrics, "paper", Published | None, lenient=True)
        return known
    return None if recipe is None else published_score(recipe)


def _question(value: dict[str, Any], place: str, loss: float) -> QuestionScore:
    within = {place: value}

    def read(key: str, kind: Any, *default: Any) -> Any:
        return member(within, f"{place}.{key}", kind, *default, finite=key != "loss")

    return QuestionScore(
        name=read("name", str),
        accuracy=read("accuracy", float),
        standard_error=read("standard_error", float),
        interval_95=read("interval_95", tuple[float, float]),
        loss=read("loss", float, loss),
        unused=read("unused", float, 0.0),
    )


def _recipe(path: Path) -> Recipe | None:
    """The recipe; None if it is missing or of another version: pictures do without."""
    if not path.exists():
        return None
    try:
        text = read_text(path)
        value = parsed(text)
        if isinstance(value, dict) and value.get("stream_version") not in (None, STREAM_VERSION):
            return None
        return Recipe.from_json(text)
    except OtherVersionError:
        return None
    except (TypeError, ValueError) as error:
        raise damaged(path, error) from error


def _history(path: Path) -> tuple[EpochRecord, ...]:
    if not path.exists():
        return ()
    rows = read_csv(path, EpochRecord.__dataclass_fields__)
    try:
        return tuple(_epoch(row, line) for line, row in enumerate(rows, start=2))
    except ValueError as error:
        raise damaged(path, error) from error


def _epoch(row: dict[str, str | None], line: int) -> EpochRecord:
    values: dict[str, Any] = {}
    for name in EpochRecord.__dataclass_fields__:
        field, word = f"{name} in line {line}", row.get(name)
        kind = int if name in _INTEGERS else float
        try:
            values[name] = kind(word or "")
        except ValueError as error:
            what = "an integer" if kind is int else "a number"
            raise ValueError(f"{field} must be {what}. {received(name, word)}") from error
        if not math.isfinite(values[name]) and name not in _LOSSES:
            raise ValueError(f"{field} must be finite. {received(name, word)}")
    return EpochRecord(**values)


def _insight(path: Path) -> Insight | None:
    return _read(path, read_json_object(path), Insight.from_json_value) if path.exists() else None
