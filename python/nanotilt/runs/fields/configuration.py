"""training.json of a run that finds something, unlike patches, or tags: what repeats it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nanotilt._base.checks import choice, flag, integer, received
from nanotilt._base.decoding import member
from nanotilt._base.text_files import damaged
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs import configuration
from nanotilt.runs.compatibility import (
    ANOMALY,
    DETECTION,
    FORMAT,
    SEGMENTATION,
    TAGGING,
    check_format,
    kind_of,
    unknown_keys,
    with_unknown,
)
from nanotilt.runs.folder import TRAINING, RunFolder
from nanotilt.runs.settings import (
    FIELD_NETWORKS,
    PATCH_CLASSIFIERS,
    PATCH_FINDERS,
    PATCH_NETWORKS,
    TAGGING_NETWORKS,
    TEST_START,
    TRAINING_START,
    VALIDATION_START,
    Options,
)


@dataclass(frozen=True)
class FieldSettings:
    """Everything that decides such a run, besides its recipe.

    Attributes:
        model: One of `nanotilt.runs.settings.FIELD_NETWORKS`, or for patches of lattices one of
            `PATCH_NETWORKS` or `PATCH_CLASSIFIERS`, for scattering one of `TAGGING_NETWORKS`.
        epochs: Number of epochs: how often the network is validated.
        steps_per_epoch: Gradient steps in each.
        batch_size: Images in a gradient step.
        seed: Seed of the stream and of the first weights.
        validation_samples: Unseen images that every epoch is scored on.
        test_samples: Unseen images of the test, shared among its doses.
        n_threads: Threads, or None: all that may be used.
        images: Images of the recipe that training sees, again and again; None: fresh ones.
        frames: Frames of a video that the network sees at a time, an odd number.
        test_doses: Doses of the test; None: those of 1, 3, 10, 30, ... that the recipe has.
        weighted: Whether classes weigh alike in the loss, however rare one is.
        augmented: Whether patches are flipped and turned by quarters at random, anew in each epoch.
        size: "paper" or "small", of networks for scattering that come in two sizes.
        held_out: Images of each run of scattering that training on a fixed set leaves out, for a
            test on runs that it has seen.
        tag_weights: What the cross-entropy of each tag is multiplied by; None: all by 1.
    """

    model: str
    epochs: int
    steps_per_epoch: int
    batch_size: int
    seed: int
    validation_samples: int
    test_samples: int
    n_threads: int | None
    images: int | None = None
    frames: int = 1
    test_doses: tuple[float, ...] | None = None
    weighted: bool = False
    augmented: bool = False
    size: str = "small"
    held_out: int = 0
    tag_weights: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        networks = (*FIELD_NETWORKS, *PATCH_NETWORKS, *PATCH_CLASSIFIERS, *TAGGING_NETWORKS)
        choice("model", self.model, networks)
        choice("size", self.size, ("paper", "small"))
        if integer("held_out", self.held_out, at_least=0) and self.images is None:
            raise ValueError(
                "held_out must be 0 where training sees fresh images. "
                f"{received('held_out', self.held_out)}"
            )
        for name in ("weighted", "augmented"):
            flag(name, getattr(self, name))
        for name in ("epochs", "steps_per_epoch", "batch_size"):
            integer(name, getattr(self, name), at_least=1)
        if integer("frames", self.frames, at_least=1) % 2 == 0:
            raise ValueError(f"frames must be odd. {received('frames', self.frames)}")
        if self.images is not None:
            integer("images", self.images, at_least=0)
        Options("fast", seed=self.seed, n_threads=self.n_threads,
                validation_samples=self.validation_samples,
                test_samples=self.test_samples)  # fmt: skip  # refuses wrong ones

    @property
    def total_samples(self) -> int:
        """Training images of the whole run."""
        return self.epochs * self.steps_per_epoch * self.batch_size

    def ranges(self) -> dict[str, list[int]]:
        """First and last-plus-one index of the images for training, validation and test."""
        return {
            "training": [TRAINING_START, TRAINING_START + self.total_samples],
            "validation": [VALIDATION_START, VALIDATION_START + self.validation_samples],
            "test": [TEST_START, TEST_START + self.test_samples],
        }


@dataclass(frozen=True)
class FieldRequest:
    """A run that is asked for.

    Attributes:
        recipe: Images or videos of fields, or patches of a lattice.
        recipe_name: What it is called.
        settings: How the network is trained.
        command: The command line, or None for a call from Python.
        experiment: Name, budget and variation of the experiment that it belongs to, or None.
        test_recipe: What the network is tested on, where that is another recipe.
        source: Fresh images that the network learns from first, or None: from the recipe's alone.
        elsewhere: Patches of other kinds that it is tested on as well: recipe and doses by name.
        unknown: What training.json held that this release does not know; it is kept.
    """

    recipe: Recipe
    recipe_name: str
    settings: FieldSettings
    command: str | None = None
    experiment: Mapping[str, Any] | None = None
    test_recipe: Recipe | None = None
    source: Recipe | None = None
    elsewhere: Mapping[str, tuple[Recipe, tuple[float, ...]]] = dataclasses.field(
        default_factory=dict
    )
    unknown: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What is asked, in a word: the network tells."""
        if self.settings.model in PATCH_FINDERS:
            return DETECTION
        if self.settings.model in TAGGING_NETWORKS:
            return TAGGING
        return SEGMENTATION if self.settings.model in FIELD_NETWORKS else ANOMALY


