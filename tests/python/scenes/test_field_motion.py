"""Videos of fields, scans that leave pixels out, and descriptions that are refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

import nanotilt as nt
from nanotilt.scenes.field_terms import COLUMNS

COLUMN = {name: i for i, name in enumerate(COLUMNS)}
STEADY: dict[str, Any] = {"jitter_px": 0.0, "drift_px": 0.0, "dose": None}


def video(field: nt.Field, n_frames: int, n_pixels: int = 64, count: int = 10) -> nt.Batch:
    camera = nt.ScanningCamera(n_pixels, n_frames, **STEADY)
    targets = ("table", "n_table", "instance", "lineage", "n_lineage")
    recipe = nt.Recipe({"f": field}, camera, normalise="none", targets=targets)
    return recipe.sample(3, 0, count)


def rows(batch: nt.Batch, sample: int, frame: int) -> dict[int, np.ndarray]:
    """The table of one frame by number."""
    table = batch["table"][sample, frame, : batch["n_table"][sample, frame]]
    return {int(row[0]): row for row in table}


def test_steps_are_normal_and_smaller_for_large_bodies() -> None:
    field = nt.Field(
        number=20, placing="free", ellipsoids=1, rods=0, polyhedra=0, rough=0, axis_log_std=0,
        step_px=1.5, flow_px=(0.7, -0.3), max_particles=64,
    )  # fmt: skip
    batch = video(field, 5, 256, 40)
    steps = []
    for sample in range(40):
        for frame in range(1, 5):
            before, after = rows(batch, sample, frame - 1), rows(batch, sample, frame)
            for number in before.keys() & after.keys():
                moved = after[number][2:4] - before[number][2:4] - [0.7, -0.3]
                steps.append(moved / (1.5 * math.sqrt(10 / before[number][COLUMN["diameter"]])))
    all_steps = np.concatenate(steps)
    assert len(all_steps) > 3000
    assert stats.kstest(all_steps, "norm").pvalue > 1e-4


def test_the_stage_moves_all_alike() -> None:
    batch = video(nt.Field(number=12, stage_step_px=2.0), 3)
    before, after = rows(batch, 0, 0), rows(batch, 0, 1)
    moves = [after[n][2:4] - before[n][2:4] for n in before.keys() & after.keys()]
    assert len(moves) > 5
    np.testing.assert_allclose(moves, np.broadcast_to(moves[0], (len(moves), 2)), atol=1e-4)
    assert np.abs(moves[0]).max() > 0.1


def test_merges_keep_volume_and_name_both_parents() -> None:
    field = nt.Field(
        number=10, placing="free", ellipsoids=0, rods=0, polyhedra=0, rough=1, roughness=0.0,
        step_px=3.0, coalescing=True, max_particles=48,
    )  # fmt: skip
    batch = video(field, 8, 96, 30)
    n_merges = 0
    for sample in range(30):
        for frame, child, larger, smaller in batch["lineage"][sample, : batch["n_lineage"][sample]]:
            before, after = rows(batch, sample, frame - 1), rows(batch, sample, frame)
            assert larger not in after
            assert smaller not in after
            if not {larger, smaller} <= before.keys() or child not in after:
                continue  # hidden, or made and merged again in the same frame
            volumes = [before[n][COLUMN["volume"]] for n in (larger, smaller)]
            assert volumes[0] >= volumes[1]
            assert after[child][COLUMN["volume"]] == pytest.approx(sum(volumes), rel=1e-3)
            n_merges += 1
    assert n_merges > 10


def test_births_deaths_growth_and_blinking() -> None:
    base: dict[str, Any] = {"number": 20, "placing": "free", "max_particles": 64}
    dying = video(nt.Field(death=0.2, **base), 2, 128, 200)
    n = dying["n_table"].sum(axis=0)
    assert n[1] / n[0] == pytest.approx(0.8, abs=0.03)
    born = video(nt.Field(births=1.0, **base), 4, 128, 20)
    assert all(max(rows(born, i, 3)) > 64 for i in range(20))  # a number of its own
    grown = video(nt.Field(growth_px3=200.0, **base), 2, 128, 10)
    first, second = rows(grown, 0, 0), rows(grown, 0, 1)
    for number in first.keys() & second.keys():
        kind = first[number][COLUMN["kind"]]
        volume = second[number][COLUMN["volume"]] - first[number][COLUMN["volume"]]
        if kind in (2, 3):
            assert volume == pytest.approx(4 / 3 * math.pi * 200, rel=0.2 if kind == 3 else 1e-2)
    dark = video(nt.Field(blinking=0.5, **base), 2, 128, 200)
    assert dark["n_table"].mean() / dying["n_table"][:, 0].mean() == pytest.approx(0.5, abs=0.03)


def test_a_still_video_repeats_its_bodies_in_other_noise() -> None:
    recipe = nt.Recipe(
        {"f": nt.Field(number=9)}, nt.ScanningCamera(64, 3, dose=20.0, jitter_px=0, drift_px=0),
        normalise="none", targets=("instance",),
    )  # fmt: skip
    batch = recipe.sample(1, 0, 2)
    for frame in (1, 2):
        np.testing.assert_array_equal(batch["instance"][:, 0], batch["instance"][:, frame])
        assert np.mean(batch.views[:, 0] == batch.views[:, frame]) < 0.3


def masks(scan: str, fraction: float, n: int = 64, count: int = 200) -> np.ndarray:
    camera = nt.ScanningCamera(n, scan=scan, fraction=fraction)  # type: ignore[arg-type]
    recipe = nt.Recipe({"f": nt.Field(number=0)}, camera, normalise="none", targets=("scanned",))
    scanned: np.ndarray = recipe.sample(1, 0, count)["scanned"]
    return scanned


@pytest.mark.parametrize("fraction", [0.001, 0.05, 0.3, 1.0])
def test_random_scans_visit_exactly_so_many_pixels_each_equally_often(fraction: float) -> None:
    found = masks("random", fraction)
    wanted = math.floor(fraction * 64 * 64 + 0.5)
    assert (found.sum(axis=(1, 2)) == wanted).all()
    if 0.01 < fraction < 1:
        share = wanted / 64**2
        chi2 = ((found.sum(axis=0) - 200 * share) ** 2 / (200 * share * (1 - share))).sum()
        assert stats.chi2.sf(chi2, 64 * 64 - 1) > 1e-4


@pytest.mark.parametrize("fraction", [0.1, 0.2, 0.5])
def test_line_hops_spirals_and_rows(fraction: float) -> None:
    hops = masks("line_hop", fraction, count=20)
    band = round(1 / fraction)
    for mask in hops:
        for first in range(0, 64, band):
            inside = mask[first : first + band]
            assert (inside.sum(axis=0) == 1).all()
            assert np.abs(np.diff(inside.argmax(axis=0))).max() <= 1
    spirals = masks("spiral", fraction, count=20)
    assert spirals.mean() == pytest.approx(fraction, rel=0.12)
    lines = masks("rows", fraction, count=20)
    assert (lines.min(axis=2) == lines.max(axis=2)).all()
    assert (np.diff(np.flatnonzero(lines[0, :, 0])) == band).all()
    assert len({mask.tobytes() for mask in lines}) > 1


def test_pixels_that_are_not_visited_are_zero_and_the_others_as_before() -> None:
    field, whole = nt.Field(number=9), nt.ScanningCamera(64, dose=30.0)
    part = nt.ScanningCamera(64, dose=30.0, scan="random", fraction=0.4)
    first = nt.Recipe({"f": field}, whole, normalise="none", targets=()).sample(1, 0, 3).views
    batch = nt.Recipe({"f": field}, part, normalise="none", targets=("scanned",)).sample(1, 0, 3)
    np.testing.assert_array_equal(batch.views[:, 0], first[:, 0] * batch["scanned"])


REFUSED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"number": -1}, {}, r"number must be in \[0, 4096\]\. Received: number=-1"),
    ({"number": math.nan}, {}, "number"),
    ({"number": 300}, {}, r"number must be so small that particles which lie apart fit.*300"),
    ({"radius_px": 0.4}, {}, r"radius_px must be in \[0\.5, 1e\+06\]"),
    ({"radius_px": 1e5, "radius_log_std": 2.0}, {}, "radius_log_std must be so small"),
    ({"placing": "near"}, {}, "placing must be"),
    ({"max_particles": 0}, {}, "max_particles must be >= 1"),
    ({"rod_aspect": (3, 2)}, {}, "rod_aspect must be"),
    ({"rod_aspect": (3,)}, {}, "rod_aspect must be"),
    ({"solids": ("ball",)}, {}, r"solids\[0\]"),
    ({"solids": ()}, {}, "solids must hold"),
    ({"flow_px": (1, 2, 3)}, {}, "flow_px must be"),
    ({"ellipsoids": 0, "rods": 0, "polyhedra": 0, "rough": 0}, {}, "must be > 0"),
    ({"births": 1.5}, {"n_frames": 2}, r"births must be in \[0, 1\]"),
    ({"step_px": 1.0}, {}, r"n_frames must be >= 2 for classes\['f'\], which changes"),
    ({}, {"n_pixels": 31}, "n_pixels must be >= 32"),
    ({}, {"n_pixels": 2049}, "n_pixels must be < 2049"),
    ({}, {"n_frames": 4097}, "n_frames must be < 4097"),
    ({}, {"n_frames": 2049}, r"n_frames \* n_pixels\*\*2 must be <= 2\*\*25"),
    ({}, {"fraction": 0.5}, "fraction must be 1 where all pixels are visited"),
    ({}, {"scan": "random", "fraction": 0.0}, r"fraction must be in \[0\.001, 1\]"),
    ({}, {"scan": "random", "fraction": 1.1}, r"fraction must be in \[0\.001, 1\]"),
    ({}, {"dose": 0.0}, r"dose must be a number in \[1e-6, 1e9\]"),
    ({}, {"dose": (3.0, 2.0)}, "dose must be"),
    ({}, {"dose": (1.0, 2.0, 3.0)}, "dose must be"),
    ({}, {"bits": 8}, "bits must be 0, or 8 or 16 with a saturation"),
    ({}, {"bits": 12, "saturation": 2.0}, "bits must be 0, or 8 or 16"),
    ({}, {"mode": "dark"}, "mode must be"),
    ({}, {"pixel_nm": 0.0}, "pixel_nm must be in"),
]


@pytest.mark.parametrize(("scene", "camera", "words"), REFUSED)
def test_refused(scene: dict[str, Any], camera: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        nt.Recipe({"f": nt.Field(**scene)}, nt.ScanningCamera(**camera), normalise="none")


@pytest.mark.parametrize(
    ("scene", "camera", "words"),
    [
        (nt.Field(), nt.Camera(), "a Camera sees rings; a Field consists of bodies"),
        (nt.Field(), nt.Detector(), "a Detector sees rings; a Field consists of bodies"),
        (nt.Discs(), nt.ScanningCamera(), "a ScanningCamera sees bodies; a Discs consists of"),
    ],
)
def test_instruments_that_cannot_see_a_scene(scene: Any, camera: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        nt.Recipe({"f": scene}, camera)


def test_a_target_that_a_field_does_not_have() -> None:
    with pytest.raises(ValueError, match=r"targets must be what a field has.*'lineage'"):
        nt.recipes.particle_field(targets=("lineage",))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", 1e9), ("number", math.nan), ("max_particles", 100_000), ("gap_px", -1.0),
        ("radius_px", 1e30), ("radius_log_std", 1e3), ("solids", (99,)), ("solids", ()),
        ("rod_aspect", (0.0, 1.0)), ("cluster_spread_px", 1e300), ("placing", "there"),
        ("flow_px", (math.inf, 0.0)), ("texture_px", 0.0),
    ],
)  # fmt: skip
def test_the_core_refuses_what_no_description_may_hold(field: str, value: Any) -> None:
    from nanotilt import _core
    from nanotilt.recipes.wire import encoded

    lowered = nt.recipes.particle_field().lowered()
    lowered["scenes"][0][field] = value
    with pytest.raises(ValueError, match=rf"scenes\[0\]\.{field}"):
        _core.Sampler(encoded(lowered))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n_pixels", 1 << 20), ("n_frames", 10**6), ("n_frames", 4000), ("dose", (0.0, 1e300)),
        ("dose", (math.nan, 1.0)), ("n_levels", 1), ("fraction", 0.0), ("mains_rows", 0.0),
        ("blur_sigma_px", 1e6),
    ],
)  # fmt: skip
def test_the_core_refuses_cameras(field: str, value: Any) -> None:
    from nanotilt import _core
    from nanotilt.recipes.wire import encoded

    lowered = nt.recipes.particle_field().lowered()
    lowered["instrument"][field] = value
    with pytest.raises(ValueError, match=rf"instrument\.{field}"):
        _core.Sampler(encoded(lowered))
