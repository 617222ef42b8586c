"""Descriptions, recipes and results can be copied, compared, kept and sent."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from conftest import RunPython
from description_cases import DESCRIPTIONS, RECIPES
from nanotilt.limits import Accuracy, Limit, Point
from nanotilt.pose.start import ProvisionalAngles

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
    for label, particle in recipe.particles.items():
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
