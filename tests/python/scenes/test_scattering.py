"""X-ray scattering against a slow oracle, and what must hold whatever draws it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage, stats

import nanotilt as nt
from nanotilt.scenes.scattering_terms import CONTRIBUTIONS, KINDS, TAGS
from oracle_random import Position
from oracle_scattering import Scatter, kernel

NOTHING: dict[str, Any] = {
    "diffuse": 0.0, "background": 0.0, "streaks": 0.0, "zingers": 0.0, "stops": 0.0, "edges": 0.0,
    "calibration": 0.0, "calibration_first": False, "beam_counts": 0.0, "further": 0.0,
}  # fmt: skip
TARGETS = ("tags", "snr", "parameters", "n_parameters", "run", "beam", "clean")


def only(kind: str, **more: Any) -> nt.Scattering:
    """A scene of one kind of contribution alone."""
    return nt.Scattering(contributions={kind: 1.0}, **{**NOTHING, **more})


def seen(scene: nt.Scattering, detector: nt.AreaDetector, **fields: Any) -> nt.Recipe:
    values: dict[str, Any] = {"normalise": "none", "targets": TARGETS, **fields}
    return nt.Recipe({"sample": scene}, detector, **values)


SCENES = {
    **{kind: only(kind) for kind in CONTRIBUTIONS},
    "diffuse": only("spheres", diffuse=1.0),
    "background": only("spheres", background=1.0),
    "streaks": only("spheres", streaks=1.0),
    "stops": only("ring", stops=1.0, edges=0.5, beam_counts=1e5, images_per_run=1),
    "silver behenate": only("spheres", calibration=1.0),
}


@pytest.mark.parametrize("name", SCENES)
def test_rates_and_ratios_are_those_of_the_oracle(name: str) -> None:
    """Close to the beam, powers of q change within a pixel, and tables are too coarse."""
    detector = nt.AreaDetector(64)
    n = 5 if name in CONTRIBUTIONS else 10
    batch = seen(SCENES[name], detector).sample(5, 0, n)
    for i in range(n):
        oracle = Scatter(detector, batch, i, Position(5, i))
        expected = oracle.expected()
        off = np.abs(expected - batch["clean"][i, 0])
        away = oracle.r > 2.0
        assert off[away].max() < 0.08 * expected.max()
        assert off[away].sum() < 0.01 * expected.sum()
        ratios = oracle.ratios()
        np.testing.assert_allclose(batch["snr"][i], ratios, rtol=0.02, atol=0.02)


@pytest.mark.parametrize(("m", "eta"), [(2, 0.3), (4, 0.95), (10, 0.05)])
def test_harmonics_of_the_kernel(m: int, eta: float) -> None:
    """Order k m of the azimuth has weight eta^|k|; in images, too."""
    chi = 2 * np.pi * np.arange(2048) / 2048
    weights = np.fft.rfft(kernel(m * chi, eta)) / chi.size
    k = np.arange(8)
    np.testing.assert_allclose(weights[k * m], eta**k, atol=1e-12)
    np.testing.assert_allclose(np.abs(np.delete(weights[: 8 * m], k * m)), 0, atol=1e-12)


def test_a_halo_has_the_harmonics_that_its_parameters_tell() -> None:
    recipe = seen(only("halo", images_per_run=1), nt.AreaDetector(256))
    batch = recipe.sample(11, 0, 250)
    compared = 0
    for i in range(250):
        row = batch["parameters"][i, 0]
        x, y = batch["beam"][i]
        if not (80 < x < 175 and 80 < y < 175):
            continue
        m, eta, chi0 = int(row[4]), float(row[5]), float(row[6])
        chi = 2 * np.pi * np.arange(720) / 720
        places = np.stack([y + 60 * np.cos(chi), x + 60 * np.sin(chi)])
        ring = ndimage.map_coordinates(batch["clean"][i, 0].astype(float), places, order=3)
        if ring.mean() < 10:
            continue
        weights = np.fft.fft(ring) / ring.sum()
        for k in (1, 2):
            assert weights[k * m] == pytest.approx(eta**k * np.exp(-1j * k * m * chi0), abs=0.02)
        compared += 1
    assert compared > 2


@pytest.mark.parametrize("tags", ["visible", "legacy"])
def test_a_scene_is_the_same_at_every_resolution(tags: Any) -> None:
    """Its parameters exactly; what is seen, but for features as narrow as a pixel."""
    wanted = tuple(name for name in TARGETS if name != "clean")
    few, many = (
        nt.recipes.scattering(n, tags=tags, targets=wanted).sample(3, 1, 48) for n in (128, 512)
    )
    for name in ("parameters", "n_parameters", "run"):
        assert few[name].tobytes() == many[name].tobytes()
    np.testing.assert_allclose((few["beam"] + 0.5) / 128, (many["beam"] + 0.5) / 512, rtol=1e-6)
    assert (few["tags"] == many["tags"]).mean() > 0.98
    both = (few["snr"] > 5) & (many["snr"] > 5)
    assert np.median(many["snr"][both] / few["snr"][both]) == pytest.approx(1, abs=0.02)


def test_binned_pixels_count_as_much_as_large_ones() -> None:
    """1,024 pixels, four by four together, and 256: away from the beam and from narrow rings."""
    scene = only("halo", stops=1.0, diffuse=0.0)
    fine, coarse = (
        seen(scene, nt.AreaDetector(n, 75 * 256 / n), targets=("clean", "beam")).sample(4, 0, 6)
        for n in (1024, 256)
    )
    binned = fine["clean"].reshape(6, 256, 4, 256, 4).sum(axis=(2, 4))
    place = np.arange(256)
    x, y = np.moveaxis(coarse["beam"], -1, 0)[..., None, None]
    away = np.hypot(place - x, place[:, None] - y) > 40
    np.testing.assert_allclose(binned[away], coarse["clean"][:, 0][away], rtol=0.05, atol=0.3)
    assert binned[away].sum() == pytest.approx(coarse["clean"][:, 0][away].sum(), rel=1e-3)
    counted = fine.views.astype(float).reshape(6, 256, 4, 256, 4).sum(axis=(2, 4))
    bright = away & (coarse["clean"][:, 0] > 5)
    off = ((counted - coarse["clean"][:, 0]) / np.sqrt(np.maximum(coarse["clean"][:, 0], 5)))[
        bright
    ]
    assert off.std() == pytest.approx(1, abs=0.03)
    assert abs(off.mean()) < 0.02


def test_exposures() -> None:
    """As much light for each solid angle, or for each pixel."""
    solid, pixel = (
        seen(only("halo"), nt.AreaDetector(64, 37.5, exposure=exposure), targets=("clean",))
        for exposure in ("solid angle", "per pixel")
    )
    bright = pixel.sample(1, 0, 4)["clean"]
    np.testing.assert_allclose(solid.sample(1, 0, 4)["clean"] * 4, bright, rtol=1e-5)


@pytest.mark.parametrize("counting", ["fast", "exact"])
def test_counts_are_poisson_distributed(counting: Any) -> None:
    """Chi-square of the counts' places in their own distributions, by rate."""
    recipe = seen(
        nt.Scattering(), nt.AreaDetector(128, 150.0, counting=counting), targets=("clean",)
    )
    batch = recipe.sample(9, 1, 12)
    rate, counts = batch["clean"].astype(float).ravel(), batch.views.astype(float).ravel()
    random = np.random.default_rng(1)
    for low, high in ((0.05, 1), (1, 12), (12, 100), (100, 5000)):
        here = (rate >= low) & (rate < high)
        assert here.sum() > 1000
        below = stats.poisson.cdf(counts[here] - 1, rate[here])
        at = stats.poisson.pmf(counts[here], rate[here])
        place = below + random.random(below.size) * at
        found = np.bincount((place * 16).astype(int).clip(0, 15), minlength=16)
        assert stats.chisquare(found).pvalue > 1e-4


