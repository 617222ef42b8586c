"""Recipes: whole samples against the oracle, calibration, JSON, digest."""

from __future__ import annotations

import copy
import dataclasses
import json
import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nanotilt as nt
import oracle_random
import oracles
from nanotilt import _core
from stream_cases import DETECTOR_CASES, without_normalisation

EXACT = [
    name
    for name, recipe in DETECTOR_CASES.items()
    if not (recipe.line_detector.dose or recipe.line_detector.centring)
]


def assert_as_the_oracle(
    recipe: nt.Recipe, seed: int, start: int, count: int, corner_error: float = 1e-6
) -> None:
    raw = without_normalisation(recipe)
    batch = raw.sample(seed, start, count)
    for i in range(count):
        expected = oracles.sample(raw, oracle_random.Position(seed, start + i), corner_error)
        assert batch.label[i] == expected.label
        np.testing.assert_allclose(batch.angle_rad[i], expected.angle_rad, atol=1e-6)
        assert (np.abs(batch.views[i] - expected.views) <= expected.tolerance).all()


@pytest.mark.parametrize("name", EXACT)
def test_samples_are_the_oracles(name: str) -> None:
    """All of it, from the random words on: label, rings, shift, tilt, projection, detector."""
    assert_as_the_oracle(DETECTOR_CASES[name], seed=11, start=1000, count=40)
    assert_as_the_oracle(DETECTOR_CASES[name], seed=2**64 - 5, start=2**40 + 1, count=10)


@pytest.mark.parametrize("name", EXACT)
def test_the_oracles_tolerance_is_tight(name: str) -> None:
    """Or the test above would show little: nearly always it is some units in the last place."""
    tolerance = [
        oracles.sample(DETECTOR_CASES[name], oracle_random.Position(11, i)).tolerance
        for i in range(20)
    ]
    assert np.median(tolerance) < 1e-4
    assert np.quantile(tolerance, 0.95) < 2e-3


@pytest.mark.parametrize("name", ["low dose", "high dose", "fast counts"])
def test_counted_samples_are_the_oracles(name: str) -> None:
    """A view's last bit decides, rarely, between two neighbouring counts; all others agree."""
    recipe = without_normalisation(DETECTOR_CASES[name])
    dose = recipe.line_detector.dose
    assert dose is not None
    batch = recipe.sample(11, 1000, 60)
    expected = np.array(
        [oracles.sample(recipe, oracle_random.Position(11, 1000 + i)).views for i in range(60)]
    )
    difference = np.abs(batch.views - expected)
    assert np.mean(difference > 1e-5 * (1 + expected)) < 2e-3
    assert difference.max() < 1.1 / dose


def test_centred_samples_are_the_oracles() -> None:
    recipe = without_normalisation(DETECTOR_CASES["centring"])
    batch = recipe.sample(11, 1000, 60)
    expected = np.array(
        [oracles.sample(recipe, oracle_random.Position(11, 1000 + i)).views for i in range(60)]
    )
    difference = np.abs(batch.views - expected)
    assert np.median(difference) < 3e-6
    assert difference.max() < 1e-3


@settings(deadline=None, max_examples=80)
@given(
    n_corners=st.integers(3, 40),
    radius=st.floats(0.2, 1.0),
    angle=st.floats(1.0, 20.0),
    widening=st.floats(0, 3.0),
    gap=st.floats(0.7, 1.3),
    sampling=st.sampled_from(["ray", "bin"]),
    seed=st.integers(0, 2**32),
)
def test_spirals_that_all_but_touch_themselves(
    n_corners: int,
    radius: float,
    angle: float,
    widening: float,
    gap: float,
    sampling: Any,
    seed: int,
) -> None:
    """Whether windings overlap decides how the core projects them: quickly, or by sorting."""
    s = radius / angle
    touching = max(2 * math.pi * s - radius * (angle / n_corners) ** 2 / 8, 0.0)
    spiral = nt.Spiral("clockwise", radius, 0.0, s, 0.0, widening * s, 0.0, gap * touching, 0.002)
    detector = nt.Detector(background=0.0, blur_sigma_px=0.0, noise=0.0, sampling=sampling)
    particle = nt.Particle(nt.Outline(n_corners=n_corners, centre_std=(0, 0)), (spiral,))
    assert_as_the_oracle(nt.Recipe({"a": particle}, detector), seed, 0, 6, corner_error=4e-6)


