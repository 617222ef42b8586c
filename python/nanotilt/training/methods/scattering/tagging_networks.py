"""The networks that tag scattering images, by name, and what they are shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt import models
from nanotilt._base.checks import received
from nanotilt.models.plan import TrainingPlan
from nanotilt.models.scattering.loss import TaggingLoss
from nanotilt.models.scattering.polar import PolarNet
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.scattering import Scattering
from nanotilt.streaming.batches import batches
from nanotilt.training.watcher import Advance

SCORED_BY = ("tags", "snr", "run")
"""Targets that tests look at."""

AT_ONCE = 50
"""Images that are drawn and looked at together: of 2,000 pixels on a side they take 800 MB."""

Arrays = dict[str, npt.NDArray[Any]]


def network_class(name: str) -> Any:
    """The class of a network that tags images.

    Args:
        name: One of `nanotilt.runs.settings.TAGGING_NETWORKS`.
    """
    return models.by_name(name)


def learned_recipe(recipe: Recipe, name: str) -> Recipe:
    """What a network is trained on: with the tags, and with what it looks at.

    Images hold numbers as they were counted, which the networks scale themselves.

    Args:
        recipe: X-ray scattering.
        name: The network.

    Raises:
        ValueError: the recipe is of something else, or has nothing that the network looks at.
    """
    if not all(isinstance(scene, Scattering) for scene in recipe.classes.values()):
        raise ValueError(
            "the recipe's classes must be scattering for a network that tags it. "
            f"{received('model', name)}, classes={', '.join(recipe.class_names)}"
        )
    kind = network_class(name)
    wanted = [*kind.learns_from, *(one for one in kind.looks_at if one != "views")]
    targets = tuple(dict.fromkeys((*recipe.targets, *wanted)))
    return dataclasses.replace(recipe, normalise="none", targets=targets)


def tested_recipe(recipe: Recipe) -> Recipe:
    """The recipe with what tests look at as well.

    Args:
        recipe: What `learned_recipe` gave.
    """
    targets = tuple(dict.fromkeys((*recipe.targets, *SCORED_BY)))
    return dataclasses.replace(recipe, targets=targets)


def images_per_run(recipe: Recipe) -> int:
    """Images that share the beam's place and the stop."""
    return max(
        scene.images_per_run for scene in recipe.classes.values() if isinstance(scene, Scattering)
    )


def plan_of(
    name: str, recipe: Recipe, budget: str | None = None, size: str = "small"
) -> TrainingPlan:
    """The recommended training settings, if the network can be trained on the recipe.

    Args:
        name: The network.
        recipe: X-ray scattering.
        budget: "quick", "full" or None: what most users want.
        size: "paper" or "small".

    Raises:
        ValueError: as for `learned_recipe`, or the network can't take the images.
    """
    kind = network_class(name)
    learned = learned_recipe(recipe, name)
    kind.check_recipe(learned)
    kind(**kind._sizes_for(learned), **_size_of(kind, size))  # what it refuses it refuses now
    plan: TrainingPlan = kind.training_plan(learned, budget, size=size)
    return plan


def compiled(
    name: str,
    recipe: Recipe,
    size: str,
    total_steps: int,
    tag_weights: Sequence[float] | None,
) -> Any:
    """A network, ready to train.

    Args:
        name: The network.
        recipe: What `learned_recipe` gave.
        size: "paper" or "small".
        total_steps: Gradient steps that its learning rate spans.
        tag_weights: What each tag's cross-entropy is multiplied by, or None.
    """
    kind = network_class(name)
    model = kind.for_recipe(recipe, compile=False, **_size_of(kind, size))
    plan = kind.training_plan(recipe, size=size)
    model.compile(plan.make_optimizer(total_steps), TaggingLoss(tag_weights), jit_compile=False)
    return model


def fresh_data(
    model: Any, recipe: Recipe, seed: int, batch_size: int, n_threads: int | None
) -> Callable[[int], Any]:
    """Gives endless datasets of what a network learns from, from a sample on.

    Args:
        model: The network.
        recipe: What `learned_recipe` gave.
        seed: The stream.
        batch_size: Images in an element.
        n_threads: Draws at the same time, or None: all that may be used.
    """
    return lambda start: model.data(recipe, seed, batch_size, start, num_parallel_calls=n_threads)


def drawn(
    names: Sequence[str],
    recipe: Recipe,
    seed: int,
    start: int,
    count: int,
    n_threads: int | None,
    advance: Advance = lambda share: None,
) -> Arrays:
    """Outputs of samples of a stream, and nothing else: what is not named is not drawn.

    Args:
        names: The outputs.
        recipe: Has them.
        seed: The stream.
        start: The first sample.
        count: How many.
        n_threads: Threads, or None: all that may be used.
        advance: Is told how far it is.
    """
    found: dict[str, list[Any]] = {name: [] for name in names}
    pieces = batches(
        recipe, seed, AT_ONCE, start, count, n_threads=n_threads, give={n: n for n in names}
    )
    for number, piece in enumerate(pieces):
        for name, each in piece.items():
            found[name].append(each)
        advance(min(1.0, (number + 1) * AT_ONCE / count))
    return {name: np.concatenate(each) for name, each in found.items()}


def seen_by(model: Any, arrays: Mapping[str, npt.NDArray[Any]]) -> Any:
    """What a network looks at, of outputs by name."""
    seen = model.seen(arrays)
    return list(seen) if isinstance(seen, tuple) else seen


def _size_of(kind: Any, size: str) -> dict[str, str]:
    """The size as an argument, of networks that come in two."""
    return {} if kind is PolarNet else {"size": size}
