"""Instructions that a plain x86-64-v2 processor lacks stand only behind the run-time choice.

Shown on the machine code as it is installed: whatever uses AVX or later can be reached through the
kernel tables of the levels v3 and v4 alone, not from an exported function, a constructor that runs
when the library is loaded, or anything else.
"""

from __future__ import annotations

import functools
import platform
import re
import shutil
from pathlib import Path

import pytest

from machine_code import AVX, AVX512, Library, read_library
from nanotilt import _core
from places import ROOT

INSTALLED = Path(_core.__file__)
POINTER_BYTES = 8

pytestmark = pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64")
    or shutil.which("objdump") is None,
    reason="needs objdump and x86-64 Linux",
)


@pytest.fixture(scope="module", params=["_core", "_tf_op"])
def library(request: pytest.FixtureRequest) -> Library:
    path = INSTALLED if request.param == "_core" else INSTALLED.with_name("_tf_op.so")
    if not path.exists():
        pytest.skip("this build has no TensorFlow op")
    return read_library(path)


@functools.cache
def kernels_per_table() -> tuple[int, ...]:
    """How many functions each topic's table has, in the order of the topics."""
    core = ROOT / "cpp" / "core"
    headers = "".join(path.read_text() for path in sorted(core.glob("*/*_kernels.hpp")))

    def members(text: str, name: str) -> str:
        return text.partition(f"struct {name} {{")[2].partition("};")[0]

    topics = re.findall(
        r"const (\w+)& \w+;", members((core / "simd" / "choose.hpp").read_text(), "Kernels")
    )
    sizes = tuple(len(re.findall(r"\(\*\w+\)\(", members(headers, topic))) for topic in topics)
    assert len(sizes) > 3
    assert min(sizes) > 0
    return sizes


def places_from(place: int, n_pointers: int) -> list[int]:
    return [place + POINTER_BYTES * k for k in range(n_pointers)]


def table_places(library: Library, level: str) -> list[int]:
    """Where a level's tables keep their functions: pointers to them follow one to its name."""
    sizes = kernels_per_table()
    found = []
    for place, target in library.pointers.items():
        if library.strings.get(target) != level:
            continue
        tables = [library.pointers.get(at) for at in places_from(place, len(sizes) + 1)[1:]]
        if None in tables:
            continue
        functions = [
            at
            for table, size in zip(tables, sizes, strict=True)
            if table is not None
            for at in places_from(table, size)
        ]
        if all(library.pointers.get(function) in library.encodings for function in functions):
            found.append(functions)
    assert len(found) == 1, f"{len(found)} sets of kernel tables of level {level}"
    return found[0]


def reached_through(library: Library, places: list[int]) -> set[int]:
    return library.reached_from(library.pointers[place] for place in places)


def reached_otherwise(library: Library, guarded_places: list[int]) -> set[int]:
    """From any function that the tables do not lead to, any other stored pointer, any export."""
    guarded = reached_through(library, guarded_places)
    stored = {
        target for place, target in library.pointers.items() if place not in set(guarded_places)
    }
    return library.reached_from((set(library.encodings) - guarded) | stored | library.exported)


def test_wide_instructions_are_guarded(library: Library) -> None:
    places = table_places(library, "v3") + table_places(library, "v4")
    wide = library.with_encoding(AVX | AVX512)
    assert wide, "no AVX at all: the disassembly was not understood"
    exposed = wide & reached_otherwise(library, places)
    assert not exposed, f"functions at {sorted(map(hex, exposed))} use AVX without a guard"


def test_levels_keep_to_their_instructions(library: Library) -> None:
    v2, v3, v4 = (
        reached_through(library, table_places(library, level)) for level in ("v2", "v3", "v4")
    )
    assert not v2 & library.with_encoding(AVX | AVX512)
    assert v3 & library.with_encoding(AVX)
    assert not v3 & library.with_encoding(AVX512)
    assert v4 & library.with_encoding(AVX512)


def test_an_open_way_would_be_found(library: Library) -> None:
    """With one table left out of the guarded ones, its kernels count as open to everyone."""
    for guarded, left_out in (("v3", "v4"), ("v4", "v3")):
        exposed = reached_otherwise(library, table_places(library, guarded))
        assert exposed & library.with_encoding(AVX | AVX512)
        assert {library.pointers[place] for place in table_places(library, left_out)} <= exposed
