"""Fields: the same bits whatever the threads, split, level and route; recipes that last."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import pickle
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from conftest import RunPython
from places import KNOWN_ANSWERS
from stream_cases import FIELD_CASES as CASES
from stream_cases import field_fingerprints

LEVELS = nt.build_info()["simd_levels"]
KNOWN = KNOWN_ANSWERS / "field_v1.json"
PRINT = "import json, stream_cases; print(json.dumps(stream_cases.field_fingerprints()))"


def assert_same(first: nt.Batch, second: nt.Batch) -> None:
    assert first.keys() == second.keys()
    for name in first.keys():  # noqa: SIM118 (iterating over a batch gives arrays)
        assert first[name].tobytes() == second[name].tobytes(), name


@pytest.mark.parametrize("name", CASES)
def test_threads_and_splits(name: str) -> None:
    whole = CASES[name].sample(5, 123, 12, n_threads=1)
    assert_same(CASES[name].sample(5, 123, 12, n_threads=4), whole)
    for i in reversed(range(12)):
        alone = CASES[name].sample(5, 123 + i, 1)
        for output in whole.keys():  # noqa: SIM118
            assert alone[output][0].tobytes() == whole[output][i].tobytes(), output


@pytest.mark.parametrize("name", CASES)
def test_an_output_is_the_same_whatever_else_is_asked_for(name: str) -> None:
    """Masks, tables and doses move nothing: each is drawn from random numbers of its own."""
    recipe = CASES[name]
    whole = recipe.sample(2, 7, 2)
    for output in recipe.targets:
        alone = dataclasses.replace(recipe, targets=(output,)).sample(2, 7, 2)
        assert alone[output].tobytes() == whole[output].tobytes(), output
        assert alone.views.tobytes() == whole.views.tobytes()


def test_instruments_move_no_body() -> None:
    field = nt.Field(number=10)
    tables = [
        nt.Recipe({"f": field}, camera, normalise="none", targets=("table",)).sample(3, 0, 5)
        for camera in (
            nt.ScanningCamera(64, jitter_px=0, drift_px=0),
            nt.ScanningCamera(64, dose=None, mode="bright_field", blur_sigma_px=3.0, labels="true"),
        )
    ]
    visible = 16  # a share, which goes by the mask
    first, second = (np.delete(batch["table"], visible, axis=2) for batch in tables)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("level", LEVELS)
def test_simd_levels(level: str, run_python: RunPython) -> None:
    there = json.loads(run_python(PRINT, NANOTILT_SIMD=level, NANOTILT_NUM_THREADS="3"))
    assert there == field_fingerprints()


def test_known_answers(request: pytest.FixtureRequest) -> None:
    """The bits of the first release of the kinds "field" and "scanning_camera"."""
    found = field_fingerprints()
    if request.config.getoption("--write-known-answers"):
        known = json.loads(KNOWN.read_text(encoding="utf-8")) if KNOWN.is_file() else {}
        KNOWN.write_text(json.dumps(found | known, indent=1) + "\n", encoding="utf-8")
    assert json.loads(KNOWN.read_text(encoding="utf-8")) == found


@pytest.mark.parametrize("name", CASES)
def test_recipes_last(name: str) -> None:
    recipe = CASES[name]
    for again in (nt.Recipe.from_json(recipe.to_json()), pickle.loads(pickle.dumps(recipe))):
        assert again == recipe
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
    possible = recipe.classes["field"].truths(recipe.detector.frame)
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
    data = nt.stream(recipe, 4, 3, start=10, count=6, give=names)
    parts: dict[str, list[Any]] = {name: [] for name in names}
    for batch in data:
        for output, values in zip(names, batch, strict=True):
            parts[output].append(values.numpy())
    for output in names:
        joined = np.concatenate(parts[output])
        assert joined.dtype == expected[output].dtype
        assert joined.tobytes() == expected[output].tobytes(), output


def test_digest_of_a_named_recipe_is_its_own() -> None:
    digests = {recipe.digest for recipe in CASES.values()}
    assert len(digests) == len(CASES)
    text = CASES["plain"].to_json()
    assert hashlib.sha256(text.encode()).hexdigest()
    with pytest.raises(ValueError, match="digest does not belong"):
        nt.Recipe.from_json(text.replace('"gap_px": 1.0', '"gap_px": 2.0'))
