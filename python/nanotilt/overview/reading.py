"""Reads the files of one run; older runs lack some of them, or some of their keys."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from nanotilt.overview.runs import Run, Unfinished
from nanotilt.recipe import Recipe
from nanotilt.report.contents import EpochRecord, QuestionScore, Try
from nanotilt.report.insight import Insight
from nanotilt.report.published import Published, published_score

_STATUS = {
    "running": "it is still running, or was cut off",
    "interrupted": "it was stopped by hand",
}
_INTEGERS = ("epoch", "samples_seen")


def read_run(folder: Path) -> Run | Unfinished:
    """Reads a folder that holds a training.json.

    Returns:
        The run, or why it can't be counted: unfinished, or a file that is missing or damaged.
    """
    try:
        training = _json(folder / "training.json")
        status = training.get("status", "finished")
        if not (folder / "metrics.json").is_file():
            return Unfinished(folder, f"{_STATUS.get(status, str(status))}: no metrics.json")
        if status in _STATUS:
            return Unfinished(folder, _STATUS[status])
        return _run(folder, training)
    except OSError as error:
        return Unfinished(folder, f"{error.filename} can't be read: {error.strerror or error}")
    except ValueError as error:
        return Unfinished(folder, str(error))


def _run(folder: Path, training: dict[str, Any]) -> Run:
    metrics_path = folder / "metrics.json"
    metrics = _json(metrics_path)
    recipe = _recipe(folder / "recipe.json")
    history = _history(folder / "history.csv")
    insight = _insight(folder / "insight.json")
    try:
        experiment = training.get("experiment") or {}
        recipe_name = str(training["recipe"]["name"])
        described: dict[str, Any] = {
            "recipe_name": recipe_name,
            "experiment": str(experiment.get("name", recipe_name)),
            "model": str(training["model"]["name"]),
            "budget": str(experiment.get("budget", "")),
            "variation": dict(experiment.get("variation") or {}),
            "seed": int(training["settings"]["seed"]),
            "parameters": int(training["model"]["trainable_parameters"]),
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _damaged(folder / "training.json", error) from error
    try:
        scores = _scores(metrics, recipe)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _damaged(metrics_path, error) from error
    return Run(
        folder=folder, recipe=recipe, history=history, insight=insight, configuration=training,
        **described, **scores,
    )  # fmt: skip


def _scores(metrics: dict[str, Any], recipe: Recipe | None) -> dict[str, Any]:
    """What metrics.json tells, as fields of a Run."""
    test, same_view = metrics["test"], metrics.get("same_view")
    questions = metrics.get("questions") or [{"name": "class", **test}]
    return {
        "questions": tuple(_question(one, float(test["loss"])) for one in questions),
        "loss": float(test["loss"]),
        "same_view": None if same_view is None else float(same_view["accuracy"]),
        "chance": float(metrics["chance"]),
        "paper": _published(metrics, recipe),
        "tries": tuple(_try(one) for one in metrics.get("tries") or ()),
        "seconds": sum(float(seconds) for seconds in metrics["timings_s"].values()),
    }


def _published(metrics: dict[str, Any], recipe: Recipe | None) -> Published | None:
    """The paper's figure as the run knew it: null where its experiment has none on its recipe."""
    if "paper" in metrics:
        paper = metrics["paper"]
        return None if paper is None else Published(**paper)
    return None if recipe is None else published_score(recipe)


def _question(value: dict[str, Any], loss: float) -> QuestionScore:
    low, high = value["interval_95"]
    return QuestionScore(
        name=str(value["name"]),
        accuracy=float(value["accuracy"]),
        standard_error=float(value["standard_error"]),
        interval_95=(float(low), float(high)),
        loss=float(value.get("loss", loss)),
        unused=float(value.get("unused", 0.0)),
    )


def _try(value: dict[str, Any]) -> Try:
    return Try(
        seed=int(value["seed"]),
        epochs=int(value["epochs"]),
        best_val_loss=float(value["best_val_loss"]),
        best_val_accuracy=float(value["best_val_accuracy"]),
        trained=bool(value["trained"]),
    )


def _recipe(path: Path) -> Recipe | None:
    """The recipe; None if it is missing or of another stream version: pictures do without."""
    try:
        return Recipe.from_json(path.read_text(encoding="utf-8"))
    except (OSError, TypeError, ValueError):
        return None


def _history(path: Path) -> tuple[EpochRecord, ...]:
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = EpochRecord.__dataclass_fields__
    try:
        return tuple(
            EpochRecord(
                **{n: int(row[n]) if n in _INTEGERS else float(row[n]) for n in names}  # type: ignore[arg-type]
            )
            for row in rows
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, error) from error


def _insight(path: Path) -> Insight | None:
    if not path.is_file():
        return None
    try:
        return Insight.from_json_value(_json(path))
    except ValueError as error:
        if str(path) in str(error):
            raise
        raise ValueError(f"{path} is damaged: {error}") from error


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"{path} is damaged: it must hold a JSON object")
    return value


def _damaged(path: Path, error: Exception) -> ValueError:
    return ValueError(f"{path} is damaged: {error!r}")
