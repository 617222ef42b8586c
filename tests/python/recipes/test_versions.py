"""A digest stays when a kind gains a field, and moves for its users when the kind's bits do."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

import nanotilt as nt
from nanotilt._base.description import later


@dataclass(frozen=True)
class GrownDetector(nt.Detector):
    """A Detector with a field that it did not have in its first release."""

    dead_time: float = later(0.0, since=3)


def recipe(detector: nt.Detector | nt.Camera) -> nt.Recipe:
    return nt.Recipe(
        classes={"solid": nt.Particle(nt.Outline())}, detector=detector, normalise=(0.0, 2.0)
    )


def test_a_later_field_at_its_default_moves_no_digest() -> None:
    plain, grown = recipe(nt.Detector()), recipe(GrownDetector())
    assert grown.digest == plain.digest
    assert grown.to_json() == plain.to_json()


def test_a_later_field_that_says_something_is_written() -> None:
    plain, grown = recipe(nt.Detector()), recipe(GrownDetector(dead_time=0.5))
    assert grown.digest != plain.digest
    assert json.loads(grown.to_json())["detector"]["dead_time"] == 0.5


@pytest.fixture
def next_camera(monkeypatch: pytest.MonkeyPatch) -> int:
    """A build whose cameras draw other bits."""
    version = nt.Camera.version + 1
    monkeypatch.setattr(nt.Camera, "version", version)
    return version


def test_other_bits_of_a_kind_move_the_digests_of_its_users_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = {name: nt.recipes.by_name(name).digest for name in ("chirality", "square")}
    monkeypatch.setattr(nt.Camera, "version", nt.Camera.version + 1)
    after = {name: nt.recipes.by_name(name).digest for name in before}
    assert after["chirality"] == before["chirality"]
    assert after["square"] != before["square"]


def test_the_version_travels_in_the_json(next_camera: int) -> None:
    written = nt.recipes.square()
    assert json.loads(written.to_json())["camera"]["version"] == next_camera
    assert nt.Recipe.from_json(written.to_json()) == written


def test_a_recipe_for_other_bits_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    text, version = nt.recipes.square().to_json(), nt.Camera.version
    monkeypatch.setattr(nt.Camera, "version", version + 1)
    with pytest.raises(
        ValueError,
        match=rf"camera was written for version {version} of camera; this build makes version "
        rf'{version + 1}, with other bits. To have the recipe drawn anew, set its "version" to '
        rf'{version + 1} and delete "digest"; for the bits of before',
    ):
        nt.Recipe.from_json(text)
    anew = json.loads(text)
    anew["camera"]["version"] = version + 1
    del anew["digest"]
    assert nt.Recipe.from_json(json.dumps(anew)) == nt.recipes.square()


@pytest.mark.parametrize("version", [1, 99, "2", True, 2.5, [2]])
def test_no_other_version_is_taken_for_this_builds(version: object) -> None:
    value = json.loads(recipe(nt.Detector()).to_json())
    value["detector"]["version"] = version
    with pytest.raises(ValueError, match=r"Received: detector.version="):
        nt.Recipe.from_json(json.dumps(value))
    value = json.loads(recipe(nt.Detector()).to_json())
    value["classes"][0]["version"] = version
    with pytest.raises(ValueError, match=r"Received: classes\[0\].version="):
        nt.Recipe.from_json(json.dumps(value))
