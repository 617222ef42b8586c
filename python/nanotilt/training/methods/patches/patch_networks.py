"""The networks that learn from patches of lattices, by name, and what they are shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt import models
from nanotilt._base.checks import received
from nanotilt.instruments.atom_image import AtomImage
from nanotilt.models.plan import TrainingPlan
from nanotilt.recipes.perfect import shows_lattices
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.settings import PATCH_CLASSIFIERS, PATCH_FINDERS
from nanotilt.streaming.stream import stream

_WITH_OWN_TRUTH: dict[str, Any] = {
    "dense-ae": models.DenseAutoencoder,
    "conv-ae": models.ConvolutionalAutoencoder,
    "vae": models.VariationalAutoencoder,
    "denoiser": models.LatticeDenoiser,
    "finder": models.DefectFinder,
}
"""The classes of `nanotilt.runs.settings.PATCH_NETWORKS`."""

_QUARTERS = 4


def network_class(name: str) -> Any:
    """The class of a network that finds defects.

    Args:
        name: One of `nanotilt.runs.settings.PATCH_WITH_OWN_TRUTH` or `PATCH_CLASSIFIERS`.
    """
    return models.by_name(name) if name in PATCH_CLASSIFIERS else _WITH_OWN_TRUTH[name]


def new_model(name: str, recipe: Recipe) -> Any:
    """A network, not yet compiled.

    Args:
        name: The network.
        recipe: What `learned_recipe` gave.
    """
    return network_class(name).for_recipe(recipe, compile=False)


def compiled(name: str, recipe: Recipe, total_steps: int) -> Any:
    """A network, ready to train.

    Args:
        name: The network.
        recipe: What `learned_recipe` gave.
        total_steps: Gradient steps that its learning rate spans.
    """
    model = new_model(name, recipe)
    plan = model.training_plan(recipe)
    loss = "sparse_categorical_crossentropy" if name in PATCH_CLASSIFIERS else model.new_loss()
    model.compile(plan.make_optimizer(total_steps), loss=loss, jit_compile=False)
    return model


def plan_of(name: str, recipe: Recipe, budget: str | None = None) -> TrainingPlan:
    """The recommended training settings, if the network can be trained on the recipe.

    Raises:
        ValueError: as for `learned_recipe`, or the network can't take the patches.
    """
    kind = network_class(name)
    learned = learned_recipe(recipe, name)
    if name not in PATCH_CLASSIFIERS:
        kind.check_recipe(learned)
    plan: TrainingPlan = kind.training_plan(learned, budget)
    return plan


def learned_recipe(recipe: Recipe, name: str) -> Recipe:
    """What a network is trained on, with the targets that it learns from.

    Networks that classify, and those that find defects, see all classes, autoencoders perfect
    patches alone.

    Args:
        recipe: A perfect lattice as the first class, and such with defects.
        name: The network.

    Raises:
        ValueError: the recipe has no such classes.
    """
    if name in PATCH_FINDERS:
        if not models.DefectFinder.kinds_of(recipe):
            raise ValueError(
                "the recipe's classes must be lattices, one with defects at least, for a network "
                f"that finds these. {received('model', name)}, "
                f"classes={', '.join(recipe.class_names)}"
            )
        targets = tuple(dict.fromkeys(("label", *_WITH_OWN_TRUTH[name].learns_from)))
        return dataclasses.replace(recipe, targets=targets)
    if not shows_lattices(recipe):
        raise ValueError(
            "the recipe's first class must be a perfect lattice, and another one must have "
            f"defects, for a network that learns perfect patches. {received('model', name)}, "
            f"classes={', '.join(recipe.class_names)}"
        )
    if name in PATCH_CLASSIFIERS:
        return dataclasses.replace(recipe, targets=("label",))
    first = recipe.class_names[0]
    targets = tuple(dict.fromkeys(("label", *_WITH_OWN_TRUTH[name].learns_from)))
    return dataclasses.replace(
        recipe, classes={first: recipe.classes[first]}, weights=None, targets=targets
    )


def fresh_data(
    model: Any, recipe: Recipe, seed: int, batch_size: int, n_threads: int | None
) -> Callable[[int], Any]:
    """Gives endless datasets of what a network learns from, from a sample on.

    Args:
        model: The network.
        recipe: What `learned_recipe` gave.
        seed: The stream.
        batch_size: Patches in an element.
        n_threads: Draws at the same time, or None: all that may be used.
    """
    give = getattr(type(model), "data", stream)
    return lambda start: give(recipe, seed, batch_size, start, num_parallel_calls=n_threads)


def fixed_data(
    model: Any, recipe: Recipe, seed: int, count: int, n_threads: int | None
) -> tuple[Any, Any]:
    """Views and truth of the first samples of a stream.

    Args:
        model: The network.
        recipe: What `learned_recipe` gave.
        seed: The stream.
        count: How many.
        n_threads: Threads, or None: all that may be used.
    """
    batch = recipe.sample(seed, 0, count, n_threads=n_threads)
    if not hasattr(type(model), "truth"):
        return batch.views, batch["label"].astype(np.int64)
    targets = {name: batch[name] for name in ("views", *model.learns_from)}
    return batch.views, np.asarray(model.truth(targets))


def class_weights(recipe: Recipe) -> dict[int, float]:
    """Weights with which all classes of a recipe have the same say in a mean loss of 1.

    Args:
        recipe: The recipe.
    """
    given: Any = recipe.weights
    n = len(recipe.class_names)
    if given is None:
        return dict.fromkeys(range(n), 1.0)
    listed = [given[name] for name in recipe.class_names] if isinstance(given, Mapping) else given
    shares = np.array(listed, dtype=np.float64) / sum(listed)
    return {i: float(1 / (n * share)) for i, share in enumerate(shares) if share > 0}


def turned(random: np.random.Generator, views: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Patches, each turned by a random number of quarters and flipped or not.

    Args:
        random: Decides.
        views: (n, 1, rows, columns) of as many rows as columns.
    """
    changed = views.copy()
    quarters = random.integers(_QUARTERS, size=len(views))
    flipped = random.random(len(views)) < 0.5
    for quarter in range(1, _QUARTERS):
        some = quarters == quarter
        changed[some] = np.rot90(views[some], quarter, axes=(-2, -1))
    changed[flipped] = changed[flipped][..., ::-1]
    return changed


def at_doses(recipe: Recipe, doses: Sequence[float] | None) -> tuple[Recipe, ...]:
    """The recipe at each of some doses.

    Args:
        recipe: Patches.
        doses: Electrons counted of each carbon atom; None: as the recipe draws them.
    """
    if doses is None or not isinstance(recipe.detector, AtomImage):
        return (recipe,)
    return tuple(
        dataclasses.replace(recipe, detector=recipe.detector.with_electrons(dose)) for dose in doses
    )
