"""Fields of particles: against an oracle in NumPy, known sizes, distributions, what is refused."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from scipy import ndimage, stats

import nanotilt as nt
import oracle_field
from nanotilt.scenes.field_terms import COLUMNS, SOLIDS
from oracle_random import Position

COLUMN = {name: i for i, name in enumerate(COLUMNS)}
FREE = nt.Field(number=14, placing="free")
QUIET: dict[str, Any] = {"texture_rms": 0.0, "ramp_std": 0.0}
STEADY: dict[str, Any] = {"jitter_px": 0.0, "drift_px": 0.0, "dose": None}
ONLY: dict[str, dict[str, Any]] = {
    kind: {other: float(other == kind) for other in ("ellipsoids", "rods", "polyhedra", "rough")}
    for kind in ("ellipsoids", "rods", "polyhedra", "rough")
}


def recipe(field: nt.Field, camera: nt.ScanningCamera, *targets: str) -> nt.Recipe:
    return nt.Recipe({"field": field}, camera, normalise="none", targets=targets)


CAMERAS = {
    "dark field": nt.ScanningCamera(64, dose=None),
    "bright field": nt.ScanningCamera(50, dose=None, mode="bright_field", mains_px=1.5),
    "edges": nt.ScanningCamera(64, dose=None, mode="edges", flyback_px=4.0, blur_sigma_px=1.3),
    "straight masks": nt.ScanningCamera(64, dose=None, labels="true", drift_px=3.0),
}


@pytest.mark.parametrize("sample", range(4))
@pytest.mark.parametrize("name", CAMERAS)
def test_images_and_masks_are_those_of_the_oracle(name: str, sample: int) -> None:
    camera = CAMERAS[name]
    field = dataclasses.replace(FREE, rough_thickness_px=3.0 if name == "edges" else 0.0)
    batch = recipe(field, camera, "clean", "instance", "depth").sample(5, sample, 1)
    expected = oracle_field.seen(field, camera, 5, sample)
    # A polyhedron's facet that stands nearly upright leaves out up to 2 px beside its edge.
    difference = np.abs(batch["clean"][0] - expected.clean)
    # Edges shine by a slope that has no bound at the outline, so that the table of 256 distances of
    # a rough one shows.
    assert np.quantile(difference, 0.99) < (4e-3 if name == "edges" else 2e-4)
    assert difference.max() < (0.2 if name == "edges" else 0.02)
    assert np.abs(batch["depth"][0] - expected.depth).max() < 2e-3
    certain = expected.depth > 0.01
    same = batch["instance"][0] == expected.instance
    assert same[certain].mean() > 0.995  # where two are equally deep, either may own the pixel
    np.testing.assert_array_equal(batch.views[0, 0], batch["clean"][0])


@pytest.mark.parametrize("contrast", [-100.0, -1.0, 100.0])
def test_bright_fields_are_finite_whatever_the_contrast(contrast: float) -> None:
    """The exponent is held within +-16; -100 once gave images that were not finite."""
    field = dataclasses.replace(FREE, number=40, contrast=contrast, **QUIET)
    camera = nt.ScanningCamera(64, mode="bright_field", blur_sigma_px=0.0, **STEADY)
    views = recipe(field, camera, "instance").sample(1, 0, 4)
    outside = views["instance"] == 0
    assert np.isfinite(views.views).all()
    np.testing.assert_array_equal(views.views[:, 0][outside], 1)
    brightest, darkest = views.views.max(), views.views.min()
    if contrast == -100:
        assert brightest == pytest.approx(math.exp(16), rel=1e-6)
    assert (brightest > 1) == (contrast < 0)
    assert darkest == (1 if contrast < 0 else np.float32(0.05))


@pytest.mark.parametrize("kind", ONLY)
def test_the_image_holds_the_volume_of_the_table(kind: str) -> None:
    """Pixel sums are volumes within 0.3 % at a radius of 12."""
    field = nt.Field(
        number=1, radius_px=12, radius_log_std=0.0, contrast=1.0, rod_aspect=(2, 2.5),
        **ONLY[kind], **QUIET,
    )  # fmt: skip
    camera = nt.ScanningCamera(128, blur_sigma_px=0.0, **STEADY)
    batch = recipe(field, camera, "table", "n_table", "clean").sample(3, 0, 60)
    alone = (batch["n_table"] == 1) & (batch["table"][:, 0, COLUMN["touches_rim"]] == 0)
    assert alone.sum() > 8
    volumes = batch["table"][alone, 0, COLUMN["volume"]]
    sums = (batch["clean"][alone] - 1).sum(axis=(1, 2)) * 24
    np.testing.assert_allclose(sums, volumes, rtol=6e-3)
    assert abs((sums / volumes).mean() - 1) < 3e-3


def test_all_solids_have_the_volume_of_the_sphere() -> None:
    for solid in SOLIDS:
        field = nt.Field(
            number=1, radius_px=14, radius_log_std=0.0, contrast=1.0, solids=(solid,),
            **ONLY["polyhedra"], **QUIET,
        )  # fmt: skip
        camera = nt.ScanningCamera(128, blur_sigma_px=0.0, **STEADY)
        batch = recipe(field, camera, "table", "n_table", "clean").sample(4, 0, 60)
        alone = (batch["n_table"] == 1) & (batch["table"][:, 0, COLUMN["touches_rim"]] == 0)
        sums = (batch["clean"][alone] - 1).sum(axis=(1, 2)) * 28
        np.testing.assert_allclose(sums, 4 / 3 * math.pi * 14**3, rtol=1.5e-2)
        assert abs(sums.mean() / (4 / 3 * math.pi * 14**3) - 1) < 4e-3, solid


@pytest.mark.parametrize("kind", ONLY)
def test_masks_have_the_sizes_of_the_table(kind: str) -> None:
    """Mean diameter within 0.1 %, each within 1.2 % rms at a radius of 5: pixels count middles."""
    field = nt.Field(number=25, gap_px=2, radius_log_std=0.1, **ONLY[kind])
    batch = recipe(field, nt.ScanningCamera(**STEADY), "instance", "table", "n_table").sample(
        3, 0, 24
    )
    ratios = []
    for instance, table, n in zip(batch["instance"], batch["table"], batch["n_table"], strict=True):
        inside = table[:n][table[:n, COLUMN["touches_rim"]] == 0]
        areas = np.bincount(instance.ravel(), minlength=int(table[:, 0].max()) + 1)
        pixels = areas[inside[:, COLUMN["id"]].astype(int)]
        ratios.append(2 * np.sqrt(pixels / math.pi) / inside[:, COLUMN["diameter"]])
        x_of = ndimage.mean(
            np.broadcast_to(np.arange(128) + 0.5, (128, 128)), instance, inside[:, COLUMN["id"]]
        )
        assert np.abs(x_of - inside[:, COLUMN["x"]]).max() < 0.5
    ratio = np.concatenate(ratios)
    assert len(ratio) > 200
    assert abs(ratio.mean() - 1) < 1e-3 + 3 * ratio.std() / math.sqrt(len(ratio))
    assert ratio.std() < 0.012


@pytest.mark.parametrize("kind", ONLY)
def test_the_table_is_what_shapely_measures(kind: str) -> None:
    """Outlines at 400 px across, followed point by point."""
    from shapely.geometry import Polygon

    field = nt.Field(
        number=1, radius_px=100, radius_log_std=0.0, rod_aspect=(2, 2.2), **ONLY[kind], **QUIET
    )
    camera = nt.ScanningCamera(1024, **STEADY)
    batch = recipe(field, camera, "table", "n_table").sample(6, 0, 24)
    seen = 0
    for sample in np.flatnonzero(batch["n_table"] == 1):
        row = dict(zip(COLUMNS, batch["table"][sample, 0], strict=True))
        body = oracle_field.shaped(field, Position(6, int(sample)), int(row["id"]) - 1)
        angle = 2 * math.pi * np.arange(1500) / 1500
        # The gauge grows along a ray from the middle, so the outline is where it is 1.
        low, high = np.zeros(1500), np.full(1500, 400.0)
        for _ in range(30):
            middle = 0.5 * (low + high)
            inside = body.at(middle * np.cos(angle), middle * np.sin(angle))[1] < 1
            low, high = np.where(inside, middle, low), np.where(inside, high, middle)
        outline = Polygon(np.column_stack([low * np.cos(angle), low * np.sin(angle)]))
        assert row["area"] == pytest.approx(outline.area, rel=2e-3)
        assert row["perimeter"] == pytest.approx(outline.length, rel=6e-3)
        points = np.array(outline.exterior.coords)
        directions = np.linspace(0, math.pi, 720, endpoint=False)
        along = points @ np.array([np.cos(directions), np.sin(directions)])
        widths = np.ptp(along, axis=0)
        assert row["feret_max"] == pytest.approx(widths.max(), rel=5e-3)  # 32 directions
        assert row["feret_min"] == pytest.approx(widths.min(), rel=1e-2)
        circle = 4 * math.pi * outline.area / outline.length**2
        assert row["circularity"] == pytest.approx(circle, rel=1e-2)
        # Second moments by a fine grid.
        grid = np.linspace(-320, 320, 257)
        x, y = np.meshgrid(grid, grid)
        within = body.at(x.ravel(), y.ravel())[1] < 1
        moments = np.linalg.eigh(np.cov(np.stack([x.ravel()[within], y.ravel()[within]])))
        minor, major = 4 * np.sqrt(moments.eigenvalues)
        assert row["major"] == pytest.approx(major, rel=5e-3)
        assert row["minor"] == pytest.approx(minor, rel=5e-3)
        if major > 1.1 * minor:
            axis = moments.eigenvectors[:, 1]
            turned = math.atan2(axis[1], axis[0]) - row["orientation"]
            assert abs(math.sin(turned)) < 0.02
        seen += 1
    assert seen >= 5


def test_sizes_are_log_normal_and_numbers_poisson() -> None:
    field = nt.Field(number=8, placing="free", **ONLY["ellipsoids"], axis_log_std=0.0)
    batch = recipe(field, nt.ScanningCamera(256, **STEADY), "table", "n_table").sample(1, 0, 1500)
    n = batch["n_table"]
    counts = np.bincount(n, minlength=26)[:26]
    expected = stats.poisson.pmf(np.arange(26), 8) * len(n)
    common = expected > 5
    chi2 = ((counts - expected)[common] ** 2 / expected[common]).sum()
    assert stats.chi2.sf(chi2, common.sum()) > 1e-4
    rows = np.concatenate([table[:k] for table, k in zip(batch["table"], n, strict=True)])
    # The visible ones alone are listed, which few are not: behind another, or beyond the rim.
    logs = np.log(rows[:, COLUMN["diameter"]] / 10)
    assert stats.kstest(logs / 0.25, "norm").pvalue > 1e-4
    places = rows[:, [COLUMN["x"], COLUMN["y"]]].ravel() / 256
    assert stats.kstest(places, "uniform").pvalue > 1e-4


def test_particles_placed_apart_are_apart() -> None:
    field = nt.Field(number=50, gap_px=1.5, rods=1.0, rod_aspect=(3, 4))
    batch = recipe(field, nt.ScanningCamera(**STEADY), "table", "n_table", "instance").sample(
        2, 0, 20
    )
    for table, n, instance in zip(batch["table"], batch["n_table"], batch["instance"], strict=True):
        assert table[:n, COLUMN["gap"]].min() >= 1.5 - 1e-3
        # Nor do masks touch: 1.5 px is more than the diagonal of a pixel.
        right, below = instance[:, 1:], instance[1:]
        for one, other in ((instance[:, :-1], right), (instance[:-1], below)):
            assert not np.any((one != other) & (one > 0) & (other > 0))


def test_lattices_are_hexagonal_and_clusters_are_not() -> None:
    ratios = {}
    for placing in ("lattice", "free", "clusters"):
        field = nt.Field(number=100, placing=placing, lattice_jitter=0.02)
        camera = nt.ScanningCamera(512, **STEADY)
        batch = recipe(field, camera, "table", "n_table").sample(1, 0, 12)
        found = []
        for table, n in zip(batch["table"], batch["n_table"], strict=True):
            places = table[:n, [COLUMN["x"], COLUMN["y"]]]
            inner = ((places > 60) & (places < 452)).all(axis=1)
            distances = np.linalg.norm(places[inner, None] - places[None], axis=-1)
            nearest = np.sort(distances, axis=1)[:, 1]
            found.append(nearest.mean() * 2 * math.sqrt(100) / 512)
        ratios[placing] = float(np.mean(found))
    assert ratios["lattice"] == pytest.approx(math.sqrt(2 / math.sqrt(3)) * 2, rel=0.05)  # 2.149
    assert ratios["free"] == pytest.approx(1, abs=0.1)
    assert ratios["clusters"] < 0.7


def test_counts_are_poisson() -> None:
    """Of a bare support, by chi-square, over doses from few to many electrons."""
    for dose in (0.7, 12.0, 80.0):
        field = nt.Field(number=0, **QUIET)
        camera = nt.ScanningCamera(128, dose=dose, blur_sigma_px=0.0)
        counts = np.rint(recipe(field, camera).sample(1, 0, 40).views * dose).astype(int).ravel()
        last = int(counts.max()) + 1
        expected = stats.poisson.pmf(np.arange(last), dose) * counts.size
        common = expected > 10
        observed = np.bincount(counts, minlength=last)[:last]
        chi2 = ((observed - expected)[common] ** 2 / expected[common]).sum()
        assert stats.chi2.sf(chi2, common.sum()) > 1e-4, dose


def test_detectors_saturate_and_round() -> None:
    camera = nt.ScanningCamera(64, dose=30.0, saturation=1.5, bits=8, readout_noise=3.0)
    views = recipe(FREE, camera).sample(1, 0, 4).views
    levels = views / 1.5 * 255
    assert np.abs(levels - np.rint(levels)).max() < 1e-3
    assert views.min() >= 0
    assert views.max() == pytest.approx(1.5)


def test_doses_are_log_uniform_and_told() -> None:
    batch = recipe(nt.Field(number=0), nt.ScanningCamera(32, dose=(2.0, 50.0)), "dose").sample(
        1, 0, 2000
    )
    share = np.log(batch["dose"] / 2) / math.log(25)
    assert stats.kstest(share, "uniform").pvalue > 1e-4


def test_boundaries_distances_and_rays_follow_from_the_masks() -> None:
    names = ("instance", "boundary", "distance", "rays", "boxes", "n_boxes", "centres", "table")
    batch = recipe(FREE, nt.ScanningCamera(48, **STEADY), *names).sample(2, 0, 4)
    for i in range(4):
        instance = batch["instance"][i].astype(int)
        border = np.zeros(instance.shape, bool)
        distance = np.zeros(instance.shape)
        for number in np.unique(instance[instance > 0]):
            own = instance == number
            # Beyond the image's edge there is nothing that could be nearer.
            padded = np.pad(own, 1, mode="edge")
            border |= own & ~ndimage.binary_erosion(padded)[1:-1, 1:-1]
            if not own.all():
                distance[own] = ndimage.distance_transform_edt(own)[own]
        np.testing.assert_array_equal(batch["boundary"][i], border)
        np.testing.assert_allclose(batch["distance"][i], distance, rtol=1e-6)
        for row, column in np.argwhere(instance[::2, ::2] > 0)[::7] * 2:
            for k in range(32):
                step = np.array([math.sin(math.tau * k / 32), math.cos(math.tau * k / 32)])
                steps = 1
                while True:
                    y, x = np.floor([row + 0.5, column + 0.5] + steps * step).astype(int)
                    inside = 0 <= y < 48 and 0 <= x < 48
                    if not inside or instance[y, x] != instance[row, column]:
                        break
                    steps += 1
                got = batch["rays"][i, row // 2, column // 2, k]
                assert abs(got - steps) <= (1 if k % 8 == 4 else 0)  # through a corner: either way
        numbers = np.unique(instance[instance > 0])
        boxes = ndimage.find_objects(instance)
        n = batch["n_boxes"][i]
        assert n == len(numbers)
        ids = batch["table"][i, :n, COLUMN["id"]].astype(int)
        for box, number in zip(batch["boxes"][i, :n], ids, strict=True):
            rows, columns = boxes[number - 1]
            assert tuple(box) == (columns.start, rows.start, columns.stop, rows.stop)
        assert not batch["boxes"][i, n:].any()
        for row in batch["table"][i, :n]:
            x, y = row[COLUMN["x"]], row[COLUMN["y"]]
            if 1 < x < 47 and 1 < y < 47 and row[COLUMN["kind"]] != 3:
                assert batch["centres"][i, int(y), int(x)] > 0.75
