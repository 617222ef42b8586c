"""The known answers that the C++ tests read say what the JSON file and today's recipes say.

Written along with the JSON file by `--write-known-answers`, see test_stream_bits.py.
"""

from __future__ import annotations

import json

import pytest

import core_answers
from places import KNOWN_ANSWERS
from scattering_cases import SCATTERING_CASES
from stream_cases import CASES_OF, FIELD_CASES, LATTICE_CASES


def written(request: pytest.FixtureRequest, name: str) -> list[str]:
    path = KNOWN_ANSWERS / f"{name}.txt"
    if request.config.getoption("--write-known-answers"):
        path.write_text(core_answers.text(CASES_OF[name]))
    return path.read_text().splitlines()


@pytest.mark.parametrize("name", CASES_OF)
def test_known_answers_of_the_core(request: pytest.FixtureRequest, name: str) -> None:
    """Line by line, so that a difference names its recipe."""
    assert written(request, name) == core_answers.text(CASES_OF[name]).splitlines()


@pytest.mark.parametrize("name", CASES_OF)
def test_digests_are_those_of_the_json_file(request: pytest.FixtureRequest, name: str) -> None:
    known = json.loads((KNOWN_ANSWERS / f"{name}.json").read_text())["recipes"]
    recipe, compared = "", 0
    for line in written(request, name):
        word, _, value = line.partition(" ")
        if word == "recipe":
            recipe = value
        elif f"{word} sha256" in known.get(recipe, {}):
            assert value == known[recipe][f"{word} sha256"], (recipe, word)
            compared += 1
    assert compared == 4 * len(CASES_OF[name])


CASES_OF_SCENES = {
    "field_v1": FIELD_CASES, "lattice_v1": LATTICE_CASES, "scattering_v1": SCATTERING_CASES,
}  # fmt: skip
OTHERS = [(file, name) for file, cases in CASES_OF_SCENES.items() for name in cases]


@pytest.mark.parametrize(("file", "name"), OTHERS)
def test_known_answers_of_other_scenes(
    request: pytest.FixtureRequest, file: str, name: str
) -> None:
    """A recipe that is written stays as it is; `--write-known-answers` adds new ones."""
    path = KNOWN_ANSWERS / f"{file}.txt"
    lines = core_answers.field_lines(name, CASES_OF_SCENES[file][name])
    text = path.read_text() if path.is_file() else ""
    if request.config.getoption("--write-known-answers") and f"{lines[0]}\n" not in text:
        text += "\n".join(lines) + "\n"
        path.write_text(text)
    known = text.splitlines()
    start = known.index(lines[0])
    assert known[start : start + len(lines)] == lines
    digests = json.loads((KNOWN_ANSWERS / f"{file}.json").read_text())[name]
    outputs = (line.split()[1:] for line in lines if line.startswith("output "))
    assert dict(outputs) == digests
