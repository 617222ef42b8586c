"""training.json: everything that made a run, for whoever wants to repeat or resume it."""

from __future__ import annotations

import dataclasses
import datetime
import importlib.metadata
import platform
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import nanotilt
from nanotilt._base.decoding import member
from nanotilt._base.text_files import damaged, read_text
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.compatibility import (
    CLASSIFICATION,
    FORMAT,
    check_format,
    kind_of,
    unknown_keys,
    with_unknown,
)
from nanotilt.runs.folder import RECIPE, TRAINING, RunFolder
from nanotilt.runs.published import Published, known_name
from nanotilt.runs.settings import Settings
from nanotilt.tasks.task import Task

_PACKAGES = ("tensorflow", "tensorflow-cpu", "keras", "numpy", "matplotlib")


@dataclass(frozen=True)
class Request:
    """What to train, and how the user said it.

    Attributes:
        recipe: The recipe.
        recipe_name: What to call it.
        command: The command line, or None for a call from Python.
        task: What the network is asked; None: which of the recipe's classes it is.
        network: Further arguments of the network's constructor, as JSON types.
        budget: "quick" or "full": how much to spend on training; None: what the network's own plan
            says.
        start_from: A trained network's file, whose weights training starts from, or None; relative
            to the run's folder.
        paper: What the paper scored, or None.
        experiment: Name, budget and variation of the experiment it belongs to, or None.
        unknown: What training.json held that this release does not know; it is kept.
        build: The function that builds the user's own network, or None: it is imported by its name,
            `Settings.model`. It isn't written to any file.
    """

    recipe: Recipe
    recipe_name: str
    command: str | None = None
    task: Task | None = None
    network: Mapping[str, Any] = field(default_factory=dict)
    budget: str | None = None
    start_from: str | None = None
    paper: Published | None = None
    experiment: Mapping[str, Any] | None = None
    unknown: Mapping[str, Any] = field(default_factory=dict)
    build: Callable[[Recipe], Any] | None = None

    @property
    def asked(self) -> Task:
        """What the network is asked."""
        return self.task or Task.of(self.recipe)

    @property
    def recipe_argument(self) -> str:
        """What to type for the recipe: its name, or where it lies in the out folder."""
        return known_name(self.recipe) or RECIPE


