"""Recipes beside the one in question: smooth, without noise, of one class, not normalised."""

from __future__ import annotations

import dataclasses
from typing import cast

from nanotilt.instruments.line_detector import Detector
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.particles import Particle

TEST_START = 2**41
"""First sample that bounds are tested on: the same as those that training runs are tested on."""
VALIDATION_START = 2**40
BANK_START = 2**42
RESIDUAL_START = 2**43


def as_detected(recipe: Recipe) -> Recipe:
    """The recipe's samples before centring and normalisation, which add nothing to what is known.

    Every view is a function of the one given here, so a bound from above for these views holds for
    the recipe's, and both limits use one scale of values.
    """
    return _changed(recipe, recipe.line_detector.noise, recipe.line_detector.dose, None)


def observed(recipe: Recipe) -> Recipe:
    """The recipe's samples as they are, except that values are not normalised."""
    return Recipe(recipe.classes, recipe.line_detector, recipe.weights, "none")


def noise_free(recipe: Recipe, *, smooth: bool) -> Recipe:
    """Samples without noise; smooth: without roughness, too.

    The same seed and index give the same particle in the same place, because every purpose has
    random numbers of its own (``cpp/core/base/philox.hpp``).
    """
    changed = _changed(recipe, 0.0, None, 0.0 if smooth else None)
    assert isinstance(changed.detector, Detector)
    detector = dataclasses.replace(changed.detector, centring=recipe.line_detector.centring)
    return Recipe(changed.classes, detector, recipe.weights, "none")


def of_class(recipe: Recipe, label: str) -> Recipe:
    """The same recipe with one class only."""
    return Recipe({label: recipe.classes[label]}, recipe.line_detector, None, recipe.normalise)


def alike(recipe: Recipe) -> Recipe:
    """The same particles, described alike: classes with fewer features get some of density 0.

    These change nothing that can be seen, but give all classes one order of random numbers, so that
    one roughness can be drawn for all of them.
    """
    most = max((particle.features for particle in recipe.particles.values()), key=len)
    classes = {}
    for label, particle in recipe.particles.items():
        missing = most[len(particle.features) :]
        empty = tuple(dataclasses.replace(feature, density=0.0) for feature in missing)
        classes[label] = Particle(particle.rough_outline, particle.features + empty)
    return Recipe(classes, recipe.line_detector, recipe.weights, recipe.normalise)


def class_shares(recipe: Recipe) -> tuple[float, ...]:
    """Share of each class; they sum to 1."""
    # A recipe keeps checked weights as a tuple of floats, in the classes' order.
    weights = cast("tuple[float, ...]", recipe.weights) or (1.0,) * len(recipe.classes)
    return tuple(weight / sum(weights) for weight in weights)


def _changed(recipe: Recipe, noise: float, dose: float | None, roughness: float | None) -> Recipe:
    classes = {}
    for label, particle in recipe.particles.items():
        outline = particle.rough_outline
        if roughness is not None:
            outline = dataclasses.replace(outline, roughness=roughness)
        classes[label] = Particle(outline, particle.features)
    detector = dataclasses.replace(recipe.line_detector, noise=noise, dose=dose, centring=False)
    return Recipe(classes, detector, recipe.weights, "none")
