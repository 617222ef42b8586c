"""Descriptions hold plain Python values, however these were written, and can be copied and kept."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from conftest import RunPython, refused
from nanotilt.limits import Accuracy, Limit, Point
from nanotilt.models.plan import TrainingPlan
from nanotilt.orientation_start import ProvisionalAngles
from nanotilt.training.settings import Options

DESCRIPTIONS: tuple[Any, ...] = (
    nt.Outline(),
    nt.Hole(),
    nt.Spiral("clockwise"),
    nt.Particle(nt.Outline(), (nt.Hole(), nt.Spiral("anticlockwise"))),
    nt.Detector(dose=4.0, angles_deg=(0.0, 90.0)),
    nt.Camera(antialias=4, stereo_deg=10.0),
    nt.Camera(stereo_deg=(10.0, 20.0), projected=True),
    nt.Square(),
    nt.RegularPolygon(5),
    nt.Polygon([(0, 0), (1, 0), (0, 1)]),
    nt.TShape(),
    nt.SShape(),
)
RECIPES: tuple[nt.Recipe, ...] = (
    nt.recipes.hole(),
    nt.recipes.square(),
    dataclasses.replace(nt.recipes.small_spiral(), normalise=(10.0, 30.0)),
)


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
CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "project": (
        partial(nt.project, [RING]),
        {"n_bins": 9, "lower": -1.0, "upper": 1.0, "about": (0.0, 0.5), "sampling": "bin",
         "n_threads": 1},
    ),
    "sinogram": (
        partial(nt.sinogram, [RING]),
        {"n_angles": 3, "n_bins": 9, "lower": -1.0, "upper": 1.0, "sampling": "ray"},
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
    "radon": (partial(nt.radon, IMAGE), {"angles_rad": 0.5, "circle": False, "n_threads": 1}),
    "back-projection": (
        partial(nt.filtered_back_projection, IMAGE, np.arange(8) / 3),
        {"filter": "hann", "circle": False, "output_size": 4, "n_threads": 1},
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


SAMPLE = nt.recipes.hole().sample(1, 0, 3)
RESULTS: tuple[Any, ...] = (
    SAMPLE,
    nt.pose.Recovery(np.zeros(2), np.ones((2, 2), np.float32), 1, np.ones(1), 0.5, 0.1),
    ProvisionalAngles(np.zeros(2), np.ones(2), 0.9),
    Limit(
        "digest", 0, (Point(10, Accuracy(0.5, (0.4, 0.6))),), None, None, "", "kernel", 5, 0, 1.0
    ),
)
KEPT = (*DESCRIPTIONS, *RECIPES, *RESULTS)


@pytest.mark.parametrize("value", KEPT, ids=lambda d: type(d).__name__)
def test_copies_are_equal(value: Any) -> None:
    copies = [copy.copy(value), copy.deepcopy(value)]
    copies += [pickle.loads(pickle.dumps(value, p)) for p in range(2, pickle.HIGHEST_PROTOCOL + 1)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        assert set(dataclasses.asdict(value)) == {f.name for f in dataclasses.fields(value)}
        copies.append(dataclasses.replace(value))
    for copied in copies:
        assert type(copied) is type(value)
        assert copied == value
        assert (copied != value) is False
        assert repr(copied) == repr(value)
    if value not in RESULTS[:3]:
        assert len({hash(copied) for copied in copies}) == 1
    else:  # arrays can change
        with pytest.raises(TypeError, match="hash"):
            hash(value)


def test_results_with_other_values_differ() -> None:
    for value in RESULTS[1:3]:
        first = dataclasses.fields(value)[0].name
        assert value != dataclasses.replace(value, **{first: np.ones(2)})
        assert value != "something else"
    assert nt.recipes.hole().sample(2, 0, 3) != SAMPLE
    assert tuple(SAMPLE) != SAMPLE


@pytest.mark.parametrize("recipe", RECIPES)
def test_recipes_as_dictionaries(recipe: nt.Recipe) -> None:
    """As plain values throughout, in the words of its JSON."""
    tree = json.loads(json.dumps(dataclasses.asdict(recipe)))
    for label, particle in recipe.classes.items():
        assert tree["classes"][label]["outline"] == json.loads(
            json.dumps(dataclasses.asdict(particle.outline))
        )
    assert tree["detector"] == json.loads(json.dumps(dataclasses.asdict(recipe.detector)))


def test_classes_stay_as_they_are() -> None:
    classes: Any = copy.deepcopy(nt.recipes.hole()).classes
    before = dict(classes)
    changes: list[Callable[[], Any]] = [
        lambda: classes.__setitem__("new", 1),
        lambda: classes.__delitem__("hole"),
        lambda: classes.__ior__({"new": 1}),
        lambda: classes.update(new=1),
        lambda: classes.pop("hole"),
        lambda: classes.setdefault("new", 1),
        classes.popitem,
        classes.clear,
    ]
    for change in changes:
        with pytest.raises(TypeError, match="can't be changed"):
            change()
    assert classes == before
    assert list(classes) == ["solid", "hole"]


def test_pickles_reach_other_processes(run_python: RunPython) -> None:
    """As a worker that was started anew reads them."""
    pickled = pickle.dumps((DESCRIPTIONS, RECIPES, RESULTS))
    code = f"""
import pickle
descriptions, recipes, results = pickle.loads(bytes.fromhex({pickled.hex()!r}))
same = results[0] == recipes[0].sample(1, 0, 3)
print(*(recipe.digest for recipe in recipes), len(descriptions), same)
"""
    digests = " ".join(recipe.digest for recipe in RECIPES)
    assert run_python(code) == f"{digests} {len(DESCRIPTIONS)} True"