def describe(
    request: Request,
    settings: Settings,
    n_parameters: int,
    status: str,
    started: str,
    failed: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The contents of training.json.

    Args:
        request: What to train.
        settings: How.
        n_parameters: Trainable parameters of the network.
        status: "running", "interrupted", "finished", or "trained": trained and tested, but what
            should follow failed.
        started: When, as `now` told.
        failed: What failed, and why, in words; empty unless the status is "trained".
    """
    described = {
        "format": FORMAT,
        "status": status,
        "started": started,
        "failed": dict(failed or {}),
        "command": request.command,
        "repeat": _repeat(request, settings),
        "recipe": {"name": request.recipe_name, "digest": request.recipe.digest},
        "model": {"name": settings.model, "trainable_parameters": n_parameters},
        "settings": dataclasses.asdict(settings),
        "task": request.task and request.task.to_json_value(),
        "network": dict(request.network),
        "budget": request.budget,
        "start_from": request.start_from,
        "paper": request.paper and dataclasses.asdict(request.paper),
        "experiment": request.experiment and dict(request.experiment),
        "seeds": {"stream": settings.seed, "model": settings.model_seed},
        "sample_ranges": settings.ranges(),
        **surroundings(),
    }
    return with_unknown(described, request.unknown)


def surroundings() -> dict[str, Any]:
    """What of machine and versions has a say in results or times."""
    return {
        "versions": versions(),
        "build_info": nanotilt.build_info(),
        "machine": {"system": platform.platform(), "processor": platform.machine()},
    }


def read(folder: RunFolder) -> tuple[Request, Settings, dict[str, Any]]:
    """Reads a run's files again.

    Returns:
        The request, the settings, and the whole of training.json.

    Raises:
        OSError: they can't be read.
        ValueError: they are damaged, of another kind, or of a newer format; the words name file
            and key.
    """
    path = folder.file(TRAINING)
    value = folder.read_json(TRAINING)
    check_format(path, value)
    recipe = read_recipe(folder)
    try:
        if kind_of(value) != CLASSIFICATION:
            again = f"; `{value['repeat']}` goes on with it" if "repeat" in value else ""
            raise ValueError(f"it describes a run of kind {value['kind']!r}{again}")
        settings = Settings.from_json_value(member(value, "settings", Any))
        request = _read_request(value, recipe)
        check_also_used(value)
    except (TypeError, ValueError) as error:
        raise damaged(path, error) from error
    check_digest(folder, value, recipe)
    unknown = unknown_keys(path, value, describe(request, settings, 0, "running", ""))
    return replace(request, unknown=unknown), settings, value


def check_also_used(value: dict[str, Any]) -> None:
    """Raises ValueError where what every training.json tells is wrong."""
    for key, kind in _ALSO_USED.items():
        member(value, key, kind)


def check_digest(folder: RunFolder, value: dict[str, Any], recipe: Recipe) -> None:
    """Raises ValueError unless the recipe is the one that training.json tells of."""
    if member(value, "recipe.digest", Any) != recipe.digest:
        raise ValueError(
            f"{folder.file(RECIPE)} is not the recipe that {folder.file(TRAINING)} names"
        )


_ALSO_USED = {
    "status": Literal["running", "interrupted", "trained", "finished"],
    "started": str,
    "versions": dict[str, str],
    "recipe.digest": str,
}
"""What is read of training.json besides request and settings."""


def read_recipe(folder: RunFolder) -> Recipe:
    """The recipe of a run that is to go on.

    Raises:
        ValueError: it is damaged, or of a version that this build does not draw.
    """
    path = folder.file(RECIPE)
    try:
        return Recipe.from_json(read_text(path))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path} can't be used: {error}") from error


def _read_request(value: dict[str, Any], recipe: Recipe) -> Request:
    """What was to be trained; TypeError or ValueError names the key that is wrong."""
    task = member(value, "task", Any, None)
    experiment = member(value, "experiment", dict[str, Any] | None, None)
    if experiment is not None:
        for key, kind in (("name", str), ("budget", str), ("variation", dict[str, float])):
            member(value, f"experiment.{key}", kind)
    return Request(
        recipe,
        member(value, "recipe.name", str),
        member(value, "command", str | None, None),
        None if task is None else _task(task, recipe),
        member(value, "network", dict[str, Any], {}),
        member(value, "budget", Literal["quick", "full"] | None, None),
        member(value, "start_from", str | None, None),
        member(value, "paper", Published | None, None, lenient=True),
        experiment,
    )


def _task(value: Any, recipe: Recipe) -> Task:
    try:
        return Task.from_json_value(value).checked(recipe)
    except (TypeError, ValueError) as error:
        raise ValueError(f"task: {error}") from error


def _repeat(request: Request, settings: Settings) -> str:
    """What to type to train this network again."""
    if request.experiment is None:
        return repeat_command(request.recipe_argument, settings)
    return repeat_experiment(request.experiment, settings.model, settings.seed)


def repeat_experiment(experiment: Mapping[str, Any], model: str, seed: int) -> str:
    """The command that runs one run of an experiment again.

    Args:
        experiment: Its name, budget and variation.
        model: The network.
        seed: The run's seed.
    """
    words = ["nanotilt", "run", experiment["name"], "--model", model]
    words += ["--budget", experiment["budget"], "--seed", str(seed)]
    for name, value in experiment["variation"].items():
        words += ["--vary", f"{name}={value}"]
    return shlex.join(words)


def repeat_command(recipe_argument: str, settings: Settings) -> str:
    """The command that trains this network again."""
    words: Sequence[object] = (
        "nanotilt", "train", recipe_argument,
        "--model", settings.model, "--epochs", settings.epochs,
        "--steps", settings.steps_per_epoch, "--batch-size", settings.batch_size,
        "--seed", settings.seed, "--validation-samples", settings.validation_samples,
        "--test-samples", settings.test_samples, "--tries", settings.tries,
    )  # fmt: skip
    return shlex.join(str(word) for word in words)


def versions() -> dict[str, str]:
    """Versions of what has a say in the result."""
    found = {"nanotilt": nanotilt.__version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def now() -> str:
    """Date and time, to the second, with the offset from UTC."""
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")
