"""Checks of what every network is asked for, worded alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nanotilt._base.checks import integer, integers, received


@dataclass(frozen=True)
class Sizes:
    """Numbers of views, of bins in a view and of classes."""

    n_views: int
    n_bins: int
    n_classes: int


def sizes(n_views: Any, n_bins: Any, n_classes: Any, *, fewest_bins: int) -> Sizes:
    """Checks the sizes of a network.

    Args:
        n_views: Views of one particle, >= 1.
        n_bins: Bins of one view, >= ``fewest_bins``.
        n_classes: Classes to tell apart, >= 2.
        fewest_bins: What the network's strides and pools leave at least one position of.

    Raises:
        TypeError: A size is not an integer.
        ValueError: A size is too small.
    """
    return Sizes(
        integer("n_views", n_views, at_least=1),
        integer("n_bins", n_bins, at_least=fewest_bins),
        integer("n_classes", n_classes, at_least=2),
    )


def recipe_sizes(recipe: Any) -> dict[str, int]:
    """What a recipe fixes of a network of lines of bins: its numbers of views, bins and classes.

    Args:
        recipe: A nanotilt.Recipe, with a Detector or a Camera whose views are projected.

    Raises:
        TypeError: It is something else.
        ValueError: Its views are images.
    """
    n_classes = recipe_classes(recipe)
    if len(recipe.view_shape) != 1:
        raise ValueError(
            "the recipe's views must be lines of bins for this network; "
            "nanotilt.models.ImageStereoClassifier takes images. "
            f"Received: view_shape={recipe.view_shape}"
        )
    return {"n_views": recipe.n_views, "n_bins": recipe.view_shape[0], "n_classes": n_classes}


def recipe_classes(recipe: Any) -> int:
    """The number of a recipe's classes.

    Args:
        recipe: A nanotilt.Recipe.

    Raises:
        TypeError: It is something else.
    """
    try:
        recipe.view_shape  # noqa: B018 (whatever has none is no recipe)
        return len(recipe.class_names)
    except (AttributeError, TypeError) as error:
        raise TypeError(
            f"recipe must be a nanotilt.Recipe. {received('recipe', recipe)}"
        ) from error


def image_shape(value: Any, *, at_least: int = 4, multiple_of: int = 1) -> tuple[int, int]:
    """Checks the rows and columns of views that are images.

    Args:
        value: (rows, columns).
        at_least: What a network's strides and pools leave at least one place of.
        multiple_of: What both must be multiples of, where a network halves and doubles images.

    Raises:
        TypeError: It is not a sequence of integers.
        ValueError: There are not two, or one is too small or no such multiple.
    """
    shape = integers("view_shape", value, at_least=at_least)
    if len(shape) != 2:
        raise ValueError(
            f"view_shape must be (rows, columns), for images. {received('view_shape', value)}"
        )
    if any(n % multiple_of for n in shape):
        raise ValueError(
            f"view_shape must hold multiples of {multiple_of}, which this network can halve and "
            f"double again. {received('view_shape', value)}"
        )
    return shape[0], shape[1]


def unit_counts(field: str, value: Any, *, fewest_layers: int) -> tuple[int, ...]:
    """Checks the units of a row of layers, each >= 1.

    Args:
        field: Name of the argument.
        value: A sequence of integers.
        fewest_layers: What it must at least have.

    Raises:
        TypeError: It is not a sequence of integers.
        ValueError: There are too few, or one is too small.
    """
    counts = integers(field, value, at_least=1)
    if len(counts) < fewest_layers:
        raise ValueError(
            f"{field} must have at least {fewest_layers} entries. {received(field, value)}"
        )
    return counts
