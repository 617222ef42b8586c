"""Checks of what a recipe is made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

from nanotilt._base import checks as check
from nanotilt._base.sizes import check_limits
from nanotilt.instruments.camera import N_CAMERA_CORNERS_LIMIT, Camera
from nanotilt.instruments.instrument import Instrument
from nanotilt.scenes.lattices import Lattice
from nanotilt.scenes.particles import Feature, Outline, Particle, Spiral
from nanotilt.scenes.scene import Scene

Normalise: TypeAlias = Literal["dataset", "none", "view", "log"] | tuple[float, float]

N_CLASSES_LIMIT = 2**16

# What bounds the memory that a short description can ask for;
# cpp/core/program/recipe_limits.hpp has the same numbers.
PARTICLE_CORNERS_LIMIT = 2**20
FEATURES_LIMIT = 2**18
POLYGON_CORNERS_LIMIT = 2**20
DIRECTIONS_LIMIT = 2**21
DEFECT_KINDS_LIMIT = 2**12


def checked_classes(classes: Any) -> dict[str, Scene]:
    """The classes by label; TypeError or ValueError names what is wrong."""
    if not isinstance(classes, Mapping):
        raise TypeError(
            "classes must map labels to scenes, such as Particle. "
            f"{check.received('classes', classes)}"
        )
    if not classes:
        raise ValueError(
            f"classes must hold one class at least. {check.received('classes', classes)}"
        )
    if len(classes) > N_CLASSES_LIMIT:
        raise ValueError(
            f"classes must hold <= {N_CLASSES_LIMIT} classes. Received: {len(classes)} of them"
        )
    for label, scene in classes.items():
        check.words("label", label)
        if not isinstance(scene, Scene):
            field = f"classes[{label!r}]"
            raise TypeError(
                f"{field} must be a scene, such as Particle. {check.received(field, scene)}"
            )
    return {str.__str__(label): scene for label, scene in classes.items()}


def check_sizes(classes: Mapping[str, Scene]) -> None:
    """Raises ValueError where the particles would take more memory than a recipe may."""
    particles = _particles(classes)
    for label, particle in particles.items():
        if isinstance(particle.outline, Outline):
            _check_corners(label, particle, particle.outline)
    outlines = [particle.outline for particle in particles.values()]
    _check_total(
        "features", "features", FEATURES_LIMIT, (len(p.features) for p in particles.values())
    )
    _check_total(
        "corners", "corners of shapes", POLYGON_CORNERS_LIMIT,
        (len(outline.corners) for outline in outlines if not isinstance(outline, Outline)),
    )  # fmt: skip
    _check_total(
        "n_corners", "corners, each different n_corners counted once", DIRECTIONS_LIMIT,
        {outline.n_corners for outline in outlines if isinstance(outline, Outline)},
    )  # fmt: skip
    _check_total("defects", "kinds of defects", DEFECT_KINDS_LIMIT, _kinds_of_defects(classes))


def _kinds_of_defects(classes: Mapping[str, Scene]) -> Iterator[int]:
    return (len(scene.kinds) for scene in classes.values() if isinstance(scene, Lattice))


def _check_corners(label: str, particle: Particle, outline: Outline) -> None:
    n = outline.n_corners
    total = n + sum(_ring_corners(outline, feature) for feature in particle.features)
    if total > PARTICLE_CORNERS_LIMIT:
        field = f"classes[{label!r}].outline.n_corners"
        raise ValueError(
            f"classes[{label!r}] must have <= 2**20 corners in all its rings; a spiral has twice "
            f"n_corners and two more, a hole up to four times n_corners. "
            f"{check.received(field, n)}, {len(particle.features)} features, {total} corners"
        )


def _ring_corners(outline: Outline, feature: Feature) -> int:
    """Room that the core keeps for a feature's corners: a hole's number of them is drawn."""
    n = outline.n_corners
    if isinstance(feature, Spiral):
        return 2 * (n + 1)
    mean = check.as_float32(outline.radius)
    smallest_outline = max(mean - 5 * check.as_float32(outline.radius_std), mean / 4)
    largest_hole = check.as_float32(feature.radius) + 5 * check.as_float32(feature.radius_std)
    return min(4 * n, max(3, math.ceil(n * largest_hole / smallest_outline)))


def _check_total(field: str, what: str, limit: int, counts: Iterable[int]) -> None:
    total = sum(counts)
    if total > limit:
        raise ValueError(
            f"classes must have <= {limit} {what}, all together. {check.received(field, total)}"
        )


def check_seen(classes: Mapping[str, Scene], instrument: Instrument) -> None:
    """Raises ValueError where the instrument cannot see one of the classes."""
    for label, scene in classes.items():
        instrument.check_sees(f"classes[{label!r}]", scene)
    if isinstance(instrument, Camera):
        _check_outlines_for_camera(_particles(classes))


def _particles(classes: Mapping[str, Scene]) -> dict[str, Particle]:
    return {label: scene for label, scene in classes.items() if isinstance(scene, Particle)}


def _check_outlines_for_camera(particles: dict[str, Particle]) -> None:
    for label, particle in particles.items():
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
        if normalise == "view":
            return "view"
        if normalise == "log":
            return "log"
        raise ValueError(
            f'normalise must be "dataset", "none", "view", "log" or (low, high). '
            f"{check.received('normalise', normalise)}"
        )
    low, high = check.reals("normalise", normalise, length=2)
    check_limits("normalise[0]", low, "normalise[1]", high)
    return (low, high)


_OF_ONE_GEOMETRY = {
    "view": ("atoms", "views of atoms alone may be normalised one by one"),
    "log": ("scattering", "logarithms are taken of scattering alone"),
}
"""Ways to normalise that are for instruments of one geometry only."""


def check_normalised_so(normalise: Normalise, instrument: Instrument) -> None:
    """Raises ValueError where an instrument's views cannot be normalised in this way."""
    if not isinstance(normalise, str) or normalise not in _OF_ONE_GEOMETRY:
        return
    geometry, why = _OF_ONE_GEOMETRY[normalise]
    if geometry not in instrument.sees:
        raise ValueError(
            'normalise must be "dataset", "none" or (low, high) for what '
            f"{check.kind_in_words(instrument)} sees; {why}. "
            f"{check.received('normalise', normalise)}"
        )


def checked_targets(targets: Any) -> tuple[str, ...]:
    """Names of targets; TypeError says what is none. Whether scenes have them, the spec tells."""
    names = check.sequence("targets", targets, "a sequence of names")
    for i, name in enumerate(names):
        if not isinstance(name, str):
            raise TypeError(
                f"targets[{i}] must be a string. {check.received(f'targets[{i}]', name)}"
            )
    return tuple(str.__str__(name) for name in names)