def test_batch() -> None:
    batch = nt.recipes.hole(n_views=3).sample(seed=1, start=2, count=5)
    for part, shape, dtype in [
        (batch.views, (5, 3, 32), np.float32),
        (batch.label, (5,), np.int32),
        (batch.angle_rad, (5, 3), np.float32),
    ]:
        assert part.shape == shape
        assert part.dtype == dtype
        assert part.flags.c_contiguous
        assert part.flags.writeable
    views, label, angle_rad = batch
    assert views is batch.views
    assert label is batch.label
    assert angle_rad is batch.angle_rad


def test_empty_batch() -> None:
    batch = nt.recipes.chirality().sample(seed=1, count=0)
    assert [part.shape for part in batch] == [(0, 2, 64), (0,), (0, 2)]


def test_last_sample_of_a_stream() -> None:
    batch = nt.recipes.chirality().sample(seed=1, start=2**63 - 3, count=3)
    assert np.isfinite(batch.views).all()


def test_dataset_bounds_are_those_of_the_reserved_stream() -> None:
    """Smallest and largest over all values of all views (once: of the last projection alone)."""
    recipe = without_normalisation(nt.recipes.chirality())
    views = np.array(
        [
            oracles.sample(recipe, oracle_random.Position(0, i, oracle_random.CALIBRATION)).views
            for i in range(200)
        ]
    )
    low, high = _core.Sampler(recipe.packed).calibrate(200, 2)
    assert low == pytest.approx(views.min(), abs=1e-5)
    assert high == pytest.approx(views.max(), abs=1e-5)
    assert views.max() > views[-1].max()
    assert views.min() < views[-1].min()


def test_no_user_draws_from_the_reserved_stream() -> None:
    recipe = without_normalisation(nt.recipes.chirality())
    reserved = _core.Sampler(recipe.packed).calibrate(1, 1)
    first = recipe.sample(0, 0, 1).views
    assert reserved != (first.min(), first.max())


@pytest.mark.parametrize("name", ["chirality", "hole", "bins", "high dose"])
def test_dataset_bounds_depend_on_the_recipe_alone(name: str) -> None:
    """Not on what was drawn before, the number of threads, or how the recipe came about."""
    recipe = DETECTOR_CASES[name]
    fresh = nt.Recipe(recipe.classes, recipe.detector, recipe.weights, recipe.normalise)
    fresh.sample(123, 456, 789)
    raw = _core.Sampler(without_normalisation(recipe).packed)
    by_threads = {raw.calibrate(16_384, n_threads) for n_threads in (1, 2, 5)}
    assert by_threads == {fresh.bounds} == {recipe.bounds}
    assert nt.Recipe.from_json(recipe.to_json()).bounds == recipe.bounds


@pytest.mark.parametrize("name", ["chirality", "hole"])
def test_values_outside_the_bounds_are_rare(name: str) -> None:
    """The documented one in a million, and by a little; not clipped."""
    views = DETECTOR_CASES[name].sample(99, 0, 150_000).views
    outside = np.count_nonzero((views < 0) | (views > 1)) / views.size
    assert outside < 1e-5
    assert -0.05 < views.min() < 0.01
    assert 0.97 < views.max() < 1.1


def test_ways_of_normalising_agree() -> None:
    recipe = nt.recipes.chirality()
    low, high = recipe.bounds
    raw = without_normalisation(recipe)
    given_bounds = nt.Recipe(recipe.classes, recipe.detector, normalise=(low, high))
    views, raw_views = recipe.sample(1, 0, 200).views, raw.sample(1, 0, 200).views
    np.testing.assert_allclose(views, (raw_views - low) / (high - low), atol=1e-6)
    np.testing.assert_array_equal(given_bounds.sample(1, 0, 200).views, views)
    assert (raw.bounds, given_bounds.bounds) == ((0.0, 1.0), (low, high))
    assert raw_views.min() > 19


def test_constant_views_can_be_normalised() -> None:
    """Nothing in sight and no noise: the two bounds coincide."""
    empty = nt.Particle(nt.Outline(centre=(50.0, 0.0)))
    recipe = nt.Recipe({"empty": empty}, nt.Detector(noise=0.0))
    np.testing.assert_array_equal(recipe.sample(0, 0, 3).views, 0)


