"""What the core does for limits: sums over templates, redrawn roughness, parameters drawn."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import nanotilt as nt
from conftest import RunPython
from nanotilt import _core
from nanotilt.limits import variants

NARROWNESS = 0.05
N_WIDTHS = 4

Rows = npt.NDArray[np.float32]


def random_rows(seed: int, n: int, n_values: int) -> Rows:
    rows = 2 * np.random.default_rng(seed).standard_normal((n, n_values), np.float32)
    return rows.astype(np.float32)


def summed(
    samples: Rows, blocks: list[Rows], n_threads: int = 1
) -> tuple[Rows, npt.NDArray[np.float64]]:
    smallest = np.full(len(samples), np.inf, np.float32)
    sums = np.zeros((len(samples), N_WIDTHS))
    for block in blocks:
        _core.add_templates(samples, block, NARROWNESS, smallest, sums, n_threads)
    return smallest, sums


def log_sums(smallest: Rows, sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    widths = NARROWNESS * 2.0 ** np.arange(N_WIDTHS)
    logs: npt.NDArray[np.float64] = np.log(sums) - widths * smallest[:, None].astype(np.float64)
    return logs


def oracle_log_sums(samples: Rows, templates: Rows) -> npt.NDArray[np.float64]:
    difference = samples[:, None].astype(np.float64) - templates[None]
    distance = (difference**2).sum(axis=2)
    exponents = -NARROWNESS * 2.0 ** np.arange(N_WIDTHS) * distance[..., None]
    top = exponents.max(axis=1, keepdims=True)
    logs: npt.NDArray[np.float64] = top[:, 0] + np.log(np.exp(exponents - top).sum(axis=1))
    return logs


@pytest.mark.parametrize(("n", "n_templates", "n_values"), [(1, 1, 1), (7, 50, 3), (37, 700, 64)])
def test_sums_over_templates(n: int, n_templates: int, n_values: int) -> None:
    samples, templates = random_rows(1, n, n_values), random_rows(2, n_templates, n_values)
    found = log_sums(*summed(samples, [templates]))
    np.testing.assert_allclose(found, oracle_log_sums(samples, templates), atol=2e-4)
    in_parts = log_sums(*summed(samples, [templates[:5], templates[5:6], templates[6:]]))
    np.testing.assert_allclose(in_parts, found, atol=2e-4)


def test_sums_have_the_same_bits_on_any_threads() -> None:
    samples, templates = random_rows(3, 700, 20), random_rows(4, 500, 20)
    one = summed(samples, [templates], 1)
    for threads in (2, 5):
        smallest, sums = summed(samples, [templates], threads)
        assert smallest.tobytes() == one[0].tobytes()
        assert sums.tobytes() == one[1].tobytes()
    alone = summed(samples[413:414], [templates], 1)
    assert alone[0][0] == one[0][413]
    assert alone[1].tobytes() == one[1][413:414].tobytes()


@pytest.mark.parametrize("level", _core.build_info()["simd_levels"])
def test_sums_at_every_simd_level(level: str, run_python: RunPython) -> None:
    code = (
        f"import sys; sys.path.append({str(Path(__file__).parent)!r})\n"
        "from test_limits_core import *\n"
        "samples, templates = random_rows(5, 20, 33), random_rows(6, 300, 33)\n"
        "logs = log_sums(*summed(samples, [templates]))\n"
        "print(abs(logs - oracle_log_sums(samples, templates)).max() < 2e-4)"
    )
    assert run_python(code, NANOTILT_SIMD=level) == "True"


def test_far_templates_and_none_at_all() -> None:
    samples = np.zeros((2, 3), np.float32)
    smallest, sums = summed(samples, [np.zeros((0, 3), np.float32)])
    assert np.isinf(smallest).all()
    assert not sums.any()
    near_and_far = np.array([[1e4, 0, 0], [1, 0, 0], [1e5, 0, 0]], np.float32)
    smallest, sums = summed(samples, [near_and_far[:1], near_and_far[1:]])
    assert smallest.tolist() == [1, 1]
    np.testing.assert_allclose(sums, 1)


def test_wrong_arrays_are_refused() -> None:
    rows, wide = np.zeros((2, 3), np.float32), np.zeros((2, 4), np.float32)
    smallest, sums = np.zeros(2, np.float32), np.zeros((2, 1))
    with pytest.raises(ValueError, match="templates must have shape"):
        _core.add_templates(rows, wide, 1.0, smallest, sums, 1)
    with pytest.raises(ValueError, match="smallest must have shape"):
        _core.add_templates(rows, rows, 1.0, smallest[:1], sums, 1)
    with pytest.raises(ValueError, match="sums must have shape"):
        _core.add_templates(rows, rows, 1.0, smallest, np.zeros((2, 9)), 1)
    with pytest.raises(ValueError, match="narrowness must be > 0 and finite"):
        _core.add_templates(rows, rows, 0.0, smallest, sums, 1)
    with pytest.raises(TypeError, match="samples must be C-contiguous"):
        _core.add_templates(wide[:, :3], rows, 1.0, smallest, sums, 1)
    smallest.setflags(write=False)
    with pytest.raises(TypeError, match="smallest must be writable"):
        _core.add_templates(rows, rows, 1.0, smallest, sums, 1)


def test_smooth_variants_have_the_same_particles() -> None:
    """Radius, place and label do not depend on roughness and noise."""
    recipe = nt.recipes.hole(n_views=2)
    smooth = variants.noise_free(recipe, smooth=True)
    batch, clean = recipe.sample(3, 0, 40), smooth.sample(3, 0, 40)
    assert batch.label.tolist() == clean.label.tolist()
    for index in range(10):
        rough_rings, smooth_rings = recipe.particle(3, index), smooth.particle(3, index)
        assert [len(ring) for ring, _ in rough_rings] == [len(ring) for ring, _ in smooth_rings]
        np.testing.assert_allclose(
            rough_rings[0][0].mean(axis=0), smooth_rings[0][0].mean(axis=0), atol=0.05
        )


def test_draws_tell_what_a_sample_was_drawn_from() -> None:
    recipe = variants.noise_free(nt.recipes.hole(n_views=2), smooth=True)
    label, outline, features, placements, views = recipe._sampler.draws(7, 100, 30)
    assert label.tolist() == recipe.sample(7, 100, 30).label.tolist()
    assert views.shape == (30, 2, 2)
    for i in range(30):
        rings = recipe.particle(7, 100 + i)
        centre = rings[0][0].mean(axis=0)
        np.testing.assert_allclose(centre, 0.3 * outline[i, 1:], atol=1e-5)
        if label[i] == 1:
            hole = rings[1][0]
            direction, offset = 2 * math.pi * placements[i, 0, 0], 0.4 * placements[i, 0, 1]
            expected = centre + offset * np.array([math.sin(direction), math.cos(direction)])
            np.testing.assert_allclose(hole.mean(axis=0), expected, atol=1e-5)
            radius = np.hypot(*(hole - expected).T).mean()
            assert radius == pytest.approx(0.1 + 0.01 * features[i, 0, 0], abs=1e-5)
        else:
            assert not features[i].any()


def test_redrawn_without_roughness_a_sample_is_itself() -> None:
    recipe = variants.noise_free(nt.recipes.chirality(), smooth=True)
    label, outline, features, _, views = recipe._sampler.draws(1, 50, 20)
    truth = recipe.sample(1, 50, 20).views
    for k in (0, 1):
        redrawn = recipe._sampler.redraw(1, 50, k, outline, features, views, 9, 3, 2)
        assert redrawn.shape == (20, 3, 2, 64)
        own = label == k
        for m in range(3):
            assert redrawn[own, m].tobytes() == truth[own].tobytes()
        assert (redrawn[~own, 0] != truth[~own]).any()


def test_redrawing_varies_roughness_alone() -> None:
    """Mean of many redraws: the smooth view, and a spread that is proportional to roughness."""
    outline = nt.Outline(roughness=0.01)
    detector = nt.Detector(noise=0.0, blur_sigma_px=2.0, sampling="bin")
    recipe = nt.Recipe({"a": nt.Particle(outline)}, detector, normalise="none")
    _, normals, features, _, views = recipe._sampler.draws(1, 0, 4)
    redrawn = recipe._sampler.redraw(1, 0, 0, normals, features, views, 2, 400, 1)
    smooth = variants.noise_free(recipe, smooth=True).sample(1, 0, 4).views
    np.testing.assert_allclose(redrawn.mean(axis=1), smooth, atol=0.01)
    rougher = dataclasses.replace(outline, roughness=0.02)
    twice = nt.Recipe({"a": nt.Particle(rougher)}, detector, normalise="none")
    again = twice._sampler.redraw(1, 0, 0, normals, features, views, 2, 400, 1)
    ratio = again.std(axis=1).mean() / redrawn.std(axis=1).mean()
    assert ratio == pytest.approx(2, rel=0.02)


def test_wrong_redraws_are_refused() -> None:
    sampler = nt.recipes.hole()._sampler
    _, outline, features, _, views = sampler.draws(0, 0, 2)
    with pytest.raises(ValueError, match="shapes that draws gives"):
        sampler.redraw(0, 0, 0, outline[:1], features, views, 0, 1, 1)
    with pytest.raises(ValueError, match="label=2"):
        sampler.redraw(0, 0, 2, outline, features, views, 0, 1, 1)