def describe(
    request: FieldRequest,
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
    described = {
        "format": FORMAT,
        "kind": request.kind,
        "status": status,
        "started": started,
        "failed": dict(failed or {}),
        "command": request.command,
        "repeat": _repeat(request),
        "recipe": {"name": request.recipe_name, "digest": request.recipe.digest},
        "model": {"name": settings.model, "trainable_parameters": n_parameters},
        "settings": dataclasses.asdict(settings),
        "experiment": request.experiment and dict(request.experiment),
        "seeds": {"stream": settings.seed, "model": settings.seed},
        "sample_ranges": settings.ranges(),
        "test_recipe": request.test_recipe and json.loads(request.test_recipe.to_json()),
        "source_recipe": request.source and json.loads(request.source.to_json()),
        "elsewhere": {
            name: {"recipe": json.loads(recipe.to_json()), "doses": list(doses)}
            for name, (recipe, doses) in request.elsewhere.items()
        },
        **configuration.surroundings(),
    }
    return with_unknown(described, request.unknown)


def _other_recipe(value: Any) -> Recipe | None:
    return None if value is None else Recipe.from_json(json.dumps(value))


def _elsewhere(value: dict[str, Any]) -> dict[str, tuple[Recipe, tuple[float, ...]]]:
    found = {}
    for name in member(value, "elsewhere", dict[str, Any], {}):
        recipe = _other_recipe(member(value, f"elsewhere.{name}.recipe", dict[str, Any]))
        assert recipe is not None
        found[name] = (recipe, tuple(member(value, f"elsewhere.{name}.doses", list[float])))
    return found


def _repeat(request: FieldRequest) -> str:
    settings = request.settings
    if request.experiment is not None:
        return configuration.repeat_experiment(request.experiment, "fast", settings.seed)
    return (
        f"nanotilt train recipe.json --model {settings.model} --seed {settings.seed} "
        f"--epochs {settings.epochs} --steps {settings.steps_per_epoch} "
        f"--batch-size {settings.batch_size} --test-samples {settings.test_samples}"
    )


def read(folder: RunFolder) -> tuple[FieldRequest, dict[str, Any]]:
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
        choice("kind", kind_of(value), (SEGMENTATION, ANOMALY, DETECTION, TAGGING))
        request = FieldRequest(
            recipe,
            member(value, "recipe.name", str),
            member(value, "settings", FieldSettings, lenient=True),
            member(value, "command", str | None, None),
            member(value, "experiment", dict[str, Any] | None, None),
            _other_recipe(value.get("test_recipe")),
            _other_recipe(value.get("source_recipe")),
            _elsewhere(value),
        )
        configuration.check_also_used(value)
    except (TypeError, ValueError) as error:
        raise damaged(path, error) from error
    configuration.check_digest(folder, value, recipe)
    unknown = unknown_keys(path, value, describe(request, "running", ""))
    return dataclasses.replace(request, unknown=unknown), value
