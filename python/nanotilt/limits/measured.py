"""Limits of known recipes, measured once with the full budget."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from nanotilt._base.decoding import decode
from nanotilt._base.text_files import damaged, read_json_object
from nanotilt.limits.lattices import FORMAT, LatticeLimit
from nanotilt.limits.results import Limit
from nanotilt.recipes.recipe import Recipe

FILE = Path(__file__).with_name("measured.json")
"""Limits by name of the recipe; ``docs/measure_limits.py`` writes it."""

LATTICES_FILE = Path(__file__).with_name("measured_lattices.json")
"""Those of crystals likewise; ``docs/measure_lattice_limits.py`` writes it."""


def measured(recipe: Recipe) -> Limit | None:
    """The limit of a recipe as it was measured before, with the full budget.

    Args:
        recipe: A recipe; only its digest counts.

    Returns:
        The limit, or None if that of this recipe was never measured.
    """
    return _by_digest().get(recipe.digest)


def measured_lattice(recipe: Recipe) -> LatticeLimit | None:
    """How well defects can be seen at all on a recipe of crystals, as it was measured before.

    Args:
        recipe: A recipe; only its digest counts.

    Returns:
        The limit, or None if that of this recipe was never measured.
    """
    return _lattices_by_digest().get(recipe.digest)


@lru_cache(maxsize=1)
def _by_digest() -> dict[str, Limit]:
    try:
        limits = [Limit.from_json_value(value) for value in read_json_object(FILE).values()]
    except TypeError as error:
        raise damaged(FILE, error) from error
    return {limit.recipe_digest: limit for limit in limits}


@lru_cache(maxsize=1)
def _lattices_by_digest() -> dict[str, LatticeLimit]:
    limits = []
    for name, value in read_json_object(LATTICES_FILE).items():
        fields = dict(value)
        if fields.pop("format", None) != FORMAT:
            raise damaged(LATTICES_FILE, ValueError(f"{name}.format must be {FORMAT}"))
        limits.append(decode(LatticeLimit, fields, name, lenient=True))
    return {limit.recipe_digest: limit for limit in limits}
