"""Wire bytes: what cbor2 makes of them, and what the core says of wrong ones."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nanotilt as nt
from nanotilt import _core
from nanotilt.recipes.wire import MAGIC, encoded
from stream_cases import CASES

TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=300)
LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(width=64)
    | st.binary(max_size=300) | TEXT
)  # fmt: skip
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=30) | st.dictionaries(TEXT, inner, max_size=30)
)


def bits(value: Any) -> Any:
    """The same value with each float as its bits, so that NaN and -0.0 can be compared."""
    if isinstance(value, float):
        return ("float", "nan" if math.isnan(value) else struct.pack(">d", value))
    if isinstance(value, (list, tuple)):
        return [bits(entry) for entry in value]
    if isinstance(value, dict):
        return {name: bits(entry) for name, entry in value.items()}
    return (type(value), value)


@given(VALUES)
def test_cbor2_reads_what_was_written(value: Any) -> None:
    assert bits(cbor2.loads(encoded(value)[len(MAGIC) :])) == bits(value)


@given(VALUES)
def test_bytes_are_those_of_cbor2(value: Any) -> None:
    """Its doubles are of 64 bits, too, and its heads the shortest."""
    # Of NaN and infinity, cbor2 writes 16 bits.
    if "nan" not in repr(value) and "inf" not in repr(value):
        assert encoded(value) == MAGIC + cbor2.dumps(value)


@pytest.mark.parametrize("recipe", CASES.values(), ids=list(CASES))
def test_recipes_are_what_cbor2_reads(recipe: nt.Recipe) -> None:
    assert bits(cbor2.loads(recipe.packed[len(MAGIC) :])) == bits(recipe.lowered())


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (2**63, ValueError),
        (-(2**63) - 1, ValueError),
        ("é", ValueError),
        ("\n", ValueError),
        ({1: 2}, TypeError),
        ({1.5}, TypeError),
        (1j, TypeError),
    ],
)
def test_what_cannot_be_written(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="Received: "):
        encoded(value)


def lowered() -> dict[str, Any]:
    """A recipe that the core compiles, free to be changed."""
    recipe: dict[str, Any] = cbor2.loads(nt.recipes.chirality().packed[len(MAGIC) :])
    _core.Sampler(encoded(recipe))
    return recipe


def dropped(at: str) -> Callable[[dict[str, Any]], None]:
    def change(recipe: dict[str, Any]) -> None:
        *way, last = at.split(".")
        del inside(recipe, way)[last]

    return change


def put(at: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(recipe: dict[str, Any]) -> None:
        *way, last = at.split(".")
        inside(recipe, way)[last] = value

    return change


def inside(recipe: Any, way: list[str]) -> Any:
    for name in way:
        recipe = recipe[int(name) if name.isdigit() else name]
    return recipe


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (put("instrument.kind", "eye"), "instrument.kind must be one of detector, camera.*'eye'"),
        (put("scenes.1.kind", "crystal"), r"scenes\[1\].kind must be one of particle, polygon"),
        (put("scenes.1.version", 9), r"scenes\[1\].version must be an integer in \[2, 2\].*: 9"),
        (put("scenes.0.outline.radius", 0.0), r"scenes\[0\].outline.radius must be > 0"),
        (put("scenes.0.outline.n_corners", 9.0), r"outline.n_corners must be an integer in \[3, "),
        (put("scenes.0.outline.colour", 1), r"scenes\[0\].outline.colour is unknown"),
        (put("scenes.0.features", {}), r"scenes\[0\].features must be an array. Received: a map"),
        (dropped("instrument.background"), "instrument.background must be there"),
        (put("instrument.noise", math.nan), "instrument.noise must be finite"),
        (put("instrument.centring", 1), "instrument.centring must be true or false"),
        (put("instrument.angles_rad", [0.0, math.inf]), r"instrument.angles_rad\[1\] must be fin"),
        (put("instrument.angles_rad", []), "instrument.angles_rad must be an array of 1 to 65536"),
        (put("bounds", [1.0, 1.0]), r"bounds must be \(low, high\) at a distance"),
        (put("weights", [1.0]), "scenes must be an array of 1. Received: an array of 2"),
        (put("stream_version", 1), "stream_version must be an integer in"),
        (put("author", "me"), "recipe: author is unknown"),
    ],
)
def test_errors_name_the_field(change: Callable[[dict[str, Any]], None], words: str) -> None:
    recipe = lowered()
    change(recipe)
    with pytest.raises(ValueError, match=words):
        _core.Sampler(encoded(recipe))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            put("scenes.0.max_particles", 4097),
            r"scenes\[0\].max_particles must be an integer in \[",
        ),
        (put("scenes.0.radius_px", 0.4), r"scenes\[0\].radius_px must be .*Received: 0.4"),
        (put("scenes.0.solids", [8]), r"scenes\[0\].solids\[0\] must be an integer in \[0, 7\]"),
        (put("scenes.0.rod_aspect", [3.0, 2.0]), r"scenes\[0\].rod_aspect must be"),
        (put("scenes.0.placing", "near"), r"scenes\[0\].placing must be one of apart, free"),
        (put("scenes.0.contrast", math.nan), r"scenes\[0\].contrast must be finite"),
        (put("instrument.n_pixels", 31), "instrument.n_pixels must be an integer in"),
        (put("instrument.n_pixels", 2049), "instrument.n_pixels must be an integer in"),
        (put("instrument.n_frames", 4097), "instrument.n_frames must be an integer in"),
        (put("instrument.n_levels", 256), "instrument.n_levels must be"),
        (put("instrument.dose", [30.0, 1.0]), "instrument.dose must be"),
        (put("instrument.fraction", 0.0), "instrument.fraction must be"),
    ],
)
def test_errors_of_fields_name_the_field(
    change: Callable[[dict[str, Any]], None], words: str
) -> None:
    recipe: dict[str, Any] = cbor2.loads(nt.recipes.particle_field(64).packed[len(MAGIC) :])
    _core.Sampler(encoded(recipe))
    change(recipe)
    with pytest.raises(ValueError, match=words):
        _core.Sampler(encoded(recipe))


def test_order_of_names_means_nothing() -> None:
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: turned(value[name]) for name in reversed(value)}
        return [turned(entry) for entry in value] if isinstance(value, list) else value

    recipe = nt.recipes.chirality()
    sampler = _core.Sampler(encoded(turned(lowered())))
    views = sampler.sample(7, 0, 5, 1, ["views"])[0]
    assert views.tobytes() == recipe.sample(7, 0, 5).views.tobytes()
