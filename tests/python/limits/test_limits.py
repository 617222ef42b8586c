"""Limits of accuracy: against cases that can be worked out, and from the command line."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import nanotilt as nt
from conftest import refused
from nanotilt.limits import Budget, Limit, estimate_limit, variants
from nanotilt.limits import estimate as estimate_module
from nanotilt.limits.alignment import aligned
from nanotilt.limits.calibration import Decision
from nanotilt.limits.extrapolation import extrapolated
from nanotilt.limits.oracle import Oracle, told, why_not

TINY = Budget(
    test_samples=300,
    bank_sizes=(200, 400, 800, 1600),
    validation_samples=300,
    pilot_size=400,
    residuals=1_500,
    oracle_samples=100,
    redraws=100,
)

Captured = pytest.CaptureFixture[str]


def two_radii(difference: float) -> nt.Recipe:
    """Two classes that differ in radius, known noise, nothing else that varies."""
    return nt.Recipe(
        classes={
            name: nt.Particle(
                nt.Outline(radius=radius, radius_std=0, roughness=0, centre_std=(0, 0))
            )
            for name, radius in (("small", 1.0), ("large", 1.0 + difference))
        },
        detector=nt.Detector(n_bins=16, shift_std=0, noise=0.002, angles_deg=(0, 90)),
    )


def sensitivity(recipe: nt.Recipe) -> float:
    """d': distance of the two classes' views in standard deviations of the noise."""
    clean = variants.noise_free(recipe, smooth=True)
    views = [variants.of_class(clean, name).sample(0).views for name in recipe.class_names]
    std = recipe.line_detector.noise * (views[0] + views[1]) / 2
    return float(np.sqrt((((views[1] - views[0]) / std) ** 2).sum()))


def test_a_case_that_can_be_worked_out() -> None:
    """Two Gaussians of equal covariance: the best accuracy is Phi(d' / 2)."""
    recipe = two_radii(0.01)
    best = 0.5 * (1 + math.erf(sensitivity(recipe) / 2 / math.sqrt(2)))
    assert 0.7 < best < 0.95
    budget = Budget(4_000, (200, 1_000), 3_000, 200, 8_000, 2_000, 16)
    limit = estimate_limit(recipe, budget=budget)
    assert limit.lower.value == pytest.approx(best, abs=0.015)
    assert limit.lower.interval_95[0] - 0.005 < best < limit.lower.interval_95[1] + 0.005
    assert limit.upper is not None
    assert limit.upper.value == pytest.approx(best, abs=0.03)


@pytest.mark.parametrize(
    "recipe",
    [
        nt.recipes.hole(n_views=2),
        nt.Recipe(
            classes={
                "solid": nt.Particle(nt.Outline()),
                "hole": nt.Particle(nt.Outline(), (nt.Hole(radius=0.2),)),
                "spiral and hole": nt.Particle(
                    nt.Outline(), (nt.Spiral("clockwise"), nt.Hole(radius=0.2))
                ),
            },
            detector=nt.Detector(
                n_bins=24, dose=300, sampling="bin", centring=True, angle_std_deg=3
            ),
            weights=(2, 1, 0.5),
        ),
    ],
    ids=["hole-stereo", "many settings"],
)
def test_bounds_are_in_order(recipe: nt.Recipe) -> None:
    shares: list[float] = []
    limit = estimate_limit(recipe, budget=TINY, progress=lambda _, share: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    chance = max(variants.class_shares(recipe))
    assert [
        point.bank_size >= size for point, size in zip(limit.curve, TINY.bank_sizes, strict=True)
    ]
    assert limit.complete
    assert limit.lower.interval_95[0] > chance
    assert limit.upper is not None
    assert limit.lower.interval_95[0] < limit.upper.interval_95[1]
    assert limit.recipe_digest == recipe.digest
    assert Limit.from_json_value(json.loads(json.dumps(limit.to_json_value()))) == limit


def test_threads_do_not_matter() -> None:
    recipe = nt.recipes.hole()
    limits = [estimate_limit(recipe, budget=TINY, n_threads=n, seed=3) for n in (1, 2)]
    assert limits[0].curve == limits[1].curve
    assert limits[0].upper == limits[1].upper


def test_mirrored_classes_seen_once_cannot_be_told() -> None:
    """One view of a spiral says nothing of its turn."""
    chirality = nt.recipes.chirality()
    detector = nt.Detector(n_bins=64, angles_deg=(0,))
    recipe = nt.Recipe(chirality.classes, detector)
    limit = estimate_limit(recipe, budget=TINY, bank_sizes=(2_000,), test_samples=1_000)
    assert limit.lower.interval_95[0] < 0.53


def test_ctrl_c_keeps_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted:
        def __init__(self, *_: object) -> None:
            raise KeyboardInterrupt

    monkeypatch.setattr(estimate_module, "Oracle", Interrupted)
    limit = estimate_limit(nt.recipes.hole(), budget=TINY)
    assert len(limit.curve) == 4
    assert not limit.complete
    assert limit.upper is None
    assert "stopped" in limit.upper_missing
    monkeypatch.setattr(estimate_module, "best_kernel", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        estimate_limit(nt.recipes.hole(), budget=TINY)


def test_the_oracle_says_what_it_can_not_treat() -> None:
    detector = nt.Detector(n_bins=600)
    many = nt.Recipe(nt.recipes.hole().classes, detector)
    reason = why_not(many)
    assert reason is not None
    assert "n_views * n_bins" in reason
    assert "600" in reason
    assert why_not(nt.recipes.chirality()) is None


def test_what_the_oracle_is_told_belongs_to_no_class() -> None:
    recipe = variants.as_detected(nt.recipes.hole())
    given = told(recipe, 0, 0, 4_000)
    for k in (0, 1):
        own = given.features[given.label == k].ravel()
        assert abs(own.mean()) < 0.06
        assert abs(own.std() - 1) < 0.05


def test_oracle_without_roughness_and_noise_is_always_right() -> None:
    outline = nt.Outline(roughness=0.0)
    recipe = nt.Recipe(
        {"solid": nt.Particle(outline), "hole": nt.Particle(outline, (nt.Hole(),))},
        nt.Detector(noise=0.0),
    )
    assert Oracle(recipe, 0, 8, 1).right(0, 100, lambda _: None).all()


def test_alignment_centres_signal() -> None:
    places = np.arange(64)
    views = np.exp(-0.5 * ((places - np.array([[20.3], [41.7]])) / 3) ** 2)[:, None] * 2 + 5
    rows = aligned(views.astype(np.float32), 5.0, "centred")
    np.testing.assert_allclose(rows[0], rows[1], atol=1e-4)
    assert rows[0] @ places / rows[0].sum() == pytest.approx(31.5, abs=1e-3)
    as_is = aligned(views.astype(np.float32), 5.0, "as detected")
    np.testing.assert_allclose(as_is, views[:, 0] - 5, atol=1e-6)
    nothing = aligned(np.full((1, 2, 8), 5, np.float32), 5.0, "centred")
    assert not nothing.any()


def test_decision_mends_a_bias_between_classes() -> None:
    random = np.random.default_rng(0)
    label = random.integers(0, 2, 4_000).astype(np.int32)
    x = random.normal(2.0 * label - 1)
    densities = np.stack([-0.5 * (x + 1) ** 2, -0.5 * (x - 1) ** 2 - 3], axis=1)[..., None]
    naive = (densities[..., 0].argmax(axis=1) == label).mean()
    decision = Decision(densities[:2_000], label[:2_000])
    mended = (decision.predicted(densities[2_000:]) == label[2_000:]).mean()
    assert naive < 0.75
    assert mended == pytest.approx(0.841, abs=0.025)
    assert decision.loss(densities[2_000:], label[2_000:]) == pytest.approx(0.36, abs=0.05)


def test_extrapolation() -> None:
    sizes = np.array([1e4, 3e4, 1e5, 3e5, 1e6])
    random = np.random.default_rng(0).random(20_000)
    right = np.stack([random < 0.95 - 0.2 * (size / 1e4) ** -0.5 for size in sizes])
    limit = extrapolated(sizes, right)
    assert limit is not None
    assert limit.value == pytest.approx(0.95, abs=0.01)
    assert limit.interval_95[0] <= limit.value <= limit.interval_95[1]
    assert extrapolated(sizes[:3], right[:3]) is None
    flat = extrapolated(sizes, np.stack([random < 0.8] * 5))
    assert flat is not None
    assert flat.value == pytest.approx((random < 0.8).mean())
    steep = np.stack([random < 0.5 + 0.05 * np.log10(size / 1e4) for size in sizes])
    assert extrapolated(sizes, steep) is None


def test_wrong_arguments() -> None:
    recipe = nt.recipes.hole()
    refused(TypeError, "recipe", "hole", lambda: estimate_limit("hole"))  # type: ignore[arg-type]
    refused(ValueError, "seed", -1, lambda: estimate_limit(recipe, seed=-1))
    refused(ValueError, "test_samples", 0, lambda: estimate_limit(recipe, test_samples=0))
    refused(ValueError, "bank_sizes", (20, 10), lambda: estimate_limit(recipe, bank_sizes=(20, 10)))
    refused(ValueError, "bank_sizes[0]", 0, lambda: estimate_limit(recipe, bank_sizes=(0, 10)))
    refused(TypeError, "bank_sizes", 7, lambda: estimate_limit(recipe, bank_sizes=7))  # type: ignore[arg-type]
    wide = nt.Recipe(recipe.classes, nt.Detector(n_bins=5000))
    with pytest.raises(ValueError, match=r"n_views \* n_bins must be <= 4096. Received: 5000"):
        estimate_limit(wide)
