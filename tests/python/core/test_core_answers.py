"""The known answers that the C++ tests read say what the JSON file and today's recipes say.

Written along with the JSON file by `--write-known-answers`, see test_stream_bits.py.
"""

from __future__ import annotations

import json

import pytest

import core_answers
import nanotilt as nt
from places import KNOWN_ANSWERS
from stream_cases import CASES

FILE = KNOWN_ANSWERS / f"stream_v{nt.STREAM_VERSION}.txt"


@pytest.fixture(scope="module")
def lines(request: pytest.FixtureRequest) -> list[str]:
    if request.config.getoption("--write-known-answers"):
        FILE.write_text(core_answers.text())
    return FILE.read_text().splitlines()


def test_known_answers_of_the_core(lines: list[str]) -> None:
    """Line by line, so that a difference names its recipe."""
    assert lines == core_answers.text().splitlines()


def test_digests_are_those_of_the_json_file(lines: list[str]) -> None:
    known = json.loads(FILE.with_suffix(".json").read_text())["recipes"]
    recipe, compared = "", 0
    for line in lines:
        word, _, value = line.partition(" ")
        if word == "recipe":
            recipe = value
        elif f"{word} sha256" in known.get(recipe, {}):
            assert value == known[recipe][f"{word} sha256"], (recipe, word)
            compared += 1
    assert compared == 4 * len(CASES)
