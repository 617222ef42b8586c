"""training.json: everything that made a run, for whoever wants to repeat or resume it."""

from __future__ import annotations

import dataclasses
import datetime
import importlib.metadata
import platform
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import nanotilt
from nanotilt.recipe import Recipe
from nanotilt.report.published import Published, known_name
from nanotilt.training.run_folder import RECIPE, RunFolder
from nanotilt.training.settings import Settings
from nanotilt.training.task import Task

FORMAT = 2
"""Changes when older versions can't read a run's files any more."""

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

    @property
    def asked(self) -> Task:
        """What the network is asked."""
        return self.task or Task.of(self.recipe)

    @property
    def recipe_argument(self) -> str:
        """What to type for the recipe: its name, or where it lies in the out folder."""
        return known_name(self.recipe) or RECIPE


def describe(
    request: Request, settings: Settings, n_parameters: int, status: str, started: str
) -> dict[str, Any]:
    """The contents of training.json.

    Args:
        request: What to train.
        settings: How.
        n_parameters: Trainable parameters of the network.
        status: "running", "interrupted" or "finished".
        started: When, as `now` told.
    """
    return {
        "format": FORMAT,
        "status": status,
        "started": started,
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
        "versions": versions(),
        "build_info": nanotilt.build_info(),
        "machine": {"system": platform.platform(), "processor": platform.machine()},
    }


def read(folder: RunFolder) -> tuple[Request, Settings, dict[str, Any]]:
    """Reads a run's files again.

    Returns:
        The request, the settings, and the whole of training.json.

    Raises:
        ValueError: they are damaged, or of another format.
    """
    value = folder.read_json("training.json")
    path = folder.file("training.json")
    if value.get("format") != FORMAT:
        raise ValueError(
            f"{path} must be of format {FORMAT}. Received: format={value.get('format')!r}"
        )
    recipe = Recipe.from_json(folder.file(RECIPE).read_text(encoding="utf-8"))
    try:
        settings = Settings.from_json_value(value["settings"])
        name, digest = value["recipe"]["name"], value["recipe"]["digest"]
        task, paper = value["task"], value["paper"]
        request = Request(
            recipe,
            name,
            value["command"],
            task and Task.from_json_value(task).checked(recipe),
            value["network"],
            value["budget"],
            value["start_from"],
            paper and Published(**paper),
            value["experiment"],
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged: {error!r}") from error
    if digest != recipe.digest:
        raise ValueError(f"{folder.file(RECIPE)} is not the recipe that {path} tells of")
    return request, settings, value


def _repeat(request: Request, settings: Settings) -> str:
    """What to type to train this network again."""
    if request.experiment is None:
        return repeat_command(request.recipe_argument, settings)
    words = ["nanotilt", "run", request.experiment["name"], "--model", settings.model]
    words += ["--budget", request.experiment["budget"], "--seed", str(settings.seed)]
    for name, value in request.experiment["variation"].items():
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
