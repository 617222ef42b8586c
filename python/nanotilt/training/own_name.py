"""Names of functions that build the user's own networks: "package.module:function"."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

from nanotilt._base.checks import received
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.settings import MODEL_NAMES, is_own
from nanotilt.runs.words import error_in_words

Build = Callable[[Recipe], Any]
"""Takes the recipe, returns a keras.Model."""


class NotANetworkError(TypeError):
    """What a user's function returned is no network, or one whose outputs are no float32 tensor."""


def named(model: str | Build) -> tuple[str, Build | None]:
    """The name of a network that was asked for, and the function if it was handed in itself.

    Args:
        model: "fast", "paper", "package.module:function", or such a function.

    Raises:
        TypeError: it is neither a string nor a function that has a name.
    """
    if isinstance(model, str):
        return model, None
    module, place = getattr(model, "__module__", None), getattr(model, "__qualname__", None)
    if not callable(model) or not isinstance(module, str) or not isinstance(place, str):
        names = ", ".join(f'"{name}"' for name in MODEL_NAMES)
        raise TypeError(
            f'model must be {names}, "package.module:function" or a function of the recipe. '
            f"{received('model', model)}"
        )
    return f"{module}:{place}", model


def look_in_current_folder() -> None:
    """Lets modules be imported from the current folder, as ``python -m`` does."""
    if "" not in sys.path:
        sys.path.insert(0, "")


def imported(name: str) -> Build:
    """Imports the function of a name.

    Raises:
        ValueError: there is no such module or function, or the module can't be imported.
    """
    module_name, _, place = name.partition(":")
    wanted = "model must name a function as package.module:function"
    try:
        found: Any = importlib.import_module(module_name)
    except Exception as error:  # whatever the user's module raises
        raise ValueError(
            f"{wanted}, and its module must be importable from the current folder or PYTHONPATH. "
            f"{received('model', name)}, but importing {module_name} raised {error_in_words(error)}"
        ) from error
    for part in place.split("."):
        if not hasattr(found, part):
            raise ValueError(
                f"{wanted}. {received('model', name)}, but {module_name} has no {place}"
            )
        found = getattr(found, part)
    if not callable(found):
        raise ValueError(f"{wanted}. {received('model', name)}, but that is {found!r:.100}")
    return found  # type: ignore[no-any-return]


def short_name(name: str) -> str:
    """What folders are called after a network: its name, or its function's."""
    return name.rpartition(":")[2].rpartition(".")[2].strip("<>") if is_own(name) else name
