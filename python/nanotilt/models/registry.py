"""The networks by the names that the command line uses."""

from __future__ import annotations

from typing import Any

from nanotilt._base.checks import received
from nanotilt.models.paper_stereo import PaperStereoClassifier
from nanotilt.models.stereo import StereoClassifier

_MODELS: dict[str, type[Any]] = {"fast": StereoClassifier, "paper": PaperStereoClassifier}


def names() -> tuple[str, ...]:
    """The names of the networks, the recommended one first."""
    return tuple(_MODELS)


def by_name(name: str) -> type[Any]:
    """The class of a network.

    Args:
        name: One of ``names()``.

    Returns:
        A keras.Model class with ``for_recipe(recipe)`` and ``training_plan(recipe)``.

    Raises:
        TypeError: The name is not a string.
        ValueError: There is no such network.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a string. {received('name', name)}")
    if name not in _MODELS:
        raise ValueError(f"name must be one of {', '.join(_MODELS)}. {received('name', name)}")
    return _MODELS[name]
