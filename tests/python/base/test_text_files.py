"""Text and JSON that come in: read as editors write it, or refused in words that say where."""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import Any

import pytest

import nanotilt as nt
from nanotilt._base import text_files
from nanotilt._base.decoding import decode, member
from nanotilt._base.text_files import decoded, named, parsed, read_json_object
from nanotilt.cli import main
from nanotilt.runs.records import Try

RECIPE = nt.Recipe({"Löcher, 5 µm": nt.Particle(nt.Outline()), "孔": nt.Particle(nt.Outline())},
                   nt.Detector(n_bins=8))  # fmt: skip
PLAIN = RECIPE.to_json()
SPELT_OUT = json.dumps(json.loads(PLAIN), ensure_ascii=False)

WAYS = {
    "UTF-8": SPELT_OUT.encode(),
    "UTF-8 with a mark": codecs.BOM_UTF8 + SPELT_OUT.encode(),
    "UTF-16, little end first": codecs.BOM_UTF16_LE + SPELT_OUT.encode("utf-16-le"),
    "UTF-16, big end first": codecs.BOM_UTF16_BE + SPELT_OUT.encode("utf-16-be"),
    "UTF-32, little end first": codecs.BOM_UTF32_LE + SPELT_OUT.encode("utf-32-le"),
    "UTF-32, big end first": codecs.BOM_UTF32_BE + SPELT_OUT.encode("utf-32-be"),
    "other line ends": SPELT_OUT.replace(', "', ',\r\n"').encode(),
}


@pytest.mark.parametrize("way", WAYS)
def test_recipe_files_as_editors_and_shells_write_them(
    way: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "my.json"
    path.write_bytes(WAYS[way])
    assert main(["recipes", str(path)]) == 0
    assert nt.Recipe.from_json(capsys.readouterr().out) == RECIPE


def test_marks_in_text_and_recipes_as_bytes() -> None:
    assert nt.Recipe.from_json("\ufeff" + PLAIN) == RECIPE
    assert nt.Recipe.from_json(WAYS["UTF-16, big end first"]) == RECIPE  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"a":\n "\xe9"}', "byte 0xe9 at position 8, line 2, is not UTF-8"),
        (b"\x89PNG\r\n", "byte 0x89 at position 0, line 1, is not UTF-8"),
        ('{"a": 1}'.encode("utf-16-le"), "zero byte at position 1, as in UTF-16 without its mark"),
        (codecs.BOM_UTF16_LE + b"{", "byte 0x7b at position 2, line 1, is not UTF-16"),
        (codecs.BOM_UTF8 + b"\xff", "byte 0xff at position 3, line 1, is not UTF-8"),
    ],
)
def test_what_is_no_text_is_refused_with_its_place(
    data: bytes, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        decoded(data)
    assert caught.type is ValueError
    path = tmp_path / "my.json"
    path.write_bytes(data)
    assert main(["recipes", str(path)]) == 2
    told = capsys.readouterr().err
    assert f"{path} is not a recipe" in told
    assert words in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ("[" * 900 + "]" * 900, "must be a JSON object"),
        ('{"n": ' + "1" * 5000 + "}", "digits"),
        ('{"classes": [], "classes": []}', "once. Received twice: 'classes'"),
    ],
)
def test_json_that_goes_too_far(text: str, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        nt.Recipe.from_json(text)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400])
def test_numbers_that_are_none_are_refused_by_the_field_they_stand_in(literal: str) -> None:
    value = json.loads(PLAIN)
    del value["digest"]
    value["detector"]["noise"] = "here"
    with pytest.raises(ValueError, match=r"detector: noise must (be finite|fit)"):
        nt.Recipe.from_json(json.dumps(value).replace('"here"', literal))


class CountingKey(str):
    """A key that counts how often it is compared."""

    n_compared = 0

    def __eq__(self, other: object) -> bool:
        CountingKey.n_compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


@pytest.mark.parametrize("n_repeated", [0, 1])
def test_looking_for_repeated_keys_grows_with_their_number_not_with_its_square(
    n_repeated: int,
) -> None:
    n = 40_000
    pairs: list[tuple[str, Any]] = [(CountingKey(f"key {i}"), i) for i in range(n)]
    pairs += pairs[:n_repeated]
    CountingKey.n_compared = 0
    if n_repeated:
        with pytest.raises(ValueError, match="Received twice: 'key 0'"):
            text_files._distinct(pairs)
    else:
        assert len(text_files._distinct(pairs)) == n
    assert CountingKey.n_compared < 10 * n  # the square would be 1.6e9


def test_many_unknown_keys_are_told_of_in_a_few_words() -> None:
    text = json.dumps({"classes": [], **{f"key {i}": i for i in range(40_000)}})
    with pytest.raises(ValueError, match=r"'key 9' and 39,990 more") as caught:
        nt.Recipe.from_json(text)
    assert len(str(caught.value)) < 600
    assert named([]) == "none"


@pytest.mark.parametrize("text", ["[]", "null", '"text"', "{", "", "{} {}", '{"a": 1, "a": 1}'])
def test_files_that_hold_no_json_object(text: str, tmp_path: Path) -> None:
    (tmp_path / "file.json").write_text(text)
    with pytest.raises(ValueError, match=r"file\.json is damaged: ") as caught:
        read_json_object(tmp_path / "file.json")
    assert caught.type is ValueError
    with pytest.raises(IsADirectoryError):
        read_json_object(tmp_path)


@pytest.mark.parametrize(
    ("field", "kind", "words"),
    [
        ("a.b.d", int, r"a\.b\.d is missing. Received: keys 'c', 'n'"),
        ("a.x", int, r"a\.x must be an integer. Received: a\.x='text'"),
        ("a.x.y", int, r"a\.x must hold a JSON object"),
        ("a.b.n", float, r"a\.b\.n must be a finite number. Received: a\.b\.n=nan"),
        ("a.b.c", tuple[float, float], r"a\.b\.c must have 2 entries"),
        ("a.b.c", tuple[str, ...], r"a\.b\.c\[0\] must be text"),
        ("a.huge", float, r"a\.huge must be a finite number"),
        ("a.b", dict[str, float], r"a\.b\.c must be a finite number"),
    ],
)
def test_errors_name_the_place_of_a_value(field: str, kind: Any, words: str) -> None:
    value = parsed('{"a": {"b": {"c": [1], "n": NaN}, "x": "text", "huge": 1' + "0" * 400 + "}}")
    with pytest.raises(ValueError, match=words):
        member(value, field, kind)


def test_values_that_may_be_missing() -> None:
    value = {"a": None, "b": {"c": 1}}
    assert member(value, "a.x", int, 7) == 7
    assert member(value, "z.x", int, 7) == 7
    assert member(value, "b.c", float) == 1.0
    with pytest.raises(ValueError, match="a must hold a JSON object"):
        member(value, "a.x", int)


def test_losses_may_be_no_numbers_where_that_is_said() -> None:
    value = {"seed": 1, "epochs": 2, "best_val_loss": float("nan"), "best_val_accuracy": 0.5,
             "trained": False}  # fmt: skip
    assert decode(Try, value, "", finite=False).epochs == 2
    with pytest.raises(ValueError, match="best_val_loss must be a finite number"):
        decode(Try, value, "")
