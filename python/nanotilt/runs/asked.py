"""What a recipe asks of a network, and which networks there are for that."""

from __future__ import annotations

from nanotilt._base.checks import choice, received
from nanotilt.recipes.perfect import shows_lattices
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.compatibility import (
    ANOMALY,
    CLASSIFICATION,
    DETECTION,
    ORIENTATION,
    SEGMENTATION,
    TAGGING,
)
from nanotilt.runs.settings import (
    FIELD_NETWORKS,
    MODEL_NAMES,
    OWN_NETWORK,
    PATCH_AUTOENCODERS,
    PATCH_CLASSIFIERS,
    PATCH_FINDERS,
    TAGGING_NETWORKS,
    is_own,
)
from nanotilt.scenes.fields import Field
from nanotilt.scenes.particles import Particle
from nanotilt.scenes.scattering import Scattering
from nanotilt.scenes.shapes import PolygonOutline

DEFECT_NETWORK = "defect-net"
"""What "fast" is where patches of a lattice are perfect or not."""


def kind_asked(recipe: Recipe, model: str) -> str:
    """What a network is asked, in a word: most networks do what the recipe asks.

    Those that learn perfect patches alone are asked for what is unlike these, "anomaly"; those that
    find defects for their kinds and places, "detection".

    Args:
        recipe: What it is trained on.
        model: The network's name.
    """
    if model in PATCH_FINDERS:
        return DETECTION
    return ANOMALY if model in PATCH_AUTOENCODERS else kind_of_recipe(recipe)


def kind_of_recipe(recipe: Recipe) -> str:
    """What a recipe asks, in a word.

    "segmentation" of one class of fields, or of several where the recipe has the target "instance":
    they are a mixture then, such as of ways to place particles; "orientation" of pairs of views of
    one shape that is turned at random; "tagging" of x-ray scattering; else "classification".
    """
    fields = all(isinstance(scene, Field) for scene in recipe.classes.values())
    if fields and (len(recipe.class_names) == 1 or "instance" in recipe.targets):
        return SEGMENTATION
    if len(recipe.class_names) == 1:
        (scene,) = recipe.classes.values()
        if isinstance(scene, Scattering):
            return TAGGING
        if isinstance(scene, Particle) and isinstance(scene.outline, PolygonOutline):
            low, high = scene.outline.orientation_deg
            if high > low and recipe.n_views == 2:
                return ORIENTATION
    return CLASSIFICATION


def checked_model(kind: str, model: str, recipe: Recipe) -> str:
    """The network's name, if there is such a network for what is asked.

    Where patches of a lattice are perfect or not, "fast" is the network made for that.

    Args:
        kind: What `kind_asked` gave.
        model: What the user asked for.
        recipe: What it is trained on.

    Raises:
        ValueError: there is none, or it is the user's own, which classifies.
    """
    if kind == CLASSIFICATION:
        known = (*MODEL_NAMES, *PATCH_CLASSIFIERS, OWN_NETWORK)
        if model == "fast" and shows_lattices(recipe):
            return DEFECT_NETWORK
        return model if is_own(model) else choice("model", model, known)
    if kind in (ANOMALY, DETECTION):
        return model
    if is_own(model):
        raise ValueError(
            f"model must be one of nanotilt's own where the recipe asks for {kind}; networks of "
            f"your own are trained on recipes with classes. {received('model', model)}"
        )
    if kind == ORIENTATION:
        return choice("model", model, MODEL_NAMES)
    usual, *others = TAGGING_NETWORKS if kind == TAGGING else FIELD_NETWORKS
    network = choice("model", model, ("fast", usual, *others))
    return usual if network == "fast" else network