@pytest.mark.parametrize("name", DETECTOR_CASES)
def test_json_and_back(name: str) -> None:
    recipe = DETECTOR_CASES[name]
    again = nt.Recipe.from_json(recipe.to_json())
    assert again == recipe
    assert (again.digest, again.class_names) == (recipe.digest, recipe.class_names)
    assert dataclasses.asdict(again.detector) == dataclasses.asdict(recipe.detector)
    assert dict(again.classes) == dict(recipe.classes)
    assert again.to_json(indent=None) == recipe.to_json(indent=None)
    assert len(recipe.to_json(indent=None)) < 4000
    for copied in (pickle.loads(pickle.dumps(recipe)), copy.copy(recipe), copy.deepcopy(recipe)):
        assert copied == recipe
        np.testing.assert_array_equal(copied.sample(1, 0, 3).views, recipe.sample(1, 0, 3).views)


def test_json_fields_left_out_take_their_defaults() -> None:
    particle = '{"label": "a", "outline": {"radius": 2}, "features": [{"kind": "hole"}]}'
    text = f'{{"classes": [{particle}], "detector": {{}}}}'
    expected = nt.Recipe({"a": nt.Particle(nt.Outline(radius=2.0), (nt.Hole(),))}, nt.Detector())
    assert nt.Recipe.from_json(text) == expected


def test_digest_tells_recipes_apart() -> None:
    """Any field of any description changes it; equal recipes share it however they were written."""
    recipe = DETECTOR_CASES["weights"]
    value = json.loads(recipe.to_json())
    digests = {recipe.digest}
    for path, changed in [
        (("classes", 3, "features", 0, "radius"), 0.11),
        (("classes", 1, "features", 0, "turn"), "anticlockwise"),
        (("classes", 0, "outline", "centre"), [0.0, 0.1]),
        (("classes", 0, "label"), "nothing"),
        (("detector", "dose"), 3.0),
        (("detector", "angles_deg"), [0.0, 0.0]),
        (("weights", 1), 1.6),
        (("normalise",), "none"),
    ]:
        edited = copy.deepcopy(value)
        del edited["digest"]
        place = edited
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = changed
        digests.add(nt.Recipe.from_json(json.dumps(edited)).digest)
    assert len(digests) == 9
    assert all(len(digest) == 64 and int(digest, 16) for digest in digests)
    detectors = [nt.Detector(lower=-2, about=(0, 0)), nt.Detector(lower=-2.0, about=[0.0, -0.0])]  # type: ignore[arg-type]
    assert len({nt.Recipe(recipe.classes, detector).digest for detector in detectors}) == 1


def test_descriptions_are_frozen() -> None:
    recipe = nt.recipes.hole()
    outline = recipe.particles["hole"].outline
    for description in (recipe, recipe.detector, recipe.particles["hole"], outline, nt.Hole()):
        field = dataclasses.fields(description)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(description, field, getattr(description, field))
    with pytest.raises(TypeError):
        recipe.classes["more"] = nt.Particle(outline)  # type: ignore[index]
    assert len({recipe, nt.recipes.hole(), nt.recipes.hole(0.2)}) == 2


def test_named_recipes_are_the_papers() -> None:
    """Tables 5 and 6 of Sullivan 2020, as the descriptions' defaults and the recipes give them."""
    assert set(nt.recipes.names()) >= {"hole", "chirality"}
    hole, chirality = nt.recipes.by_name("hole"), nt.recipes.by_name("chirality")
    assert hole == nt.recipes.hole(radius=0.1, n_views=1)
    assert chirality == nt.recipes.chirality()
    assert hole.particles["hole"].features == (nt.Hole(0.1, 0.01, 0.4, -1.0),)
    assert hole.detector == nt.Detector(
        32, -1.5, 1.5, 0.05, (0.0,), 0.0, (0.0, 0.0), 20.0, 0.5, 0.001
    )
    assert hole.particles["hole"].outline == nt.Outline(1.0, 0.1, 0.05, 90, (0.0, 0.0), (0.3, 0.3))
    assert nt.recipes.hole(0.05, 2).particles["hole"].features == (nt.Hole(0.05, 0.005, 0.4, -1.0),)
    assert nt.recipes.hole(0.05, 2).detector.angles_deg == (0.0, 90.0)
    assert chirality.class_names == ("clockwise", "anticlockwise")
    for turn, particle in chirality.particles.items():
        expected = nt.Spiral(turn, 0.5, 0.05, 0.04, 0.008, 0.01, 0.002, 0.1, 0.02, 0.1, 1.0)  # type: ignore[arg-type]
        assert particle.features == (expected,)
        assert particle.outline.centre_std == (0.0, 0.0)
    assert (chirality.line_detector.n_bins, chirality.detector.angles_deg) == (64, (0.0, 90.0))
