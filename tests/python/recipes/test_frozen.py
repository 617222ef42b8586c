"""What may not move: the named recipes' JSON, digests and bits, and the public API's arguments.

A data set is a recipe, a seed and an index range, and programs call functions by position and by
name. So these were written down once, in tests/known_answers/frozen; a name may be added there
(`pytest tests/python/recipes/test_frozen.py --write-known-answers` adds what is new, and changes
nothing).
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from places import KNOWN_ANSWERS

FROZEN = KNOWN_ANSWERS / "frozen"
SEED, START, COUNT = 7, 2**40 + 1, 100


def recipe_answers(recipe: nt.Recipe) -> dict[str, Any]:
    scanned = isinstance(recipe.detector, nt.ScanningCamera)
    batch = recipe.sample(SEED, START, 3 if scanned else COUNT)
    kinds = {name: np.dtype(output.dtype).newbyteorder("<") for name, output in recipe.spec.items()}
    return {
        "digest": recipe.digest,
        "json": json.loads(recipe.to_json()),
        "sha256": {
            part: hashlib.sha256(getattr(batch, part).astype(kind).tobytes()).hexdigest()
            for part, kind in kinds.items()
        },
    }


def arguments(called: Callable[..., Any]) -> list[dict[str, Any]]:
    """Names, kinds and defaults of what a function or class is called with, in order."""
    found = []
    for argument in inspect.signature(called).parameters.values():
        entry = {"name": argument.name, "kind": argument.kind.name}
        if argument.default is not inspect.Parameter.empty:
            entry["default"] = repr(argument.default)
        found.append(entry)
    return found


def public_calls() -> dict[str, Callable[..., Any]]:
    """Every public function, class and method of NumPy's part of the package, by dotted name."""
    calls: dict[str, Callable[..., Any]] = {}
    for owner_name, owner, names in (
        ("nanotilt", nt, [name for name in nt.__all__ if name not in ("models", "load")]),
        ("nanotilt.recipes", nt.recipes, [n for n in dir(nt.recipes) if n[0].islower()]),
        ("nanotilt.pose", nt.pose, nt.pose.__all__),
    ):
        for name in names:
            item = getattr(owner, name)
            home = getattr(item, "__module__", "")
            if not home.startswith("nanotilt") or not callable(item):
                continue
            if owner is nt.recipes and "recipes" not in home:  # brought in for its own use
                continue
            calls[f"{owner_name}.{name}"] = item
            if inspect.isclass(item):
                for method, value in vars(item).items():
                    if not method.startswith("_") and inspect.isfunction(value):
                        calls[f"{owner_name}.{name}.{method}"] = value
    return calls


def frozen(request: pytest.FixtureRequest, name: str, now: Callable[[], dict[str, Any]]) -> Any:
    """What was written down; with --write-known-answers, what is new is added first."""
    path = FROZEN / name
    if request.config.getoption("--write-known-answers"):
        known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(now() | known, indent=1) + "\n", encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def known_recipes(request: pytest.FixtureRequest) -> Any:
    return frozen(
        request,
        "recipes.json",
        lambda: {name: recipe_answers(nt.recipes.by_name(name)) for name in nt.recipes.names()},
    )


@pytest.fixture(scope="module")
def known_calls(request: pytest.FixtureRequest) -> Any:
    return frozen(
        request,
        "public_calls.json",
        lambda: {name: arguments(called) for name, called in public_calls().items()},
    )


def test_named_recipes_keep_their_digests_and_bits(known_recipes: Any) -> None:
    assert set(known_recipes) == set(nt.recipes.names())
    for name, known in known_recipes.items():
        assert recipe_answers(nt.recipes.by_name(name)) == known, name


def test_their_json_is_still_read(known_recipes: Any) -> None:
    for name, known in known_recipes.items():
        again = nt.Recipe.from_json(json.dumps(known["json"]))
        assert again == nt.recipes.by_name(name)
        assert again.digest == known["digest"]


def test_cameras_of_before_are_refused_in_words() -> None:
    """Version 2 was the first, and JSON did not name it."""
    before = json.loads((FROZEN / "camera_v2.json").read_text(encoding="utf-8"))
    assert set(before) == {"square", "s-projection", "t-projection"}
    for name, known in before.items():
        with pytest.raises(ValueError, match="camera was written for version 2 of camera; this"):
            nt.Recipe.from_json(json.dumps(known["json"]))
        anew = nt.recipes.by_name(name)
        assert anew.digest != known["digest"]
        as_told = known["json"]
        del as_told["digest"]
        as_told["camera"]["version"] = nt.Camera.version
        assert nt.Recipe.from_json(json.dumps(as_told)) == anew


def test_calls_written_for_the_first_release_still_work(known_calls: Any) -> None:
    """Arguments keep their names, order, kinds and defaults; what is added has a default."""
    calls = public_calls()
    assert set(known_calls) == set(calls), "with --write-known-answers, new names are added"
    for name, known in known_calls.items():
        now = arguments(calls[name])
        by_position = [one for one in known if "POSITIONAL" in one["kind"]]
        assert [one for one in now if "POSITIONAL" in one["kind"]][: len(by_position)] == (
            by_position
        ), name
        assert [one for one in known if one not in now] == [], name
        new = [one for one in now if one not in known]
        assert all("default" in one or one["kind"].startswith("VAR_") for one in new), (name, new)
