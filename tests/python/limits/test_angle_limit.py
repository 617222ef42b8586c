"""How well an angle can be told from one view: against what the likelihood itself tells."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt.limits import angle_limit
from nanotilt.pose import cramer_rao_bound

N = 64
PLACES: dict[str, Any] = {"n_bins": N, "lower": -(N - 1) / 2, "upper": (N - 1) / 2}
S = [36 * np.array(nt.SShape().corners)]


def posterior_std_deg(recipe: nt.Recipe, places: dict[str, Any]) -> float:
    """Error of the best estimate: the posterior's circular mean over a grid of 0.1 degrees."""
    batch = recipe.sample(seed=3, count=3000)
    outline: Any = next(iter(recipe.particles.values())).outline
    sigma = recipe.detector.noise_level  # type: ignore[union-attr]
    corners = np.array(outline.corners) * outline.size * N / 3
    grid = np.arange(3600) * (2 * np.pi / 3600)
    templates = nt.tilt_series([corners], angles_rad=grid, **places).astype(np.float64)
    views = batch.views[:, 0].astype(np.float64)
    log = (views @ templates.T - 0.5 * (templates**2).sum(axis=1)) / sigma**2
    weights = np.exp(log - log.max(axis=1, keepdims=True))
    found = np.angle(weights @ np.exp(1j * grid))
    errors = np.angle(np.exp(1j * (found - batch.angle_rad[:, 0])))
    return float(np.rad2deg(np.sqrt(np.mean(errors**2))))


@pytest.mark.parametrize("noise", [0.5, 1.0])
def test_the_best_estimate_of_an_s_comes_near_and_not_below(noise: float) -> None:
    recipe = nt.recipes.s_projection(noise_std=noise)
    limit = angle_limit(recipe)
    assert limit.std_deg is not None
    assert f"{limit.std_deg:.3f} degrees at best" in limit.words
    assert 0.98 < posterior_std_deg(recipe, PLACES) / limit.std_deg < 1.25


def test_a_shape_off_the_middle_turns_about_its_own_point() -> None:
    recipe = nt.recipes.s_projection(noise_std=0.5)
    ((label, scene),) = recipe.particles.items()
    outline: Any = dataclasses.replace(scene.outline, centre=(0.3, 0.1))
    moved = nt.Recipe({label: nt.Particle(outline)}, recipe.detector, normalise="none")
    limit, shift = angle_limit(moved).std_deg, 0.3 * N / 3
    places = {**PLACES, "lower": PLACES["lower"] - shift, "upper": PLACES["upper"] - shift}
    assert limit is not None
    assert limit != angle_limit(recipe).std_deg
    assert 0.98 < posterior_std_deg(moved, places) / limit < 1.25


def test_it_grows_as_the_noise_and_holds_where_views_hardly_tell_the_angle() -> None:
    one, three = (angle_limit(nt.recipes.t_projection(noise_std=s)).std_deg for s in (1.0, 3.0))
    assert one is not None
    assert three == pytest.approx(3 * one)
    # Near its mirror axis the T's views stand still: there the bound of unbiased estimates soars.
    corners = [36 * np.array(nt.TShape().corners)]
    bound = np.rad2deg(cramer_rao_bound(corners, stereo_deg=None, noise_sigma=1.0, **PLACES))
    assert np.sqrt(np.mean(bound**2)) > 3 * one
    assert np.median(bound) < 2 * one


def test_a_pair_knows_what_its_two_views_know() -> None:
    angles = np.linspace(0, 6, 50)
    step = np.deg2rad(10)
    options: dict[str, Any] = {"noise_sigma": 1.0, **PLACES}
    first = cramer_rao_bound(S, stereo_deg=None, angles_rad=angles, **options)
    second = cramer_rao_bound(S, stereo_deg=None, angles_rad=angles + step, **options)
    pair = cramer_rao_bound(S, stereo_deg=10, angles_rad=angles, **options)
    np.testing.assert_allclose(pair**-2, first**-2 + second**-2, rtol=1e-6)


def changed(**camera: Any) -> nt.Recipe:
    recipe = nt.recipes.s_projection(noise_std=1.0)
    return dataclasses.replace(recipe, detector=dataclasses.replace(recipe.detector, **camera))


def turned(low: float, high: float, **outline: Any) -> nt.Recipe:
    recipe = nt.recipes.s_projection(noise_std=1.0)
    shape = nt.SShape(
        **{"size": 1.5, "size_std": 0.0, "centre_std": (0, 0), **outline},
        orientation_deg=(low, high),
    )
    return nt.Recipe({"S": nt.Particle(shape)}, recipe.detector, normalise="none")


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (nt.recipes.by_name("hole"), "views of one shape alone"),
        (nt.recipes.by_name("particle-field"), "views of one shape alone"),
        (nt.recipes.by_name("s-projection"), "Without noise there is no limit"),
        (nt.recipes.by_name("square"), "of projections under normal noise"),
        (changed(noise="poisson"), "of projections under normal noise"),
        (changed(antialias="binary"), "valued by the covered area"),
        (changed(blur_sigma_px=1.0), "valued by the covered area"),
        (turned(0, 360, size_std=0.1), "size and place are fixed"),
        (turned(0, 90), "over whole turns"),
        (turned(20, 20), "over whole turns"),
    ],
)
def test_where_there_is_none_a_sentence_says_why(recipe: nt.Recipe, words: str) -> None:
    limit = angle_limit(recipe)
    assert limit.std_deg is None
    assert words in limit.words
    assert limit.words.endswith(".")


def test_what_is_no_recipe() -> None:
    with pytest.raises(
        TypeError, match=r"recipe must be a nanotilt\.Recipe\. Received: recipe='s'"
    ):
        angle_limit("s")  # type: ignore[arg-type]
