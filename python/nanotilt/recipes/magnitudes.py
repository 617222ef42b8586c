"""Whether float32 can hold all that a recipe may draw: bounds, known before anything is drawn.

All bounds are far above what is drawn; a recipe that they refuse has fields of 1e25 and more, or of
1e-25 and less where something is divided by them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeAlias

from nanotilt._base.checks import FLOAT32_MAX
from nanotilt.instruments.camera import Camera
from nanotilt.instruments.instrument import Instrument
from nanotilt.instruments.line_detector import Detector
from nanotilt.scenes.scene import MOST_STEPS, Extent, Scene

Numbers: TypeAlias = tuple[tuple[str, float], ...]
"""Numbers of a recipe by their places in it."""

Fields: TypeAlias = Callable[[], Numbers]
"""Tells them, which takes longer than all else and is for errors only."""

_STEEPEST = 2.0**26
"""Slopes of edges are taken over a distance of 2**-24 bins at least."""


def check_magnitudes(
    classes: Mapping[str, Scene], detector: Instrument, bounds: tuple[float, float]
) -> None:
    """Raises ValueError where views, normalised by these bounds, may not fit into float32."""
    low, high = bounds
    for label, scene in classes.items():
        if scene.geometry != "rings":
            continue  # bodies have bounds of their own
        extent = scene.extent()
        fields = partial(_all_numbers, label, scene, detector)
        if isinstance(detector, Camera):
            value = _seen_by_camera(detector, extent, fields)
        else:
            assert isinstance(detector, Detector)
            value = _seen_by_detector(detector, extent, fields)
        if not (value + abs(low)) / (high - low) <= FLOAT32_MAX:
            limits = (("normalise[0]", low), ("normalise[1]", high))
            _refuse("values over the distance of the bounds that normalise them", limits)


def _seen_by_detector(d: Detector, extent: Extent, fields: Fields) -> float:
    """A bound of a view's values before they are normalised."""
    reach = extent.reach + abs(d.about[0]) + abs(d.about[1])
    bins_per_length = max(d.n_bins - 1, 1) / (d.upper - d.lower)
    furthest = 4 * reach + abs(d.lower) + MOST_STEPS * d.shift_std
    if not max(extent.square, furthest * bins_per_length, _STEEPEST * reach) <= FLOAT32_MAX:
        _refuse("lengths", (("detector.upper - lower", d.upper - d.lower), *fields()))
    value = abs(d.background) + 4 * reach * extent.edges
    value = 2 * (1 + MOST_STEPS * d.noise) * _counted(value, d.dose)
    if not value <= FLOAT32_MAX:
        _refuse("values", _growing(fields()))
    return value


def _seen_by_camera(c: Camera, extent: Extent, fields: Fields) -> float:
    """The same. What is too far away or too large for float32, a camera does not draw."""
    value = abs(c.background) + extent.density * (c.n_pixels if c.projected else 1)
    value = _counted(value, c.noise_level if c.noise == "poisson" else None)
    value = 4 * (value + (MOST_STEPS * c.noise_level if c.noise in ("uniform", "gaussian") else 0))
    if not value <= FLOAT32_MAX:
        _refuse("values", _growing(fields()))
    return value


def _counted(value: float, dose: float | None) -> float:
    """No count is so many standard deviations above its mean, or so much above a small mean."""
    return value if dose is None else value + 40 * math.sqrt(value / dose) + 60 / dose


def _all_numbers(label: str, scene: Scene, detector: Instrument) -> Numbers:
    return (*_numbers(f"classes[{label!r}]", scene), *_numbers("detector", detector))


def _growing(fields: Numbers) -> Numbers:
    """Those that make values large: large ones, and small ones that counts are divided by."""
    divisors = ("detector.dose", "detector.noise_level")
    return tuple(item for item in fields if abs(item[1]) >= 1 or item[0] in divisors)


def _numbers(field: str, value: Any) -> Iterator[tuple[str, float]]:
    """Every number of a description, by its place in it."""
    if dataclasses.is_dataclass(value):
        for part in dataclasses.fields(value):
            yield from _numbers(f"{field}.{part.name}", getattr(value, part.name))
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from _numbers(f"{field}[{i}]", item)
    elif isinstance(value, (int, float)):
        yield field, value


def _refuse(what: str, fields: Numbers) -> None:
    """Names the number that is furthest from 1, on either side."""
    field, value = max(fields, key=lambda item: abs(math.log(abs(item[1]) or 1.0)))
    raise ValueError(
        f"{what} must be such that views fit into float32, which ends at {FLOAT32_MAX:.2g}. "
        f"Received: {field}={value!r}"
    )
