"""What a network looks at: controls, noise, sizes and places, on networks that can be foreseen."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest
from keras import ops

import nanotilt as nt
from insight_cases import START, OneBin, size_recipe
from nanotilt.recipes import measure
from nanotilt.recipes.checks import Normalise
from nanotilt.recipes.measure import PARTICLE_OFFSET
from nanotilt.runs import findings as found
from nanotilt.runs.findings import Insight, Share
from nanotilt.tasks.metrics import wilson_interval
from nanotilt.tasks.task import Question, Task
from nanotilt.training.insight import binning, examine
from nanotilt.training.insight.controls import changed_views, partners
from nanotilt.training.insight.variants import empty_space, with_noise

# ---------------------------------------------------------------------------------- controls


def test_partners_are_others_of_the_same_class() -> None:
    classes = nt.recipes.by_name("small-spiral").sample(3, 0, 500).label
    chosen = partners(classes)
    assert sorted(chosen.tolist()) == list(range(500))  # a permutation
    assert np.all(chosen != np.arange(500))  # without fixed points
    np.testing.assert_array_equal(classes[chosen], classes)
    np.testing.assert_array_equal(partners(classes), chosen)
    assert partners(np.array([0, 1, 0, 2], np.int32)).tolist() == [2, -1, 0, -1]


def test_changed_views_change_what_they_say() -> None:
    recipe = nt.recipes.hole(n_views=3)
    batch = recipe.sample(5, START, 40)
    seen = {
        name: (views, places)
        for name, views, places in changed_views(recipe, 5, START, batch.views, batch.label)
    }
    assert tuple(seen) == found.CONTROLS[1:]
    first, others = batch.views[:, :1], batch.views[:, 1:]
    for name, (views, places) in seen.items():
        assert views.shape == batch.views.shape
        np.testing.assert_array_equal(places, np.arange(40))
        if name != found.FIRST_NOISE:
            np.testing.assert_array_equal(views[:, :1], first)
    np.testing.assert_array_equal(seen[found.SAME_VIEW][0][:, 2], first[:, 0])
    np.testing.assert_array_equal(seen[found.SAME_CLASS][0][:, 1:], others[partners(batch.label)])
    np.testing.assert_array_equal(seen[found.FIRST_NOISE][0][:, 1:], others)
    level = empty_space(recipe).sample(0, 0, 1).views.mean()
    assert np.abs(seen[found.OTHERS_NOISE][0][:, 1:] - level).max() < 0.1
    assert np.abs(seen[found.FIRST_NOISE][0][:, 0] - level).max() < 0.1


@pytest.mark.parametrize(
    ("view", "expected"),
    [(0, (1.0, 1.0, 1.0, 1.0, 0.5)), (1, (1.0, 1.0, 1.0, 0.5, 1.0))],
)
def test_controls_of_a_network_that_reads_one_view(view: int, expected: tuple[float, ...]) -> None:
    """Empty space looks small to it, which is right for half the samples."""
    recipe = size_recipe()
    insight = examine(OneBin(view), recipe, Task.of(recipe), 1, START, 600)
    question = insight.questions[0]
    assert tuple(c.name for c in question.controls) == found.CONTROLS
    assert tuple(c.right.accuracy for c in question.controls) == expected
    assert question.chance == 0.5
    assert question.control(found.SAME_CLASS) == Share(600, 1.0, wilson_interval(600, 600))


def test_one_view_has_no_controls() -> None:
    recipe = size_recipe(n_views=1)
    question = examine(OneBin(0), recipe, Task.of(recipe), 1, START, 50).questions[0]
    assert [control.name for control in question.controls] == [found.AS_THEY_ARE]
    assert question.control(found.SAME_VIEW) is None


# ------------------------------------------------------------------------------------- noise


@pytest.mark.parametrize("normalise", ["dataset", "none", (10.0, 30.0)])
def test_noise_variants_keep_the_scale(normalise: Normalise) -> None:
    plain = nt.recipes.hole(n_views=2)
    recipe = nt.Recipe(plain.classes, plain.detector, normalise=normalise)
    views = recipe.sample(2, 7, 300).views
    np.testing.assert_array_equal(with_noise(recipe, 1.0).sample(2, 7, 300).views, views)
    without = with_noise(recipe, 0.0).sample(2, 7, 300).views
    four = with_noise(recipe, 4.0).sample(2, 7, 300).views
    np.testing.assert_allclose(
        four - without, 4 * (views - without), atol=2e-5 * float(np.ptp(views))
    )
    low, high = recipe.bounds
    relative = (views - without) / (without + low / (high - low))
    assert relative.std() == pytest.approx(0.001, rel=0.05)


def test_empty_space_is_background_and_noise() -> None:
    recipe = nt.recipes.chirality()
    empty = empty_space(recipe)
    views = empty.sample(3, 0, 400).views.astype(np.float64)
    low, high = recipe.bounds
    assert views.mean() == pytest.approx((20 - low) / (high - low), abs=2e-4)
    assert views.std() == pytest.approx(0.001 * 20 / (high - low), rel=0.02)
    counting = nt.Recipe(recipe.classes, dataclasses.replace(recipe.line_detector, dose=50.0))
    low, high = counting.bounds
    spread = empty_space(counting).sample(3, 0, 400).views.std()
    assert spread == pytest.approx(math.sqrt(20 / 50) / (high - low), rel=0.02)


def test_accuracy_against_noise() -> None:
    recipe = size_recipe()
    question = examine(OneBin(0), recipe, Task.of(recipe), 1, START, 2000).questions[0]
    assert [level.factor for level in question.noise] == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0]
    assert [level.right.accuracy for level in question.noise[:4]] == [1.0] * 4
    assert question.noise[-1].right.accuracy < 1.0
    silent = size_recipe(noise=0.0)
    assert examine(OneBin(0), silent, Task.of(silent), 1, START, 50).questions[0].noise == ()


# --------------------------------------------------------------------------- sizes and places


def smooth(**fields: object) -> nt.Outline:
    return nt.Outline(**{"roughness": 0.0, "radius_std": 0.0, **fields})  # type: ignore[arg-type]


def test_quantities_of_known_particles() -> None:
    recipe = nt.Recipe(
        {
            "hole": nt.Particle(smooth(), (nt.Hole(radius=0.3, radius_std=0.0, max_offset=0.2),)),
            "both": nt.Particle(
                smooth(),
                (
                    nt.Spiral(
                        "clockwise", radius_std=0.0, straightness_std=0.0, widening_std=0.0,
                        max_thickness_std=0.0, max_offset=0.0,
                    ),
                    nt.Hole(radius=0.1, radius_std=0.0, max_offset=0.0),
                ),
            ),
        },
        nt.Detector(about=(0.5, 0.0)),
    )  # fmt: skip
    classes = recipe.sample(4, 10, 60).label
    values = measure.quantities(recipe, 4, 10, classes)
    # No spiral of this recipe is off the particle's centre.
    assert list(values) == ["hole size", "hole offset", "spiral size", "particle offset"]
    holes, both = classes == 0, classes == 1
    n = round(90 * 0.3 / math.sqrt(1 + 0.3**2))  # corners
    polygon = 0.3 * math.sqrt(n / 2 * math.sin(2 * math.pi / n) / math.pi)
    np.testing.assert_allclose(values["hole size"][holes], polygon, rtol=0.01)
    assert values["hole offset"][holes].max() <= 0.2 + 1e-6
    assert values["hole offset"][holes].max() > 0.15
    np.testing.assert_allclose(values["hole offset"][both], 0.0, atol=1e-6)
    np.testing.assert_allclose(values["spiral size"][both], 0.6, atol=0.03)
    assert np.isnan(values["spiral size"][holes]).all()
    for i in range(10):
        centre = recipe.particle(4, 10 + i)[0][0].mean(axis=0)
        expected = math.hypot(centre[0] - 0.5, centre[1])
        assert values["particle offset"][i] == pytest.approx(expected, abs=1e-5)


def test_quantities_that_do_not_vary_are_left_out() -> None:
    def names(recipe: nt.Recipe) -> list[str]:
        return measure.varying(list(recipe.particles.values()))

    assert names(nt.recipes.chirality()) == ["spiral size", "spiral offset"]
    assert names(nt.recipes.hole()) == ["hole size", "hole offset", "particle offset"]
    assert names(size_recipe()) == []


def test_shadows_are_where_features_are_seen() -> None:
    recipe = nt.recipes.by_name("hole-and-spiral")
    labels = recipe.sample(6, 0, 12).label
    index = int(np.flatnonzero(labels == 2)[0])
    angles = np.array([0.0, 0.7, np.pi / 2])
    cast = measure.shadows(recipe, 6, index, 2, angles)
    rings = [ring for ring, _ in recipe.particle(6, index)]
    x = np.linspace(-1.5, 1.5, 3001)
    for limits, ring in zip(
        (cast.particle, cast.features["hole"], cast.features["spiral"]), rings, strict=True
    ):
        seen = nt.project([ring], angles_rad=angles, n_bins=3001, lower=-1.5, upper=1.5) != 0
        for view, (low, high) in zip(seen, limits, strict=True):
            assert x[view].min() == pytest.approx(low, abs=0.003)
            assert x[view].max() == pytest.approx(high, abs=0.003)


def test_bins_hold_equal_counts() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=803)
    right = values > -0.5
    points = binning.binned(values, right)
    assert len(points) == 8
    assert {point.right.n_samples for point in points} == {100, 101}
    assert [p.mean for p in points] == sorted(p.mean for p in points)
    assert points[0].right.accuracy == 0.0
    assert points[-1].right.accuracy == 1.0
    assert points[0].lowest == pytest.approx(values.min(), rel=1e-4)
    assert points[0].highest <= points[1].lowest
    assert len(binning.binned(values[:25], right[:25])) == 2
    assert len(binning.binned(values[:1], right[:1])) == 1


def test_answers_have_curves_of_their_own_where_a_feature_tells_them_apart() -> None:
    nan = np.nan
    quantities = {
        "hole size": np.array([nan, 0.1, nan, 0.2]),
        "spiral size": np.array([0.5, 0.6, 0.7, 0.8]),
        PARTICLE_OFFSET: np.array([0.1, 0.2, 0.3, 0.4]),
    }
    answers = np.array([0, 1, 0, 1], np.int32)
    right = np.array([True, True, False, True])
    curves = binning.curves(quantities, answers, ("solid", "hole"), right)
    assert [(c.quantity, c.samples, c.points[0].right.accuracy) for c in curves] == [
        ("hole size", "hole", 1.0),
        ("spiral size", "all", 0.75),
        (PARTICLE_OFFSET, "solid", 0.5),
        (PARTICLE_OFFSET, "hole", 1.0),
    ]
    # A hole tells nothing of which way a spiral turns.
    half = {"hole size": np.array([nan, nan, 0.1, 0.2])}
    (curve,) = binning.curves(half, answers, ("clockwise", "anticlockwise"), right)
    assert (curve.samples, curve.points[0].right) == ("all", Share(2, 0.5, wilson_interval(1, 2)))


# --------------------------------------------------------------------------------- the whole


def test_examination_is_the_same_however_it_is_done() -> None:
    recipe = size_recipe()
    shares: list[float] = []
    one = examine(OneBin(0), recipe, Task.of(recipe), 1, START, 300, n_threads=1)
    two = examine(
        OneBin(0), recipe, Task.of(recipe), 1, START, 300, n_threads=2, advance=shares.append
    )
    assert one == two
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] == 1.0


class AlwaysA(OneBin):
    """Knows the size, and is nearly sure that the letter is a."""

    def call(self, views: Any, training: bool = False) -> Any:
        size = super().call(views)
        return ops.reshape(ops.stack([0.9 * size, 0.1 * size], axis=2), (-1, 4))


def test_each_question_is_examined() -> None:
    """The second question is not what the network answers: it is right by chance alone."""
    plain = size_recipe()
    classes = {
        f"{size} {i}": plain.classes[size] for size in ("small", "large") for i in ("a", "b")
    }
    recipe = nt.Recipe(classes, plain.detector)
    task = Task(
        (
            Question("size", ("small", "large"), (0, 0, 1, 1)),
            Question("letter", ("a", "b"), (0, 1, 0, 1)),
        )
    )

    insight = examine(AlwaysA(0), recipe, task, 1, START, 400)
    size, letter = insight.questions
    assert (size.name, letter.name) == ("size", "letter")
    assert [c.right.accuracy for c in size.controls] == [1.0, 1.0, 1.0, 1.0, 0.5]
    assert {c.right.accuracy for c in letter.controls} == {0.5}
    assert {s.answer for s in letter.saliency} == {"a"}


def test_json_and_back() -> None:
    recipe = nt.recipes.hole(n_views=2)
    insight = examine(OneBin(0), recipe, Task.of(recipe), 1, START, 200)
    text = json.dumps(insight.to_json_value(), indent=2)
    assert len(text) < 200_000
    assert Insight.from_json_value(json.loads(text)) == insight
    value = json.loads(text)
    with pytest.raises(ValueError, match=r"format must be 1\. Received: format=7"):
        Insight.from_json_value({**value, "format": 7})
    with pytest.raises(ValueError, match="unit must be text"):
        Insight.from_json_value({**value, "unit": 3})
    with pytest.raises(ValueError, match="JSON object"):
        Insight.from_json_value([])
    with pytest.raises(ValueError, match="count must be >= 1"):
        examine(OneBin(0), recipe, Task.of(recipe), 1, START, 0)
