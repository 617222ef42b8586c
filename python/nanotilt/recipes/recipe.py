"""Recipes: everything that a stream of labelled samples is made of, except its seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from nanotilt import _core
from nanotilt._base import checks as check
from nanotilt._base.arithmetic import in_ieee_mode
from nanotilt._base.read_only import ReadOnlyDict
from nanotilt.instruments.area_detector import AreaDetector
from nanotilt.instruments.atom_image import AtomImage
from nanotilt.instruments.camera import Camera
from nanotilt.instruments.instrument import Instrument
from nanotilt.instruments.line_detector import Detector
from nanotilt.instruments.scanning_camera import ScanningCamera
from nanotilt.ops.projection import thread_count
from nanotilt.recipes.batch import Batch
from nanotilt.recipes.bounds import calibrated_bounds
from nanotilt.recipes.canonical import recipe_fields_from_json, recipe_json
from nanotilt.recipes.checks import (
    Normalise,
    check_normalised_so,
    check_seen,
    check_sizes,
    checked_classes,
    checked_normalise,
    checked_targets,
    checked_weights,
)
from nanotilt.recipes.lowering import lowered_recipe
from nanotilt.recipes.magnitudes import check_magnitudes
from nanotilt.recipes.spec import DEFAULT_TARGETS, SampleSpec, spec_of
from nanotilt.recipes.wire import encoded
from nanotilt.scenes.particles import Particle
from nanotilt.scenes.scene import Scene

STREAM_VERSION: int = _core.stream_version
"""Part of every digest; changes when the bits of any stream change."""


@dataclass(frozen=True, eq=False)
class Recipe:
    """Classes of scenes, the instrument that sees them, and how views are normalised.

    Recipe, seed and range of indices make a data set: the same bits for everyone, whatever the
    machine, the number of threads, or how the range is split into calls.

    Args:
        classes: Label to scene, 2**16 at most; the labels' order numbers the classes from 0. A
            particle has 2**20 corners at most in all its rings; all classes together have 2**18
            features, shapes of 2**20 corners and, each different n_corners counted once, 2**21
            corners. So no recipe takes more than some 80 MiB, and each thread that draws from it
            320 MiB besides, plus six times what the views of one sample take.
        detector: The Detector, Camera, ScanningCamera, DarkField, BrightField or AreaDetector.
        weights: Share of each class, as a mapping by label or a sequence in the classes' order;
            they need not sum to 1. None: equal shares. Any run of samples has these shares.
        normalise: "dataset": the smallest value goes to 0, the largest to 1 (Sullivan 2020, section
            3.1). Both bounds are those of the first 16,384 samples of a stream reserved for this,
            so they depend on the recipe alone. Values outside, one or two in a million, are not
            clipped. "none": values as detected. "view", of images of atoms: each by itself, 2
            sqrt(n + 3/8) of counts (Anscombe 1948), less their mean, over their spread. "log",
            of scattering: log(1 + counts) / log(65536). (low, high): low goes to 0 and high to 1.
        targets: What is drawn beside the views, by name and in this order: "label" and what else
            the classes' scenes can tell; "angle_rad" of particles. A padded list brings the number
            of its entries along, as an output of its own.

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    classes: Mapping[str, Scene]
    detector: Detector | Camera | ScanningCamera | AtomImage | AreaDetector
    weights: Mapping[str, float] | Sequence[float] | None = None
    normalise: Normalise = "dataset"
    targets: Sequence[str] = field(default=DEFAULT_TARGETS, kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.detector, Instrument):
            told = check.received("detector", self.detector)
            raise TypeError(f"detector must be a Detector, a Camera or the like. {told}")
        classes = checked_classes(self.classes)
        check_sizes(classes)
        check_seen(classes, self.detector)
        fields = {
            "classes": ReadOnlyDict(classes),
            "weights": checked_weights(self.weights, tuple(classes)),
            "normalise": checked_normalise(self.normalise),
            "targets": checked_targets(self.targets),
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        self.spec  # noqa: B018 (names of targets are checked here)
        check_normalised_so(self.normalise, self.detector)
        bounds = (0.0, 1.0) if isinstance(self.normalise, str) else self.normalise
        check_magnitudes(classes, self.detector, bounds)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Labels in the order that numbers the classes."""
        return tuple(self.classes)

    @property
    def n_views(self) -> int:
        """Views of each sample."""
        return self.detector.n_views

    @property
    def view_shape(self) -> tuple[int, ...]:
        """Shape of one view: (n_bins,), or of a camera (n_pixels, n_pixels)."""
        return self.detector.view_shape

    @cached_property
    def spec(self) -> SampleSpec:
        """What a sample holds: views, then the targets; each by name, with dtype, shape, unit."""
        return spec_of(self.classes, self.detector, self.targets)

    @property
    def particles(self) -> dict[str, Particle]:
        """The classes of a recipe whose scenes are particles.

        Raises:
            ValueError: one of them is another scene.
        """
        for label, scene in self.classes.items():
            if not isinstance(scene, Particle):
                raise ValueError(
                    "the recipe's classes must be particles. "
                    f"{check.received(f'classes[{label!r}]', scene)}"
                )
        return cast(dict[str, Particle], dict(self.classes))

    @property
    def line_detector(self) -> Detector:
        """The Detector of a recipe that has one.

        Raises:
            ValueError: it has another instrument.
        """
        if not isinstance(self.detector, Detector):
            told = check.received("detector", self.detector)
            raise ValueError(f"the recipe must have a Detector, a line of bins. {told}")
        return self.detector

    def sample(
        self, seed: int, start: int = 0, count: int = 1, *, n_threads: int | None = None
    ) -> Batch:
        """Draws samples start ... start + count - 1 of the stream.

        Args:
            seed: The stream, in [0, 2**64).
            start: Index of the first sample, >= 0.
            count: Number of samples, >= 0.
            n_threads: Threads to use; None: NANOTILT_NUM_THREADS, else OMP_NUM_THREADS, else all
                available processors. The result does not depend on it.

        Returns:
            A Batch of `count` samples: views, and the recipe's targets.

        Raises:
            TypeError: an argument is not an integer.
            ValueError: an argument is out of range.
            MemoryError: the result does not fit.
        """
        seed = check.seed_number(seed)
        start, count = check.sample_range(start, count)
        names = tuple(self.spec)
        return Batch.of(self._drawn(names, seed, start, count, thread_count(n_threads)))

    def _drawn(
        self, names: Sequence[str], seed: int, start: int, count: int, n_threads: int
    ) -> dict[str, npt.NDArray[Any]]:
        """Some outputs of samples, by name; the others are not computed. Checks no argument."""
        if count * max(self.spec[name].n_bytes for name in names) > 2**60:
            raise ValueError(
                "count must be small enough for the views to fit into memory. "
                f"{check.received('count', count)}"
            )
        arrays = self._sampler.sample(seed, start, count, n_threads, names)
        return dict(zip(names, arrays, strict=True))

    def particle(self, seed: int, index: int) -> list[tuple[npt.NDArray[np.float32], float]]:
        """The rings of one sample's particle as drawn, before any tilt, whatever the detector.

        Args:
            seed: The stream, in [0, 2**64).
            index: The sample, >= 0.

        Returns:
            (ring, density) of each, the outline first: (n, 2) float32 corners (x, y), closed
            implicitly.

        Raises:
            TypeError: an argument is not an integer.
            ValueError: an argument is out of range.
        """
        seed = check.seed_number(seed)
        index = check.integer("index", index, at_least=0, below=check.INDEX_LIMIT)
        return self._sampler.particle(seed, index)

    @in_ieee_mode
    def to_json(self, indent: int | None = 2) -> str:
        """The recipe as JSON text, with its stream version and digest.

        Args:
            indent: Spaces for each level; None: all in one line.
        """
        return json.dumps(
            {"stream_version": STREAM_VERSION, "digest": self.digest, **self._json_value},
            indent=indent,
        )

    @classmethod
    @in_ieee_mode
    def from_json(cls, text: str) -> Recipe:
        """Reads what `to_json` wrote.

        Args:
            text: The JSON text. Fields left out take their defaults; ``digest`` and
                ``stream_version`` may be left out too (delete ``digest`` after editing by hand).

        Raises:
            TypeError: `text` is not a string, or a field is of the wrong kind.
            ValueError: bad JSON, unknown keys, wrong values, another stream version or digest.
        """
        fields, stream_version, digest = recipe_fields_from_json(text)
        if stream_version is not None and stream_version != STREAM_VERSION:
            raise ValueError(
                "the recipe was written for another stream version; this build makes version "
                f"{STREAM_VERSION}. {check.received('stream_version', stream_version)}"
            )
        recipe = cls(**fields)
        if digest is not None and digest != recipe.digest:
            raise ValueError(
                "the digest does not belong to this recipe: it was edited, damaged, or made by "
                'another stream version; delete "digest" to accept it as it is. '
                f"{check.received('digest', digest)}"
            )
        return recipe

    @cached_property
    @in_ieee_mode
    def digest(self) -> str:
        """Hex SHA-256 of canonical JSON and stream version: the same digest, the same streams."""
        canonical = json.dumps(self._json_value, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(f"nanotilt stream {STREAM_VERSION}\n{canonical}".encode()).hexdigest()

    @cached_property
    @in_ieee_mode
    def bounds(self) -> tuple[float, float]:
        """The values (low, high) that normalisation takes to 0 and 1."""
        if self.normalise == "dataset":
            bounds = calibrated_bounds(encoded(self._lowered((0.0, 1.0))))
            check_magnitudes(self.classes, self.detector, bounds)
            return bounds
        return (0.0, 1.0) if isinstance(self.normalise, str) else self.normalise

    @in_ieee_mode
    def lowered(self) -> dict[str, Any]:
        """What the core compiles: values by name, angles in radians; its form may change."""
        return self._lowered(self.bounds)

    @cached_property
    @in_ieee_mode
    def packed(self) -> bytes:
        """The recipe in the bytes that the core reads: `lowered()` in a subset of CBOR."""
        return encoded(self.lowered())

    def _lowered(self, bounds: tuple[float, float]) -> dict[str, Any]:
        return lowered_recipe(self.classes, self.detector, self.weights, bounds, self.normalise)

    @cached_property
    def _sampler(self) -> _core.Sampler:
        return _core.Sampler(self.packed)

    @cached_property
    def _json_value(self) -> dict[str, Any]:
        return recipe_json(self.classes, self.detector, self.weights, self.normalise, self.targets)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recipe) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __reduce__(self) -> tuple[Any, ...]:
        made = partial(type(self), targets=self.targets)
        return (made, (dict(self.classes), self.detector, self.weights, self.normalise))
