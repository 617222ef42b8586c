"""Recipes as the core compiles them: every value under its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nanotilt import _core
from nanotilt.instruments.instrument import Instrument
from nanotilt.scenes.scene import Scene


def lowered_recipe(
    classes: Mapping[str, Scene],
    instrument: Instrument,
    weights: Any,
    bounds: tuple[float, float],
    normalise: Any,
) -> dict[str, Any]:
    """A recipe's values by name, angles in radians.

    The bounds (low, high) normalise its views; `normalise` tells whether each is by itself,
    and whether logarithms are taken.
    """
    return {
        "stream_version": _core.stream_version,
        "instrument": instrument.lowered(),
        "bounds": bounds,
        **({"per_view": True} if normalise == "view" else {}),
        **({"logarithm": True} if normalise == "log" else {}),
        "weights": weights or (1.0,) * len(classes),
        "scenes": [scene.lowered() for scene in classes.values()],
    }
