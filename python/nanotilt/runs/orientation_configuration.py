"""training.json of an orientation run: everything that made it, to repeat or to resume it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nanotilt._base.checks import integer, real, received
from nanotilt._base.decoding import member
from nanotilt._base.text_files import damaged
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs import configuration
from nanotilt.runs.compatibility import (
    FORMAT,
    ORIENTATION,
    check_format,
    kind_of,
    unknown_keys,
    with_unknown,
)
from nanotilt.runs.folder import TRAINING, RunFolder
from nanotilt.runs.settings import TEST_START, TRAINING_START, VALIDATION_START, Options
from nanotilt.tasks.orientation import OrientationTask

FRESH_START = 2**30
"""Where pairs that are seen once begin: beyond every fixed set."""


@dataclass(frozen=True)
class Spending:
    """The size of one run.

    Attributes:
        fixed_pairs: Pairs of the set that is seen again in every epoch.
        fixed_epochs: Epochs on it: of the encoder on angles, and of the paper's Difference Model.
        fresh_pairs: Pairs streamed afterwards, each seen once; 0: training on the fixed set only.
        batch_size: Pairs in a gradient step.
        test_pairs: Unseen pairs of the test, and an eighth of them after every epoch.
    """

    fixed_pairs: int
    fixed_epochs: int
    fresh_pairs: int
    batch_size: int
    test_pairs: int

    def __post_init__(self) -> None:
        for name in ("fixed_pairs", "fixed_epochs", "batch_size", "test_pairs"):
            integer(name, getattr(self, name), at_least=1)
        integer("fresh_pairs", self.fresh_pairs, at_least=0)

    @property
    def validation_pairs(self) -> int:
        """Unseen pairs that every epoch is scored on."""
        return max(1, self.test_pairs // 8)


@dataclass(frozen=True)
class OrientationSettings:
    """Everything that decides an orientation run, besides its recipe.

    Attributes:
        model: "fast" or "paper": the way of training.
        paper_network: Whether the network is the paper's.
        method: How it is trained, one of `nanotilt.experiments.experiment.METHODS`.
        stereo_deg: Angle from the first to the second view of a pair, degrees.
        seed: Seed of the stream and of the first weights.
        n_threads: Threads, or None: all that may be used.
        spending: How much to spend.
    """

    model: str
    paper_network: bool
    method: str
    stereo_deg: float
    seed: int
    n_threads: int | None
    spending: Spending

    def __post_init__(self) -> None:
        Options(self.model, seed=self.seed, n_threads=self.n_threads)  # refuses wrong ones
        real("stereo_deg", self.stereo_deg)

    @property
    def is_fast(self) -> bool:
        """Whether the fast way of training is asked for."""
        return self.model == "fast"

    def ranges(self) -> dict[str, list[int]]:
        """First and last-plus-one index of the pairs for training, validation and test."""
        size = self.spending
        return {
            "training": [TRAINING_START, TRAINING_START + size.fixed_pairs],
            "fresh": [FRESH_START, FRESH_START + size.fresh_pairs],
            "validation": [VALIDATION_START, VALIDATION_START + size.validation_pairs],
            "test": [TEST_START, TEST_START + size.test_pairs],
        }


@dataclass(frozen=True)
class OrientationRequest:
    """An orientation run that is asked for.

    Attributes:
        recipe: Pairs of views.
        task: What the network is asked.
        settings: How it is trained.
        experiment: The experiment's name, or the recipe's outside experiments.
        budget: "quick" or "full"; empty outside experiments.
        variation: What was changed of the experiment: name to value.
        command: The command line, or None for a call from Python.
        unknown: What training.json held that this release does not know; it is kept.
    """

    recipe: Recipe
    task: OrientationTask
    settings: OrientationSettings
    experiment: str
    budget: str
    variation: Mapping[str, float]
    command: str | None = None
    unknown: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def describe(
    request: OrientationRequest,
    status: str,
    started: str,
    n_parameters: int | None = None,
    failed: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The contents of training.json.

    Args:
        request: What to train.
        status: "running", "interrupted", "finished", or "trained": trained, but what should follow
            failed.
        started: When, as `nanotilt.runs.configuration.now` told.
        n_parameters: Trainable parameters of the network, once it is built.
        failed: What failed, and why, in words.
    """
    settings = request.settings
    belongs = {
        "name": request.experiment,
        "budget": request.budget,
        "variation": dict(request.variation),
    }
    described = {
        "format": FORMAT,
        "kind": ORIENTATION,
        "status": status,
        "started": started,
        "failed": dict(failed or {}),
        "command": request.command,
        "repeat": configuration.repeat_experiment(belongs, settings.model, settings.seed)
        if request.budget
        else f"nanotilt train {request.experiment} --model {settings.model} --seed {settings.seed}",
        "recipe": {"name": request.experiment, "digest": request.recipe.digest},
        "model": {"name": settings.model, "trainable_parameters": n_parameters},
        "settings": dataclasses.asdict(settings),
        "task": dataclasses.asdict(request.task),
        "budget": request.budget,
        "experiment": belongs,
        "seeds": {"stream": settings.seed, "model": settings.seed},
        "sample_ranges": settings.ranges(),
        **configuration.surroundings(),
    }
    return with_unknown(described, request.unknown)


def read(folder: RunFolder) -> tuple[OrientationRequest, dict[str, Any]]:
    """Reads a run's files again.

    Returns:
        The request, and the whole of training.json.

    Raises:
        OSError: they can't be read.
        ValueError: they are damaged, of another kind, or of a newer format; the words name file
            and key.
    """
    path = folder.file(TRAINING)
    value = folder.read_json(TRAINING)
    check_format(path, value)
    recipe = configuration.read_recipe(folder)
    try:
        if kind_of(value) != ORIENTATION:
            raise ValueError(f'kind must be "{ORIENTATION}". {received("kind", value.get("kind"))}')
        request = _read_request(value, recipe)
        configuration.check_also_used(value)
    except (TypeError, ValueError) as error:
        raise damaged(path, error) from error
    configuration.check_digest(folder, value, recipe)
    known = describe(request, "running", "")
    unknown = unknown_keys(path, value, known)
    return dataclasses.replace(request, unknown=unknown), value


def _read_request(value: dict[str, Any], recipe: Recipe) -> OrientationRequest:
    return OrientationRequest(
        recipe,
        member(value, "task", OrientationTask, lenient=True),
        member(value, "settings", OrientationSettings, lenient=True),
        member(value, "experiment.name", str),
        member(value, "experiment.budget", str),
        member(value, "experiment.variation", dict[str, float], {}),
        member(value, "command", str | None, None),
    )
