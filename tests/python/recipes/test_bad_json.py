"""Recipes in JSON.

Bad text, unknown keys at each level, wrong kinds and values, other stream versions, wrong digests.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

import nanotilt as nt
from stream_cases import CASES

GOOD: dict[str, Any] = json.loads(CASES["many features"].to_json())
UNSIGNED = {key: value for key, value in GOOD.items() if key != "digest"}

Place = tuple[str | int, ...]


def edited(place: Place, value: Any) -> str:
    """The good recipe, without its digest, with one value changed."""
    text = copy.deepcopy(UNSIGNED)
    at: Any = text
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    return json.dumps(text)


def test_the_unedited_recipe_is_read() -> None:
    assert nt.Recipe.from_json(json.dumps(UNSIGNED)) == CASES["many features"]


@pytest.mark.parametrize(
    "text", ["", "{", "recipe", "{'classes': []}", '{"classes": [}', "\x00", "{} {}"]
)
def test_text_that_is_no_json(text: str) -> None:
    with pytest.raises(ValueError, match="valid JSON") as caught:
        nt.Recipe.from_json(text)
    assert caught.type is ValueError
    assert f"Received: text={text!r}" in str(caught.value)


@pytest.mark.parametrize("text", [None, 1, {"classes": []}, ["{}"]])
def test_things_that_are_no_text(text: Any) -> None:
    with pytest.raises(TypeError, match="Received: "):
        nt.Recipe.from_json(text)


@pytest.mark.parametrize("text", ["[]", "1", "null", '"recipe"', "true"])
def test_json_that_is_no_object(text: str) -> None:
    with pytest.raises(TypeError, match=r"recipe must be a JSON object.*Received: "):
        nt.Recipe.from_json(text)


OUTLINE: Place = ("classes", 0, "outline")
HOLE: Place = ("classes", 0, "features", 0)
SPIRAL: Place = ("classes", 0, "features", 1)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ((), "recipe"),
        (("classes", 0), r"classes\[0\]"),
        (OUTLINE, r"classes\[0\]\.outline"),
        (HOLE, r"classes\[0\]\.features\[0\]"),
        (SPIRAL, r"classes\[0\]\.features\[1\]"),
        (("detector",), "detector"),
    ],
)
def test_unknown_keys(place: Place, words: str) -> None:
    """A misspelt key must not silently become a default.

    The message lists the keys that there are.
    """
    with pytest.raises(ValueError, match=rf"{words} has unknown keys.*Received: 'raduis'"):
        nt.Recipe.from_json(edited((*place, "raduis"), 1.0))


@pytest.mark.parametrize("key", ["classes", "detector"])
def test_missing_keys(key: str) -> None:
    text = {name: value for name, value in UNSIGNED.items() if name != key}
    with pytest.raises(ValueError, match=f'"{key}".*Received: '):
        nt.Recipe.from_json(json.dumps(text))


@pytest.mark.parametrize(
    ("error", "place", "value", "words"),
    [
        (TypeError, ("classes",), {"a": {}}, "classes must be a list"),
        (ValueError, ("classes",), [], "classes"),
        (TypeError, ("classes", 0), "solid", r"classes\[0\]"),
        (TypeError, ("classes", 0, "label"), 1, r"classes\[0\]\.label"),
        (TypeError, ("classes", 0, "label"), None, r"classes\[0\]\.label"),
        (ValueError, ("classes",), [UNSIGNED["classes"][0]] * 2, "labels of classes must differ"),
        (TypeError, OUTLINE, [], r"classes\[0\]\.outline"),
        (
            ValueError,
            (*OUTLINE, "radius_std"),
            -0.1,
            r"outline.*radius_std must be >= 0.*radius_std=-0\.1",
        ),
        (TypeError, (*OUTLINE, "radius"), "1", r"outline.*radius.*'1'"),
        (TypeError, (*OUTLINE, "n_corners"), 90.0, r"outline.*n_corners.*90\.0"),
        (TypeError, (*OUTLINE, "n_corners"), True, "outline.*n_corners.*True"),
        (ValueError, (*OUTLINE, "radius"), float("nan"), "outline.*radius.*nan"),
        (ValueError, (*OUTLINE, "radius"), float("inf"), "outline.*radius.*inf"),
        (ValueError, (*OUTLINE, "radius"), 10**400, "outline.*radius"),
        (ValueError, (*OUTLINE, "centre"), [1.0], r"outline.*centre.*\[1\.0\]"),
        (TypeError, ("classes", 0, "features"), {"kind": "hole"}, r"features must be a list"),
        (TypeError, HOLE, "hole", r"features\[0\]"),
        (TypeError, (*HOLE, "kind"), None, r"features\[0\]\.kind"),
        (ValueError, (*HOLE, "kind"), "square", r"features\[0\]\.kind.*'square'"),
        (ValueError, (*HOLE, "kind"), "Hole", r"features\[0\]\.kind"),
        (ValueError, (*SPIRAL, "turn"), "left", r"features\[1\].*turn.*'left'"),
        (ValueError, ("detector", "upper"), -9, "detector.*upper.*-9"),
        (TypeError, ("detector", "centring"), 1, "detector.*centring"),
        (TypeError, ("detector",), None, "detector"),
        (ValueError, ("weights",), [1.0, 2.0], r"weights.*\[1\.0, 2\.0\]"),
        (ValueError, ("normalise",), "mean", "normalise.*'mean'"),
        (ValueError, ("normalise",), [1, 0], "normalise"),
    ],
)
def test_wrong_kinds_and_values(
    error: type[Exception], place: Place, value: Any, words: str
) -> None:
    """The error says where in the recipe."""
    with pytest.raises(error, match=words) as caught:
        nt.Recipe.from_json(edited(place, value))
    assert caught.type is error
    assert "Received: " in str(caught.value)


def test_spiral_without_turn() -> None:
    text = copy.deepcopy(UNSIGNED)
    del text["classes"][0]["features"][1]["turn"]
    with pytest.raises((TypeError, ValueError), match=r"features\[1\].*turn"):
        nt.Recipe.from_json(json.dumps(text))


@pytest.mark.parametrize("version", [0, 1, nt.STREAM_VERSION + 1, -1, "2", 1.5, None, [2], 10**30])
def test_other_stream_versions(version: Any) -> None:
    text = edited(("stream_version",), version)
    if version is None:
        assert nt.Recipe.from_json(text) == CASES["many features"]
        return
    with pytest.raises((TypeError, ValueError), match=r"stream.version.*Received: "):
        nt.Recipe.from_json(text)


@pytest.mark.parametrize(
    "forge",
    [
        lambda digest: digest[:-1] + "x",
        lambda digest: digest.upper(),
        lambda _: "",
        lambda _: 1,
        lambda _: [1],
    ],
)
def test_wrong_digests(forge: Callable[[str], Any]) -> None:
    text = edited(("digest",), forge(GOOD["digest"]))
    with pytest.raises((TypeError, ValueError), match=r"digest.*Received: digest="):
        nt.Recipe.from_json(text)


def test_digest_of_another_stream_version() -> None:
    """A recipe edited in any number no longer fits its digest."""
    text = copy.deepcopy(GOOD)
    text["detector"]["noise"] = 0.002
    with pytest.raises(ValueError, match="digest"):
        nt.Recipe.from_json(json.dumps(text))


def test_keys_given_twice() -> None:
    """Which of the two would count?"""
    text = json.dumps(UNSIGNED).replace(
        '"background": 20.0', '"background": 20.0, "background": 3.0'
    )
    with pytest.raises(ValueError, match="background"):
        nt.Recipe.from_json(text)
