"""The argument RECIPE: a name that nanotilt knows, or a recipe's JSON file."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from nanotilt import recipes
from nanotilt._base.checks import UNSHOWABLE
from nanotilt._base.text_files import read_text
from nanotilt.cli.errors import UsageError
from nanotilt.recipes.recipe import Recipe

HELP = "name of a recipe (see: nanotilt recipes), or path of a recipe's JSON file"


def load_recipe(argument: str) -> tuple[str, Recipe]:
    """The recipe that an argument stands for, and what to call it.

    Raises:
        UsageError: there is no such recipe, or its file is wrong.
    """
    if argument in recipes.names():
        return argument, recipes.by_name(argument)
    path = Path(argument)
    if path.is_file():
        # Names of files may hold bytes that are no text, and line breaks.
        return UNSHOWABLE.sub("?", path.stem), _read(path)
    if path.suffix == ".json" or os.sep in argument:
        raise UsageError(f"there is no recipe file {argument}")
    near = difflib.get_close_matches(argument, recipes.names(), n=1)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    raise UsageError(
        f"there is no recipe {argument!r}.{meant} Known are {', '.join(recipes.names())}; "
        "or give the path of a recipe's JSON file"
    )


def _read(path: Path) -> Recipe:
    try:
        return Recipe.from_json(read_text(path))
    except (TypeError, ValueError) as error:
        raise UsageError(f"{path} is not a recipe: {error}") from error
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror or error}") from error
