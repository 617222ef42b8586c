"""What can be varied in an experiment: its recipe, the samples seen, the network's width."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from nanotilt._base import checks as check
from nanotilt.recipes.recipe import Recipe

SHORT = {
    "noise": "detector.noise",
    "background": "detector.background",
    "blur": "detector.blur_sigma_px",
    "bins": "detector.n_bins",
    "roughness": "classes.*.outline.roughness",
    "centre": "classes.*.outline.centre_std.*",
    "feature_radius": "classes.*.features.*.radius",
    "feature_offset": "classes.*.features.*.max_offset",
}
"""Short names of places in a recipe's JSON."""

TRAINING = ("samples", "width")
"""What can be varied besides the recipe: training samples; a factor on the units of all layers."""

Variation = Mapping[str, float]
"""Which value each varied name has in one run."""


def combinations(vary: Mapping[str, Sequence[float]]) -> Iterator[dict[str, float]]:
    """All combinations of the values; one that is empty if nothing is varied.

    Args:
        vary: Names, each with its values.
    """
    for values in itertools.product(*vary.values()):
        yield dict(zip(vary, values, strict=True))


def checked(vary: Mapping[str, Sequence[float]], recipe: Recipe) -> dict[str, tuple[float, ...]]:
    """The values to vary, if they fit a recipe.

    Args:
        vary: "samples", "width", a short name such as "noise", or a place in the recipe's JSON such
            as "classes.*.outline.roughness", each with one value or more.
        recipe: The recipe.

    Raises:
        TypeError: a value is not a number.
        ValueError: a name or value does not fit.
    """
    fine = {}
    for name, values in vary.items():
        numbers = different_numbers(f"vary[{name!r}]", values)
        for number in numbers:
            if name in TRAINING:
                check.real(f"vary[{name!r}]", number, above=0)
            else:
                varied_recipe(recipe, {name: number})
        fine[name] = numbers
    return fine


def checked_by_name(
    vary: Mapping[str, Sequence[float]],
    known: Sequence[str],
    check_value: Callable[[str, str, float], None],
) -> dict[str, tuple[float, ...]]:
    """The values to vary of an experiment that lets some names be varied and no others.

    Args:
        vary: Values by name.
        known: The names.
        check_value: Takes what errors call a value, its name and the value; raises if it is wrong.

    Raises:
        TypeError: a value is not a number.
        ValueError: a name or value does not fit.
    """
    fine = {}
    for name, values in vary.items():
        field = f"vary[{name!r}]"
        if name not in known:
            raise ValueError(
                f"vary must name one of {', '.join(known)}. {check.received('vary', name)}"
            )
        fine[name] = different_numbers(field, values)
        for number in fine[name]:
            check_value(field, name, number)
    return fine


def different_numbers(field: str, values: Sequence[float]) -> tuple[float, ...]:
    """The values of one name, if they are numbers that differ, one at least.

    Args:
        field: What errors call them.
        values: The values.

    Raises:
        TypeError: a value is not a number.
        ValueError: there is none, or one twice.
    """
    numbers = tuple(check.real(field, value) for value in values)
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError(
            f"{field} must have different values, one at least. {check.received('values', values)}"
        )
    return numbers


def check_whole(field: str, number: float, least: int, most: int) -> None:
    """Makes sure that a value is a whole number within bounds.

    Args:
        field: What errors call it.
        number: The value.
        least: The smallest that is allowed.
        most: The largest; errors name it if it is below 2**20.

    Raises:
        ValueError: it is not.
    """
    if number != int(number) or not least <= number <= most:
        above = f" and <= {most}" if most < 2**20 else ""
        raise ValueError(
            f"{field} must be a whole number >= {least}{above}. {check.received(field, number)}"
        )


def varied_recipe(recipe: Recipe, variation: Variation) -> Recipe:
    """The recipe with varied values.

    Raises:
        ValueError: there is no such place in its JSON, or the value is wrong there.
    """
    places = {name: value for name, value in variation.items() if name not in TRAINING}
    if not places:
        return recipe
    tree = json.loads(recipe.to_json())
    tree.pop("digest", None)
    for name, value in places.items():
        if not _set(tree, SHORT.get(name, name).split("."), value):
            known = ", ".join((*TRAINING, *SHORT))
            raise ValueError(
                f"vary must name one of {known}, or a number in the recipe's JSON such as "
                f"detector.noise. Received: {name!r}"
            )
    return Recipe.from_json(json.dumps(tree))


def _set(node: Any, path: Sequence[str], value: float) -> int:
    """Sets all numbers at a path, in which * stands for every entry; returns how many there are."""
    first, *others = path
    if isinstance(node, dict):
        keys: list[Any] = list(node) if first == "*" else [first] * (first in node)
    elif isinstance(node, list):
        keys = list(range(len(node))) if first == "*" else _places(node, first)
    else:
        return 0
    if others:
        return sum(_set(node[key], others, value) for key in keys)
    n_set = 0
    for key in keys:
        if isinstance(node[key], (int, float)) and not isinstance(node[key], bool):
            node[key] = int(value) if isinstance(node[key], int) and value == int(value) else value
            n_set += 1
    return n_set


def _places(entries: list[Any], word: str) -> list[Any]:
    """Where in a list a word leads: to the entry of this number, or to those of this label."""
    if word.isdecimal():
        return [int(word)] if int(word) < len(entries) else []
    labels = [entry.get("label") if isinstance(entry, dict) else None for entry in entries]
    return [i for i, label in enumerate(labels) if label == word]


def check_width_is_free(vary: Mapping[str, Any]) -> None:
    """Refuses a width where the network is a paper's own.

    Args:
        vary: What is varied.

    Raises:
        ValueError: the width is.
    """
    if "width" in vary:
        raise ValueError(
            "width can't be varied: the network's layers have the published sizes. "
            f"{check.received('width', vary['width'])}"
        )


def widened(options: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """A network's options with all layers wider by a factor.

    Args:
        options: What `network_options` of the network gave.
        factor: The factor.
    """
    units = {name: value for name, value in options.items() if name.endswith("_units")}
    return {name: [max(1, round(factor * n)) for n in value] for name, value in units.items()}


def folder_name(variation: Variation) -> str:
    """What to call the folder of the runs with these values; empty for no variation."""
    return ",".join(f"{name}={value:g}" for name, value in variation.items())
