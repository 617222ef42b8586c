"""The networks that learn targets of patches of lattices, by name, and what they are shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from nanotilt import models
from nanotilt._base.checks import received
from nanotilt.instruments.atom_image import AtomImage
from nanotilt.models.plan import TrainingPlan
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.settings import PATCH_FINDERS
from nanotilt.training.lattice_truth import shows_lattices

_NETWORKS: dict[str, Any] = {
    "dense-ae": models.DenseAutoencoder,
    "conv-ae": models.ConvolutionalAutoencoder,
    "vae": models.VariationalAutoencoder,
    "denoiser": models.LatticeDenoiser,
    "finder": models.DefectFinder,
}
"""The classes of `nanotilt.runs.settings.PATCH_NETWORKS`."""


def new_model(name: str, recipe: Recipe) -> Any:
    """A network of `nanotilt.runs.settings.PATCH_NETWORKS`, not yet compiled.

    Args:
        name: The network.
        recipe: What `perfect_recipe` or `finder_recipe` gave.
    """
    return _NETWORKS[name].for_recipe(recipe, compile=False)


def plan_of(name: str, recipe: Recipe, budget: str | None = None) -> TrainingPlan:
    """The recommended training settings, if the network can be trained on the recipe.

    Raises:
        ValueError: as for `perfect_recipe`, or the network can't take the patches.
    """
    kind = _NETWORKS[name]
    trained = (finder_recipe if name in PATCH_FINDERS else perfect_recipe)(recipe, name)
    kind.check_recipe(trained)
    plan: TrainingPlan = kind.training_plan(trained, budget)
    return plan


def finder_recipe(recipe: Recipe, name: str) -> Recipe:
    """The recipe with what a network learns from.

    Args:
        recipe: Lattices, of which one class at least has defects.
        name: The network.

    Raises:
        ValueError: the recipe shows no lattices.
    """
    if not models.DefectFinder.kinds_of(recipe):
        raise ValueError(
            "the recipe's classes must be lattices, one with defects at least, for a network that "
            f"finds these. {received('model', name)}, classes={', '.join(recipe.class_names)}"
        )
    targets = tuple(dict.fromkeys(("label", *_NETWORKS[name].learns_from)))
    return dataclasses.replace(recipe, targets=targets)


def perfect_recipe(recipe: Recipe, name: str) -> Recipe:
    """Perfect patches alone, with what a network learns from.

    Args:
        recipe: A perfect lattice as the first class, and such with defects.
        name: The network.

    Raises:
        ValueError: the recipe has no such classes.
    """
    if not shows_lattices(recipe):
        raise ValueError(
            "the recipe's first class must be a perfect lattice, and another one must have "
            f"defects, for a network that learns perfect patches. {received('model', name)}, "
            f"classes={', '.join(recipe.class_names)}"
        )
    first = recipe.class_names[0]
    targets = tuple(dict.fromkeys(("label", *_NETWORKS[name].learns_from)))
    return dataclasses.replace(
        recipe, classes={first: recipe.classes[first]}, weights=None, targets=targets
    )


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
