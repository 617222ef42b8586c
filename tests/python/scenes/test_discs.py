"""Discs: against an oracle in NumPy, their distributions, and what is refused."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import nanotilt as nt
from conftest import RunPython
from nanotilt import _core
from nanotilt.scenes.scene import Extent, Frame, Scene
from oracle_random import Position, normals, random_words

Floats = npt.NDArray[np.float64]

TARGETS = ("label", "angle_rad", "mask", "boxes", "n_boxes")
N = 24
CAMERA = nt.Camera(n_pixels=N, field_of_view=3.0, noise="none")
DISCS = nt.Discs(number=(0, 5), radius=0.3, radius_std=0.1, spread=2.6)
RECIPE = nt.Recipe({"discs": DISCS}, CAMERA, normalise="none", targets=TARGETS)
PLACEMENT, PARTICLE = 1, 2


def drawn(discs: nt.Discs, seed: int, sample: int) -> Floats:
    """(number, 3): x, y and radius of each disc."""
    at = Position(seed, sample)
    low, high = discs.number
    number = low + int(random_words(at, PLACEMENT, 0)[0, 0]) * (high - low + 1) // 2**32
    words = random_words(at, PLACEMENT, 1 + np.arange(high))[:number]
    places = discs.spread * (words[:, :2] / 2**32 - 0.5)
    radii = discs.radius + discs.radius_std * normals(at, PARTICLE, 64)[:number]
    return np.column_stack([places, np.maximum(radii, discs.radius / 4)])


def in_pixels(discs: Floats) -> Floats:
    scale = N / CAMERA.field_of_view
    x, y, radius = discs.T
    return np.column_stack([N / 2 + scale * x, N / 2 - scale * y, scale * radius])


@pytest.mark.parametrize("sample", range(40))
def test_masks_and_boxes_are_those_of_the_discs(sample: int) -> None:
    batch = RECIPE.sample(9, sample, 1)
    seen = in_pixels(drawn(DISCS, 9, sample))
    middles = np.arange(N) + 0.5
    across = middles[None, :, None] - seen[:, 0]
    down = middles[:, None, None] - seen[:, 1]
    distance = np.hypot(across, down) - seen[:, 2]
    certain: Any = np.abs(distance).min(axis=2, initial=1.0) > 1e-6
    inside: Any = (distance <= 0).any(axis=2)
    np.testing.assert_array_equal(batch["mask"][0][certain], inside[certain])
    left_top = np.clip(seen[:, :2] - seen[:, 2:], 0, N)
    right_bottom = np.clip(seen[:, :2] + seen[:, 2:], 0, N)
    boxes = np.concatenate([left_top, right_bottom], axis=1)
    boxes = boxes[(left_top < right_bottom).all(axis=1)]
    assert batch["n_boxes"][0] == len(boxes)
    np.testing.assert_allclose(batch["boxes"][0][: len(boxes)], boxes, atol=1e-4)
    assert not batch["boxes"][0][len(boxes) :].any()


def test_images_are_those_of_their_discs() -> None:
    batch = RECIPE.sample(9, 0, 30)
    points = (np.arange(16) + 0.5) / 16
    fine = np.add.outer(np.arange(N), points).ravel()
    for i in range(30):
        seen = in_pixels(drawn(DISCS, 9, i))
        covered = sum(
            (np.hypot(fine[None] - x, fine[:, None] - y) <= r).astype(float) for x, y, r in seen
        )
        expected = (
            np.broadcast_to(covered, (16 * N, 16 * N)).reshape(N, 16, N, 16).mean(axis=(1, 3))
        )
        # Of 256 points a pixel, and of a polygon for each disc.
        np.testing.assert_allclose(batch.views[i, 0], expected, atol=0.06)
        assert abs(batch.views[i, 0].sum() - expected.sum()) < 0.5


def test_rings_are_told() -> None:
    for i in range(10):
        rings = RECIPE.particle(9, i)
        found = drawn(DISCS, 9, i)
        assert len(rings) == len(found)
        for (ring, density), (x, y, radius) in zip(rings, found, strict=True):
            assert density == 1.0
            np.testing.assert_allclose(ring.mean(axis=0), (x, y), atol=1e-5)
            a, b = ring.astype(float), np.roll(ring, -1, axis=0)
            area = 0.5 * abs(np.sum(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]))
            assert area == pytest.approx(np.pi * radius**2, rel=1e-5)


def test_numbers_are_equally_likely() -> None:
    inside = dataclasses.replace(DISCS, spread=1.0, radius=0.1, radius_std=0.0)
    recipe = nt.Recipe({"discs": inside}, CAMERA, normalise="none", targets=("n_boxes",))
    counts = np.bincount(recipe.sample(1, 0, 60_000)["n_boxes"], minlength=6)
    assert counts.size == 6
    # Five degrees of freedom: 30 has a chance of 1.5e-5.
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 30


@pytest.mark.parametrize(
    "targets", [("mask",), ("boxes",), ("n_boxes", "mask"), ("boxes", "label")]
)
def test_what_is_asked_for_alone_is_the_same(targets: tuple[str, ...]) -> None:
    whole = RECIPE.sample(3, 100, 200)
    some = dataclasses.replace(RECIPE, targets=targets).sample(3, 100, 200, n_threads=2)
    for name in some.keys():  # noqa: SIM118  (a batch iterates over its arrays)
        assert some[name].tobytes() == whole[name].tobytes(), name


def test_a_padded_list_brings_its_count() -> None:
    assert tuple(dataclasses.replace(RECIPE, targets=("boxes",)).spec) == (
        *("views", "boxes", "n_boxes"),
    )


def test_discs_beside_other_discs_and_several_views() -> None:
    camera = dataclasses.replace(CAMERA, stereo_deg=90.0)
    few = dataclasses.replace(DISCS, number=(1, 2))
    recipe = nt.Recipe({"few": few, "many": dataclasses.replace(DISCS, number=(4, 5))}, camera)
    # Padded lists of different lengths are no target of both.
    assert tuple(recipe.spec) == ("views", "label", "angle_rad")
    with pytest.raises(ValueError, match=r"targets must have one shape in all classes, and boxes"):
        dataclasses.replace(recipe, targets=("boxes",))
    batch = dataclasses.replace(recipe, targets=("label", "mask")).sample(1, 0, 50)
    assert set(batch.label) == {0, 1}
    np.testing.assert_allclose(
        batch.views[:, 1], np.rot90(batch.views[:, 0], -1, axes=(1, 2)), atol=2e-3
    )


def test_discs_beside_particles() -> None:
    recipe = nt.Recipe({"discs": DISCS, "particle": nt.Particle(nt.Outline())}, CAMERA)
    alone = nt.Recipe({"particle": nt.Particle(nt.Outline())}, CAMERA, normalise="none")
    mixed = dataclasses.replace(recipe, normalise="none").sample(4, 0, 100)
    other = alone.sample(4, 0, 100)
    for i in np.flatnonzero(mixed.label == 1):
        assert mixed.views[i].tobytes() == other.views[i].tobytes()
    with pytest.raises(ValueError, match="targets must be what a discs and particle has"):
        dataclasses.replace(recipe, targets=("mask",))


@pytest.mark.parametrize("change", [{"centring": True}, {"projected": True}])
def test_views_without_fixed_places_have_no_masks(change: dict[str, Any]) -> None:
    camera = dataclasses.replace(CAMERA, **change)
    with pytest.raises(ValueError, match=r"targets must be what a discs has: label, angle_rad\."):
        nt.Recipe({"discs": DISCS}, camera, targets=("mask",))


def test_a_line_of_bins_sees_discs() -> None:
    detector = nt.Detector(n_bins=128, angles_deg=(0, 90), noise=0, blur_sigma_px=0, shift_std=0)
    recipe = nt.Recipe({"discs": DISCS}, detector, normalise="none")
    for i, views in enumerate(recipe.sample(9, 0, 20).views):
        area = (np.pi * drawn(DISCS, 9, i)[:, 2] ** 2).sum()
        wide = nt.Recipe(
            {"discs": DISCS}, dataclasses.replace(detector, lower=-3, upper=3), normalise="none"
        )
        views = wide.sample(9, i, 1).views[0] - detector.background
        np.testing.assert_allclose(views.sum(axis=1) * 6 / 127, area, rtol=0.03, atol=0.01)
    with pytest.raises(ValueError, match="targets must be what a discs has: label, angle_rad"):
        nt.Recipe({"discs": DISCS}, detector, targets=("mask",))


@dataclasses.dataclass(frozen=True)
class Points(Scene):
    """A scene that no instrument sees."""

    kind = "points"
    geometry = "points"

    def truths(self, frame: Frame) -> tuple[Any, ...]:
        return ()

    def extent(self) -> Extent:
        return Extent(1.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize("instrument", [CAMERA, nt.Detector()])
def test_an_instrument_refuses_what_it_cannot_see(instrument: Any) -> None:
    name = type(instrument).__name__
    with pytest.raises(ValueError, match=f"a {name} sees rings; a Points consists of points"):
        nt.Recipe({"points": Points()}, instrument)


def test_json_and_digest() -> None:
    value = json.loads(RECIPE.to_json())
    assert value["classes"][0]["kind"] == "discs"
    assert value["classes"][0]["version"] == 1
    assert nt.Recipe.from_json(RECIPE.to_json()) == RECIPE
    changes: list[dict[str, Any]] = [
        {"number": (0, 4)}, {"radius": 0.2}, {"radius_std": 0.2}, {"spread": 1},
    ]  # fmt: skip
    for change in changes:
        other = nt.Recipe({"discs": dataclasses.replace(DISCS, **change)}, CAMERA)
        assert other.digest != nt.Recipe({"discs": DISCS}, CAMERA).digest


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("number", (3, 2), ValueError),
        ("number", (0, 0), ValueError),
        ("number", (0, 65), ValueError),
        ("number", (-1, 2), ValueError),
        ("number", (1, 2, 3), ValueError),
        ("number", 3, TypeError),
        ("number", (1.5, 2), TypeError),
        ("radius", 0, ValueError),
        ("radius", float("nan"), ValueError),
        ("radius_std", -0.1, ValueError),
        ("spread", 0, ValueError),
        ("spread", "wide", TypeError),
    ],
)
def test_bad_fields_are_named(field: str, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=rf"^{field}.*Received: {field}"):
        nt.Discs(**{field: value})


FINGERPRINT = """
import hashlib, test_discs
batch = test_discs.RECIPE.sample(5, 7, 300)
print(hashlib.sha256(b"".join(values.tobytes() for values in batch)).hexdigest())
"""


def test_same_bits_at_every_level_and_on_every_number_of_threads(run_python: RunPython) -> None:
    path = os.pathsep.join((os.path.dirname(__file__), os.environ["PYTHONPATH"]))
    found = {
        run_python(FINGERPRINT, NANOTILT_SIMD=level, NANOTILT_NUM_THREADS=n, PYTHONPATH=path)
        for level in _core.build_info()["simd_levels"]
        for n in ("1", "3")
    }
    assert found == {KNOWN}


KNOWN = "1e8492aedf279146a41fd15d5bf8737cbb71fe9299a30fc3dde9bd940e94b8c0"
"""Of version 1 of discs and version 3 of cameras."""
