"""Lattices: the same bits whatever the threads, split, level and route; recipes that last."""

from __future__ import annotations

import dataclasses
import json
import pickle
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from conftest import RunPython
from places import KNOWN_ANSWERS
from stream_cases import LATTICE_CASES as CASES
from stream_cases import lattice_fingerprints

LEVELS = nt.build_info()["simd_levels"]
KNOWN = KNOWN_ANSWERS / "lattice_v1.json"
PRINT = "import json, stream_cases; print(json.dumps(stream_cases.lattice_fingerprints()))"


def assert_same(first: nt.Batch, second: nt.Batch) -> None:
    assert first.keys() == second.keys()
    for name in first.keys():  # noqa: SIM118 (iterating over a batch gives arrays)
        assert first[name].tobytes() == second[name].tobytes(), name


@pytest.mark.parametrize("name", CASES)
def test_threads_and_splits(name: str) -> None:
    whole = CASES[name].sample(5, 123, 70, n_threads=1)  # more than a thread's piece
    assert_same(CASES[name].sample(5, 123, 70, n_threads=4), whole)
    for i in (69, 64, 63, 7, 0):
        alone = CASES[name].sample(5, 123 + i, 1)
        for output in whole.keys():  # noqa: SIM118
            assert alone[output][0].tobytes() == whole[output][i].tobytes(), output


@pytest.mark.parametrize("name", CASES)
def test_an_output_is_the_same_whatever_else_is_asked_for(name: str) -> None:
    recipe = CASES[name]
    whole = recipe.sample(2, 7, 3)
    for output in recipe.targets:
        alone = dataclasses.replace(recipe, targets=(output,)).sample(2, 7, 3)
        assert alone[output].tobytes() == whole[output].tobytes(), output
        assert alone.views.tobytes() == whole.views.tobytes()


@pytest.mark.parametrize("level", LEVELS)
def test_simd_levels(level: str, run_python: RunPython) -> None:
    there = json.loads(run_python(PRINT, NANOTILT_SIMD=level, NANOTILT_NUM_THREADS="3"))
    assert there == lattice_fingerprints()


def test_known_answers(request: pytest.FixtureRequest) -> None:
    """The bits of the first release of the kinds "lattice" and "dark_field"."""
    found = lattice_fingerprints()
    if request.config.getoption("--write-known-answers"):
        known = json.loads(KNOWN.read_text(encoding="utf-8")) if KNOWN.is_file() else {}
        KNOWN.write_text(json.dumps(found | known, indent=1) + "\n", encoding="utf-8")
    assert json.loads(KNOWN.read_text(encoding="utf-8")) == found


@pytest.mark.parametrize("name", CASES)
def test_recipes_last(name: str) -> None:
    recipe = CASES[name]
    for again in (nt.Recipe.from_json(recipe.to_json()), pickle.loads(pickle.dumps(recipe))):
        assert again == recipe
        assert again.digest == recipe.digest
        assert again.detector == recipe.detector
        assert dict(again.classes) == dict(recipe.classes)
        assert again.targets == recipe.targets
        assert_same(again.sample(1, 0, 1), recipe.sample(1, 0, 1))


@pytest.mark.parametrize("name", CASES)
def test_the_core_draws_what_the_spec_promises(name: str) -> None:
    recipe = CASES[name]
    promised = {o.name: (o.name, o.dtype, o.shape, o.unit) for o in recipe.spec.values()}
    drawn = {output[0]: output for output in recipe._sampler.spec}
    assert {output: drawn[output] for output in promised} == promised
    possible = recipe.classes["patch"].truths(recipe.detector.frame)
    assert {output.name for output in possible} | {"views", "label"} == set(drawn)
    for values, output in zip(recipe.sample(1, 2, 2), recipe.spec.values(), strict=True):
        assert values.shape == (2, *output.shape)
        assert values.dtype == output.dtype


@pytest.mark.parametrize("name", CASES)
def test_streams_into_tensorflow(name: str) -> None:
    """Both routes give the bits of `sample`, of outputs of every kind of number."""
    recipe = CASES[name]
    expected = recipe.sample(4, 10, 6)
    names = tuple(recipe.spec)
    parts: dict[str, list[Any]] = {name: [] for name in names}
    for batch in nt.stream(recipe, 4, 3, start=10, count=6, give=names):
        for output, values in zip(names, batch, strict=True):
            parts[output].append(values.numpy())
    for output in names:
        joined = np.concatenate(parts[output])
        assert joined.dtype == expected[output].dtype
        assert joined.tobytes() == expected[output].tobytes(), output


def test_what_changes_the_image_changes_the_digest() -> None:
    digests = {recipe.digest for recipe in CASES.values()}
    assert len(digests) == len(CASES)
    text = CASES["graphene"].to_json()
    with pytest.raises(ValueError, match="digest does not belong"):
        nt.Recipe.from_json(text.replace('"pixel_angstrom": 0.3125', '"pixel_angstrom": 0.25'))


def test_names_stand_for_defects() -> None:
    """A kind's name is short for the defect, with the same digest and JSON."""
    named, described = (
        nt.Recipe({"a": nt.Lattice("graphene", (kind,))}, nt.DarkField(), normalise="view")
        for kind in ("vacancy", nt.Defect("vacancy"))
    )
    assert named == described
    assert named.to_json() == described.to_json()
    assert nt.Lattice("graphene", ["vacancy"]) == nt.Lattice("graphene", (nt.Defect("vacancy"),))


def test_dose_and_counts_stand_for_each_other() -> None:
    """1.45e-3 square angstrom of a carbon atom scatter 60 kV electrons into 54 ... 200 mrad."""
    camera = nt.DarkField(counts=29.0)
    least, most = camera.dose_per_square_angstrom or (0, 0)
    assert least == most == pytest.approx(20_000, rel=0.02)
    assert nt.DarkField(counts=None).dose_per_square_angstrom is None
    assert camera.weights[1] == 1  # of carbon
    assert nt.DarkField(z_power=2.0).weights[2] == pytest.approx((7 / 6) ** 2)
