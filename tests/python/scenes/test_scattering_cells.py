"""Polar cells and Fourier-Bessel coefficients as outputs of a stream.

They are what networks read that do not see images.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import nanotilt as nt

Array = npt.NDArray[Any]

TARGETS = ("tags", "run", "beam", "polar", "coefficients")


def recipe(n_pixels: int = 64, **of_detector: Any) -> nt.Recipe:
    """With pixels in detector's counts, so that cells can be made of views."""
    known = nt.recipes.scattering(n_pixels, targets=TARGETS)
    assert isinstance(known.detector, nt.AreaDetector)
    detector = dataclasses.replace(known.detector, **of_detector)
    return nt.Recipe(known.classes, detector, normalise=(0.0, 1.0), targets=TARGETS)


def radii(detector: nt.AreaDetector) -> tuple[float, float]:
    """Of the smallest and the largest q, in pixels: q = 2 k sin(theta / 2), r = L tan(theta)."""
    k = 2 * np.pi * detector.energy_kev / 12.398419
    theta = 2 * np.arcsin(np.array(detector.q_range) / (2 * k))
    low, high = np.tan(theta) * detector.distance_m / (detector.pixel_um * 1e-6)
    return float(low), float(high)


@pytest.mark.parametrize(
    "of_detector",
    [{}, {"n_radii": 20, "n_azimuths": 9, "q_range": (0.004, 0.09)}, {"distance_m": 0.3}],
)
def test_polar_cells_are_means_over_what_is_counted(of_detector: dict[str, Any]) -> None:
    asked = recipe(**of_detector)
    detector = asked.detector
    assert isinstance(detector, nt.AreaDetector)
    batch = asked.sample(3, 0, 6)
    own = (75.0 / detector.pixel_um) ** 2
    for i in range(6):
        cells = nt.polar_bins(
            batch.views[i, 0], batch["beam"][i], detector.n_radii, detector.n_azimuths,
            radii(detector), spacing="log", half_turn=True,
        )  # fmt: skip
        mean, size = batch["polar"][i]
        # The beam is told in float32: a pixel in ten thousand may change its cell.
        assert np.abs(size * own - cells.n_pixels).sum() <= 4
        same = size * own == cells.n_pixels
        assert same.mean() > 0.98
        np.testing.assert_allclose(mean[same], own * cells.mean[same], rtol=2e-6, atol=1e-6)


def test_cells_hold_all_counts_between_their_radii() -> None:
    asked = recipe(q_range=(1e-5, 1.5))
    batch = asked.sample(1, 0, 4)
    found = (batch["polar"][:, 0].astype(float) * batch["polar"][:, 1]).sum(axis=(1, 2))
    np.testing.assert_allclose(found, batch.views.sum(axis=(1, 2, 3), dtype=float), rtol=1e-5)


def test_coefficients_are_those_of_the_disc() -> None:
    """Beside pixel by pixel sums on a smooth pattern; unseen cells are 0 in both."""
    scene = nt.Scattering(
        contributions={"halo": 1.0}, diffuse=0, background=0, streaks=0, zingers=0, stops=0,
        edges=0, calibration=0, calibration_first=False, beam_counts=0, images_per_run=1,
    )  # fmt: skip
    detector = nt.AreaDetector(192, 100.0, light=300.0)
    asked = nt.Recipe(
        {"halo": scene}, detector, normalise=(0.0, 1.0), targets=("coefficients", "clean", "beam")
    )
    batch = asked.sample(5, 0, 6)
    outer = radii(detector)[1]
    for i in range(6):
        level = np.log1p(batch["clean"][i, 0] * (75 / 100) ** 2) / np.log(65536)
        wanted = nt.fourier_bessel(level, batch["beam"][i], outer, 40, 20) * (100 / 75)
        found = batch["coefficients"][i].view(np.complex64)[..., 0]
        assert found.shape == wanted.shape == (40, 11)
        # Cells at the frame's sides are taken whole, and what is counted is noisy.
        error = np.linalg.norm(found - wanted) / np.linalg.norm(wanted)
        assert error < (0.05 if batch["clean"][i].max() > 10 else 0.1)


def test_cells_and_coefficients_do_not_depend_on_the_number_of_pixels() -> None:
    """Of the same scenes, frames of 4 x 4 times as many pixels have other noise alone."""
    scene = nt.Scattering(background=0.0, zingers=0.0, beam_counts=0.0, calibration_first=False)
    small, large = (
        nt.Recipe(
            {"scattering": scene},
            nt.AreaDetector(n, 75.0 * 256 / n, n_radii=16, n_azimuths=8, light=0.05),
            normalise="log", targets=("polar", "coefficients"),
        )
        for n in (256, 512)
    )  # fmt: skip
    one, other = small.sample(2, 0, 12), large.sample(2, 0, 12)
    sizes = [b["polar"][:, 1].sum(axis=2) for b in (one, other)]
    totals = [(b["polar"][:, 0] * b["polar"][:, 1]).sum(axis=2) for b in (one, other)]
    for i in range(12):
        rings = sizes[1][i] > 100
        np.testing.assert_allclose(sizes[0][i][rings], sizes[1][i][rings], rtol=0.15)
        a, b = (total[i][rings] / size[i][rings] for total, size in zip(totals, sizes, strict=True))
        spread = np.sqrt((totals[0][i] + totals[1][i])[rings]) / sizes[1][i][rings]
        assert (np.abs(a - b) <= 5 * spread + 0.1 * b + 5 / sizes[1][i][rings]).all()
        a, b = one["coefficients"][i, :12, :4], other["coefficients"][i, :12, :4]
        assert np.linalg.norm(a - b) <= 0.1 * np.linalg.norm(b) + 0.2


def test_what_is_asked_beside_changes_no_bit() -> None:
    asked = recipe()
    whole = asked.sample(9, 5, 7)
    data = {name: asked.sample(9, 5 + i, 1)[name] for i in (0,) for name in ("polar",)}
    assert (data["polar"] == whole["polar"][:1]).all()
    for threads in (1, 2):
        again = asked.sample(9, 5, 7, n_threads=threads)
        for name in TARGETS:
            assert (again[name] == whole[name]).all()
    without = nt.Recipe(asked.classes, asked.detector, normalise=(0.0, 1.0), targets=("polar",))
    assert (without.sample(9, 5, 7)["polar"] == whole["polar"]).all()
    assert (without.sample(9, 5, 7).views == whole.views).all()


def test_streams_of_cells_alone() -> None:
    pytest.importorskip("tensorflow")
    asked = nt.recipes.scattering(64, targets=("tags", "polar"))
    data = nt.stream(asked, 4, 8, count=16, give=({"polar"}, "tags"))
    whole = asked.sample(4, 0, 16)
    batches = list(data.as_numpy_iterator())
    assert (np.concatenate([b[0]["polar"] for b in batches]) == whole["polar"]).all()
    assert (np.concatenate([b[1] for b in batches]) == whole["tags"]).all()


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"n_radii": 3}, "n_radii must be"),
        ({"n_azimuths": 129}, "n_azimuths must be"),
        ({"q_range": (0.0, 0.1)}, r"q_range must be .* Received: q_range=\(0.0, 0.1\)"),
        ({"q_range": (0.1, 0.1)}, "q_range must be"),
        ({"q_range": (0.1, 5.0)}, "q_range must be"),
        ({"q_range": (0.1,)}, "q_range must have 2 entries"),
    ],
)
def test_wrong_cells_are_told(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        nt.AreaDetector(**fields)
