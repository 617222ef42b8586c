"""What is kept of numbers, words and flags is plain Python values, however these were written."""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from conftest import refused
from description_cases import DESCRIPTIONS
from nanotilt.models.plan import TrainingPlan
from nanotilt.runs.settings import Options


def spellings(value: Any) -> Iterator[Any]:
    """Other ways to write a value."""
    if isinstance(value, bool):
        yield from (np.bool_(value), np.array(value))
    elif isinstance(value, int):
        yield from (np.int64(value), np.uint16(value), np.array(value), np.array(value, ">i2"))
    elif isinstance(value, float):
        yield from (np.float64(value), np.longdouble(value), np.array(value), Fraction(value))
        yield np.ma.array(value)
    elif isinstance(value, str):
        yield from (np.str_(value), np.array(value))
    elif isinstance(value, tuple) and value and not dataclasses.is_dataclass(value[0]):
        yield from (np.array(value), list(value), [np.array(v) for v in value])


def recipe_of(description: Any) -> nt.Recipe:
    """A recipe that the description is part of."""
    square = nt.Particle(nt.Square())
    if isinstance(description, (nt.Detector, nt.Camera)):
        return nt.Recipe({"a": square}, description, normalise="none")
    if isinstance(description, (nt.Hole, nt.Spiral)):
        description = nt.Particle(nt.Outline(), (description,))
    elif not isinstance(description, nt.Particle):
        description = nt.Particle(description)
    return nt.Recipe({"a": description}, nt.Detector(), normalise="none")


def is_plain(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(is_plain(item) for item in value)
    return type(value) in (bool, int, float, str, type(None)) or dataclasses.is_dataclass(value)


@pytest.mark.parametrize("description", DESCRIPTIONS, ids=lambda d: type(d).__name__)
def test_fields_are_plain_however_they_were_written(description: Any) -> None:
    recipe = recipe_of(description)
    n_spellings = 0
    for field in dataclasses.fields(description):
        value = getattr(description, field.name)
        assert is_plain(value)
        for spelling in spellings(value):
            changed = dataclasses.replace(description, **{field.name: spelling})
            assert is_plain(getattr(changed, field.name)), field.name
            assert changed == description
            assert hash(changed) == hash(description)
            assert repr(changed) == repr(description)
            again = recipe_of(changed)
            assert again.to_json() == recipe.to_json()
            assert again.packed == recipe.packed
            n_spellings += 1
    assert n_spellings or isinstance(description, nt.Particle)


def test_labels_weights_and_bounds_are_plain() -> None:
    particle = nt.Particle(nt.Square())
    plain = nt.Recipe({"a": particle, "b": particle}, nt.Detector(), (1.0, 3.0), (0.0, 2.0))
    labels = [np.str_("a"), np.str_("b")]
    shares: Any = np.array([1, 3])
    bounds: Any = np.array([0, 2])
    other = nt.Recipe(dict.fromkeys(labels, particle), nt.Detector(), shares, bounds)
    by_label = dict(zip(labels, np.array([1, 3]), strict=True))
    for same in (other, nt.Recipe(other.classes, nt.Detector(), by_label, plain.normalise)):
        assert repr(same) == repr(plain)
        assert same.to_json() == plain.to_json()


ONE = np.array(1)
RING = [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5)]
IMAGE = np.eye(8)
COUNTS = np.random.default_rng(1).integers(0, 5, (40, 40))
FIT: dict[str, Any] = {
    "lattice": 2.46, "pixel_angstrom": 0.25, "blob_angstrom": 0.25, "probe_angstrom": 0.5,
    "n_threads": 1,
}  # fmt: skip
CELLS: dict[str, Any] = {
    "n_radii": 3, "n_angles": 4, "radius": (1.5, 4.0), "spacing": "log", "half_turn": True,
    "n_threads": 1,
}  # fmt: skip

CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "project": (
        partial(nt.project, [RING]),
        {"n_bins": 9, "lower": -1.0, "upper": 1.0, "about": (0.0, 0.5), "sampling": "bin",
         "n_threads": 1},
    ),
    "sinogram": (
        partial(nt.sinogram, [RING]),
        {"n_angles": 3, "n_bins": 9, "lower": -1.0, "upper": 1.0, "about": (0.5, 0.0),
         "sampling": "ray", "n_threads": 1},
    ),
    "tilt_series": (
        partial(nt.tilt_series, [RING]),
        {"angles_rad": 0.5, "n_bins": 9, "lower": -1.0, "upper": 1.0, "n_threads": 2},
    ),
    "rasterise": (
        partial(nt.rasterise, [RING]),
        {"n_pixels": 5, "field_of_view": 2.0, "antialias": 4, "angle_rad": 0.5},
    ),
    "rasterise binary": (
        partial(nt.rasterise, [RING], n_pixels=5, field_of_view=2), {"antialias": "binary"},
    ),
    "blur": (partial(nt.gaussian_blur, IMAGE), {"sigma_px": 1.5, "axis": 0, "n_threads": 1}),
    "background": (partial(nt.remove_background, IMAGE), {"n_threads": 1}),
    "roll": (partial(nt.centre_of_mass_roll, IMAGE), {"n_threads": 1}),
    "polar cells": (
        lambda **a: np.stack(nt.polar_bins(IMAGE, (3, 4), **a)[:2]),
        CELLS,
    ),
    "profile": (
        lambda **a: np.stack(nt.azimuthal_profile(IMAGE, (3, 4), **a)),
        CELLS,
    ),
    "disc": (
        partial(nt.fourier_bessel, IMAGE, (3, 4)),
        {"radius": 3.5, "n": 2, "m": 2, "odd": False, "n_threads": 1, "method": "elastic_net",
         "ridge": 0.5, "alpha": 0.25, "l1_ratio": 0.5},
    ),
    "radon": (
        partial(nt.radon, IMAGE),
        {"angles_rad": 0.5, "circle": False, "centre": "middle", "n_threads": 1},
    ),
    "back-projection": (
        partial(nt.filtered_back_projection, IMAGE, np.arange(8) / 3),
        {"filter": "hann", "circle": False, "output_size": 4, "centre": "middle", "n_threads": 1},
    ),
    "sample": (nt.recipes.square().sample, {"seed": 3, "start": 1, "count": 2, "n_threads": 1}),
    "recipe": (
        lambda **a: nt.recipes.hole(**a).to_json(), {"radius": 0.25, "n_views": 2, "n_bins": 16},
    ),
    "square": (
        lambda **a: nt.recipes.square(**a).to_json(),
        {"stereo_deg": 20.0, "antialias": 4, "n_pixels": 16},
    ),
    "polygon": (lambda **a: nt.recipes.polygon(**a).to_json(), {"n": 5, "stereo_deg": (1.0, 2.0)}),
    "letter": (lambda **a: nt.recipes.s_projection(**a).to_json(), {"noise_std": 0.5}),
    "recover": (
        partial(nt.pose.recover, np.random.default_rng(0).uniform(0, 1, (4, 2, 8))),
        {"stereo_deg": 10.0, "symmetry": 2, "seed": 1, "n_starts": 1, "axis_bin": 3.5,
         "n_threads": 1},
    ),
    "fit": (lambda **a: nt.lattice_fit(COUNTS, template="vacancy", **a).residual, FIT),
    "errors": (partial(nt.pose.angle_errors, [0, 1, 2], [1, 2, 4]), {"symmetry": 4}),
    "bound": (
        partial(nt.pose.cramer_rao_bound, [RING]),
        {"stereo_deg": 10.0, "noise_sigma": 1.0, "n_bins": 8, "lower": -1.0, "upper": 1.0},
    ),
    "options": (
        lambda **a: json.dumps(dataclasses.asdict(Options(**a))),
        {"model": "fast", "epochs": 3, "steps_per_epoch": 4, "batch_size": 5, "seed": 6,
         "validation_samples": 7, "test_samples": 8, "n_threads": 1, "tries": 2},
    ),
    "plan": (
        lambda **a: repr(TrainingPlan(make_optimizer=print, **a)),
        {"batch_size": 4, "steps_per_epoch": 6, "epochs": 3, "steps_per_execution": 2,
         "patience": 2, "jit_compile": True, "fixed_set": True, "validation_samples": 9,
         "tries": 2},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_arguments_may_be_numpys(name: str) -> None:
    function, arguments = CALLS[name]
    expected = function(**arguments)
    for argument, value in arguments.items():
        for spelling in spellings(value):
            if isinstance(spelling, Fraction) and argument in ("angles_rad",):
                continue  # an array
            made = function(**{**arguments, argument: spelling})
            if isinstance(expected, np.ndarray):
                np.testing.assert_array_equal(made, expected)
            else:
                assert made == expected, argument


def test_what_numpy_has_that_is_no_number_is_refused() -> None:
    wrong: list[Any] = [np.timedelta64(1, "s"), np.datetime64(1, "s"), np.complex64(1), np.bool_(1)]
    wrong += [np.array([4]), np.array([[1]])]
    for value in wrong:
        refused(TypeError, "radius", value, partial(nt.Outline, radius=value))
    for value in [*wrong, np.float64(4)]:
        refused(TypeError, "n_bins", value, partial(nt.Detector, n_bins=value))


def test_masked_values_are_no_field_values() -> None:
    wrong: dict[str, Any] = {"radius": np.ma.masked, "centre": np.ma.masked_equal([1, 2], 2)}
    for field, value in wrong.items():
        with pytest.raises(ValueError, match=f"{field} must have no masked values.*Received: 1 of"):
            nt.Outline(**{field: value})


def test_one_angle_as_an_array_without_dimensions() -> None:
    """An array is a sequence of angles, also squeezed; a plain number is none."""
    assert nt.Detector(angles_deg=np.array(30.0)).angles_deg == (30.0,)  # type: ignore[arg-type]
    assert nt.Camera(stereo_deg=np.array(30.0)).stereo_deg == 30.0  # type: ignore[arg-type]
    refused(TypeError, "angles_deg", 30.0, lambda: nt.Detector(angles_deg=30.0))  # type: ignore[arg-type]


def test_every_public_function_is_listed() -> None:
    """With all its arguments but arrays, and those that choose words, places and recipes."""
    for name in nt.__all__:
        function = getattr(nt, name)
        if not inspect.isfunction(function) or name in ("build_info", "load", "stream_pairs"):
            continue
        parameters = inspect.signature(function).parameters.values()
        scalars = {p.name for p in parameters if "ArrayLike" not in p.annotation}
        calls = [
            made.keywords | arguments
            for made, arguments in STREAMS_AND_CALLS.values()
            if isinstance(made, partial) and made.func is function
        ]
        assert scalars <= set().union(*calls), name


STREAM: dict[str, Any] = {
    "seed": 1, "batch_size": 3, "start": 2, "count": 6, "with_angles": True,
    "drop_remainder": False, "num_parallel_calls": 1, "prefetch": 0, "route": "numpy",
}  # fmt: skip
BATCHES: dict[str, Any] = {
    "seed": 1, "batch_size": 3, "start": 2, "count": 6, "drop_remainder": False, "n_threads": 1,
}  # fmt: skip
STREAMS_AND_CALLS = {
    **CALLS,
    "stream": (partial(nt.stream, recipe=nt.recipes.hole(), give=("views", "label")), STREAM),
    "batches": (partial(nt.batches, recipe=nt.recipes.hole(), give="views"), BATCHES),
    "fit": (partial(nt.lattice_fit, COUNTS), FIT),
    "polar cells": (partial(nt.polar_bins, IMAGE, (3, 4)), CELLS),
    "profile": (partial(nt.azimuthal_profile, IMAGE, (3, 4)), CELLS),
}


def test_streams() -> None:
    recipe, batch = nt.recipes.hole(), nt.recipes.hole().sample(1, 2, 6)
    data = nt.stream(recipe, **{name: next(spellings(value)) for name, value in STREAM.items()})
    for i, parts in enumerate(data):
        for part, whole in zip(parts, batch, strict=True):
            np.testing.assert_array_equal(part, whole[3 * i : 3 * i + 3])
    plain = {name: next(spellings(value)) for name, value in BATCHES.items()}
    for i, parts in enumerate(nt.batches(recipe, **plain)):
        for part, whole in zip(parts, batch, strict=False):
            np.testing.assert_array_equal(part, whole[3 * i : 3 * i + 3])
    automatic: Any = np.int64(-1)  # tf.data.AUTOTUNE
    nt.stream(recipe, 1, 3, num_parallel_calls=automatic, prefetch=automatic)