def test_tags_of_what_is_seen() -> None:
    batch = nt.recipes.scattering(64, targets=("tags", "snr")).sample(1, 0, 200)
    np.testing.assert_array_equal(batch["tags"], batch["snr"] >= 5)


def test_shares_of_legacy_tags() -> None:
    """As measured on 3,000 images of an independent simulation, four standard errors either way.

    Lattices are normalised by their own largest value here and by the frame's there.
    """
    measured = np.array([.130, .084, .225, .568, .588, .143, .126, .253, .108, .076])  # fmt: skip
    n = 1500
    recipe = nt.recipes.scattering(96, tags="legacy", targets=("tags",))
    found = recipe.sample(2, 0, n)["tags"].mean(axis=0)
    error = np.sqrt(measured * (1 - measured) * (1 / n + 1 / 3000))
    assert np.all(np.abs(found - measured) < 4 * error + 0.015), dict(zip(TAGS, found, strict=True))


def test_images_of_a_run_share_beam_and_stop() -> None:
    batch = seen(nt.Scattering(images_per_run=8), nt.AreaDetector(32), targets=TARGETS[2:]).sample(
        6, 3, 30
    )
    np.testing.assert_array_equal(batch["run"], (np.arange(30) + 3) // 8)
    for run in range(5):
        assert len(np.unique(batch["beam"][batch["run"] == run], axis=0)) == 1
    assert len(np.unique(batch["beam"], axis=0)) == 5
    first = (np.arange(30) + 3) % 8 == 0
    behenate = batch["parameters"][:, 0, 0] == KINDS.index("silver behenate")
    assert behenate[first].all()


def test_kinds_of_contributions_come_by_their_shares() -> None:
    scene = dataclasses.replace(SCENES["ring"], contributions=None, further=0.3)
    batch = seen(scene, nt.AreaDetector(32), targets=("parameters", "n_parameters")).sample(
        1, 0, 4000
    )
    kinds = [
        kind for i in range(4000) for kind in batch["parameters"][i, : batch["n_parameters"][i], 0]
    ]
    found = np.bincount(np.array([int(kind) for kind in kinds if kind < 10]), minlength=10)
    shares = np.array(list(CONTRIBUTIONS.values()))
    assert stats.chisquare(found, shares / shares.sum() * found.sum()).pvalue > 1e-4
    assert found.sum() / 4000 == pytest.approx(1.3, abs=0.04)


def test_logarithms() -> None:
    counted = nt.recipes.scattering(64)
    plain = dataclasses.replace(counted, normalise="none")
    logarithm: npt.NDArray[np.float64] = np.log1p(plain.sample(8, 2, 3).views) / np.log(65536)
    np.testing.assert_allclose(counted.sample(8, 2, 3).views, logarithm, atol=1e-6)


def test_zingers_fill_pixels() -> None:
    scene = only("spheres", zingers=1.0)
    for n in (256, 64):
        batch = seen(scene, nt.AreaDetector(n, 75 * 256 / n)).sample(3, 0, 20)
        full = (batch.views >= 65000).sum() / 20
        assert full == pytest.approx(0.0005 * 256**2, rel=0.12)
