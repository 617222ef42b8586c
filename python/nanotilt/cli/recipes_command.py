"""``nanotilt recipes``: which recipes there are, and their JSON."""

from __future__ import annotations

import argparse
import json
from typing import Any

from nanotilt import recipes
from nanotilt.cli.recipe_argument import HELP, load_recipe

MOST_NAMED = 3
"""More classes than this are counted instead of named."""

_EXAMPLES = """\
examples:
  nanotilt recipes                        the recipes in a table
  nanotilt recipes chirality > my.json    a recipe to start from: edit it, delete its "digest"
  nanotilt recipes my.json                check it, and see it with every default filled in
  nanotilt train my.json
"""


def add_to(commands: Any) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "recipes",
        help="which recipes there are; a recipe as JSON",
        description="Lists the recipes, or prints one as JSON.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("recipe", metavar="RECIPE", nargs="?", help=HELP)
    parser.add_argument(
        "--json", action="store_true", help="all recipes as one JSON object, by name"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints it."""
    if arguments.recipe is not None:
        print(load_recipe(arguments.recipe)[1].to_json())
    elif arguments.json:
        everything = {name: json.loads(recipes.by_name(name).to_json()) for name in recipes.names()}
        print(json.dumps(everything, indent=2))
    else:
        print("\n".join(_table()))
    return 0


def _table() -> list[str]:
    """Name, views x bins, classes and question of every recipe, in columns."""
    rows = [("NAME", "VIEWS x BINS", "CLASSES", "QUESTION")]
    for name in recipes.names():
        recipe = recipes.by_name(name)
        size = " x ".join(map(str, (recipe.n_views, *recipe.view_shape)))
        few = len(recipe.class_names) <= MOST_NAMED
        classes = ", ".join(recipe.class_names) if few else f"{len(recipe.class_names)} classes"
        rows.append((name, size, classes, recipes.question(name)))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        "  ".join([*(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=False)), row[3]])
        for row in rows
    ]
