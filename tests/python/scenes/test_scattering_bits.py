"""X-ray scattering: the same bits whatever threads, split, level and route; recipes that last."""

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
from scattering_cases import SCATTERING_CASES as CASES
from scattering_cases import scattering_fingerprints

LEVELS = nt.build_info()["simd_levels"]
KNOWN = KNOWN_ANSWERS / "scattering_v1.json"
PRINT = (
    "import json, scattering_cases; print(json.dumps(scattering_cases.scattering_fingerprints()))"
)


@pytest.mark.parametrize("name", CASES)
def test_threads_and_splits(name: str) -> None:
    whole = CASES[name].sample(5, 123, 70, n_threads=1)  # more than a thread's piece
    threads = CASES[name].sample(5, 123, 70, n_threads=4)
    for output in whole.keys():  # noqa: SIM118 (iterating over a batch gives arrays)
        assert threads[output].tobytes() == whole[output].tobytes(), output
        for i in (69, 63, 0):
            alone = CASES[name].sample(5, 123 + i, 1)
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
    assert there == scattering_fingerprints()


def test_known_answers(request: pytest.FixtureRequest) -> None:
    """The bits of the first release of the kinds "scattering" and "area_detector"."""
    found = scattering_fingerprints()
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
        assert dict(again.classes) == dict(recipe.classes)
        assert again.sample(1, 0, 1).views.tobytes() == recipe.sample(1, 0, 1).views.tobytes()


@pytest.mark.parametrize("name", CASES)
def test_the_core_draws_what_the_spec_promises(name: str) -> None:
    recipe = CASES[name]
    promised = {o.name: (o.name, o.dtype, o.shape, o.unit) for o in recipe.spec.values()}
    drawn = {output[0]: output for output in recipe._sampler.spec}
    assert {output: drawn[output] for output in promised} == promised
    possible = recipe.classes["sample"].truths(recipe.detector.frame)
    assert {output.name for output in possible} | {"views", "label"} == set(drawn)


def test_streams_into_tensorflow() -> None:
    recipe = CASES["tags"]
    expected = recipe.sample(4, 10, 6)
    names = tuple(recipe.spec)
    parts: dict[str, list[Any]] = {name: [] for name in names}
    for batch in nt.stream(recipe, 4, 3, start=10, count=6, give=names):
        for output, values in zip(names, batch, strict=True):
            parts[output].append(values.numpy())
    for output in names:
        assert np.concatenate(parts[output]).tobytes() == expected[output].tobytes(), output
