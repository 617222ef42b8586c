"""Checks of what a recipe is made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from nanotilt import _validation as check
from nanotilt.cameras import N_CAMERA_CORNERS_LIMIT
from nanotilt.detectors import check_limits
from nanotilt.particles import Particle

Normalise: TypeAlias = Literal["dataset", "none"] | tuple[float, float]


def checked_classes(classes: Any) -> dict[str, Particle]:
    """The classes by label; TypeError or ValueError names what is wrong."""
    if not isinstance(classes, Mapping):
        raise TypeError(
            f"classes must map labels to Particle. {check.received('classes', classes)}"
        )
    if not classes:
        raise ValueError(
            f"classes must hold one class at least. {check.received('classes', classes)}"
        )
    if len(classes) > 65536:
        raise ValueError(f"classes must hold <= 65536 classes. Received: {len(classes)} of them")
    for label, particle in classes.items():
        check.words("label", label)
        if not isinstance(particle, Particle):
            field = f"classes[{label!r}]"
            raise TypeError(f"{field} must be a Particle. {check.received(field, particle)}")
    return dict(classes)


def check_seen_by_camera(classes: dict[str, Particle]) -> None:
    """Raises ValueError where an outline has more corners than a camera sees."""
    for label, particle in classes.items():
        n_corners = getattr(particle.outline, "n_corners", 0)
        if n_corners > N_CAMERA_CORNERS_LIMIT:
            raise ValueError(
                f"a camera sees outlines of <= {N_CAMERA_CORNERS_LIMIT} corners. "
                f"{check.received(f'classes[{label!r}].outline.n_corners', n_corners)}"
            )


def checked_weights(weights: Any, labels: tuple[str, ...]) -> tuple[float, ...] | None:
    """Shares of the classes in their order; None: equal. An error names what is wrong."""
    if weights is None:
        return None
    if isinstance(weights, Mapping):
        if set(weights) != set(labels):
            raise ValueError(
                f"weights must name exactly the classes {', '.join(labels)}. "
                f"{check.received('weights', weights)}"
            )
        weights = [weights[label] for label in labels]
    checked = check.reals("weights", weights, length=len(labels), at_least=0)
    if not sum(checked) > 0 or not math.isfinite(sum(checked)):
        raise ValueError(
            f"one of the weights at least must be > 0. {check.received('weights', weights)}"
        )
    return checked


def checked_normalise(normalise: Any) -> Normalise:
    """How views are normalised; TypeError or ValueError names what is wrong."""
    if isinstance(normalise, str):
        if normalise == "dataset":
            return "dataset"
        if normalise == "none":
            return "none"
        raise ValueError(
            f'normalise must be "dataset", "none" or (low, high). '
            f"{check.received('normalise', normalise)}"
        )
    low, high = check.reals("normalise", normalise, length=2)
    check_limits("normalise[0]", low, "normalise[1]", high)
    return (low, high)
