"""Reports: metrics, what is chosen, and what is drawn, on crafted data."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import shapely

import nanotilt as nt
from nanotilt.recipes.choose import first_of_each_class, right_and_wrong
from nanotilt.report.figures import short_count
from nanotilt.report.raster import density_image, material_image
from nanotilt.runs.published import Published, known_name, published_score
from nanotilt.runs.records import Predictions
from nanotilt.runs.words import duration, index_name
from nanotilt.tasks import metrics as scoring

# ----------------------------------------------------------------------------------- metrics


def predictions(n: int, n_classes: int, seed: int = 0) -> Predictions:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, n_classes, n).astype(np.int32)
    probabilities = rng.dirichlet(np.ones(n_classes), n).astype(np.float32)
    return Predictions(3, 2**41, labels, probabilities)


def test_score_against_the_plain_way() -> None:
    p = predictions(500, 3)
    score = scoring.score(p.labels, p.probabilities)
    right = [
        int(np.argmax(row)) == label for row, label in zip(p.probabilities, p.labels, strict=True)
    ]
    assert score.n_samples == 500
    assert score.accuracy == sum(right) / 500
    assert score.standard_error == pytest.approx(np.std(right) / np.sqrt(500))
    losses = [-np.log(row[label]) for row, label in zip(p.probabilities, p.labels, strict=True)]
    assert score.loss == pytest.approx(np.mean(losses), rel=1e-5)


@pytest.mark.parametrize(("right", "n"), [(0, 1), (1, 1), (0, 30), (30, 30), (907, 1000), (1, 3)])
def test_wilson_interval_against_scipy(right: int, n: int) -> None:
    expected = scipy.stats.binomtest(right, n).proportion_ci(method="wilson")
    assert scoring.wilson_interval(right, n) == pytest.approx((expected.low, expected.high))


def test_a_certain_mistake_has_a_finite_loss() -> None:
    labels = np.array([0], dtype=np.int32)
    assert scoring.cross_entropy(labels, np.array([[0.0, 1.0]], np.float32)) == pytest.approx(
        -np.log(1e-7)
    )


def test_confusion_matrix_and_class_scores() -> None:
    labels = np.array([0, 0, 0, 1, 1, 2], dtype=np.int32)
    predicted = np.array([0, 0, 1, 1, 0, 1])
    matrix = scoring.confusion_matrix(labels, predicted, 4)
    expected = [[2, 1, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
    np.testing.assert_array_equal(matrix, expected)
    a, b, c, d = scoring.class_scores(matrix, "abcd")
    assert (a.label, a.n_samples) == ("a", 3)
    assert (a.recall, a.precision, a.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert (b.recall, b.precision, b.f1) == pytest.approx((1 / 2, 1 / 3, 2 / 5))
    assert (c.recall, c.precision, c.f1) == (0.0, None, None)
    assert (d.recall, d.precision, d.f1) == (None, None, None)


@pytest.mark.parametrize(
    ("labels", "shape"), [([], (0, 2)), ([0, 1], (3, 2)), ([0, 2], (2, 2)), ([0, -1], (2, 2))]
)
def test_scores_refuse_what_does_not_belong_together(
    labels: list[int], shape: tuple[int, int]
) -> None:
    with pytest.raises(ValueError, match="Received"):
        scoring.score(np.array(labels, np.int32), np.full(shape, 0.5, np.float32))


# -------------------------------------------------------------------- what is chosen and drawn


def test_first_of_each_class() -> None:
    recipe = nt.recipes.chirality()
    labels = recipe.sample(9, start=100, count=40).label
    chosen = first_of_each_class(recipe, 9, 100, 4)
    for label, indices in enumerate(chosen):
        assert indices == [100 + int(i) for i in np.flatnonzero(labels == label)[:4]]
    never = nt.Recipe(recipe.classes, recipe.detector, weights=(1, 0))
    assert [len(indices) for indices in first_of_each_class(never, 9, 0, 2)] == [2, 0]


def test_right_and_wrong_are_the_first_ones() -> None:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]], np.float32)
    labels = np.array([0, 0, 1, 1], np.int32)
    assert right_and_wrong(labels, probabilities, 1) == ([0], [1])
    assert right_and_wrong(labels, probabilities, 9) == ([0, 3], [1, 2])


def test_density_image_adds_up_and_fills_by_the_even_odd_rule() -> None:
    t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    disc = np.stack([np.sin(t), np.cos(t)], axis=1).astype(np.float32)
    bow_tie = np.array([(-0.4, -0.4), (0.4, 0.4), (0.4, -0.4), (-0.4, 0.4)], np.float32)
    pentagram = 0.6 * disc[[0, 24, 48, 12, 36]]
    rings = [(disc, 1.0), (bow_tie, -1.0), (pentagram, 0.5)]
    half_width = 1.25
    image = density_image(rings, half_width, n_pixels=200)
    pixel = (2 * half_width / 200) ** 2
    inside = shapely.make_valid(shapely.Polygon(pentagram))  # its inner pentagon is outside
    ties = shapely.make_valid(shapely.Polygon(bow_tie))
    expected = shapely.Polygon(disc).area - ties.area + 0.5 * inside.area
    assert image.sum() * pixel == pytest.approx(expected, rel=0.01)

    def at(x: float, y: float) -> float:
        column, row = (int((v + half_width) / (2 * half_width) * 200) for v in (x, y))
        return float(image[row, column])

    assert at(0.0, 0.9) == 1.0
    assert at(0.0, 1.2) == 0.0
    assert at(0.0, 0.05) == 1.0  # in the middle of the star, and beside the bow tie
    assert at(0.3, -0.05) == 0.0  # in the bow tie's right half
    assert at(0.0, 0.5) == 1.5  # the star's tip points up: rows count from the lowest y
    assert at(0.0, -0.5) == 1.0


def test_material_is_more_opaque_where_it_is_denser() -> None:
    image = material_image(np.array([[0.0, 1.0, 2.0, -1.0]]), 2.0, (0, 0, 1), (1, 0, 0))
    assert image[0, 0, 3] == 0
    assert 0 < image[0, 1, 3] < image[0, 2, 3] < 1
    np.testing.assert_array_equal(image[0, 1, :3], (0, 0, 1))
    np.testing.assert_array_equal(image[0, 3, :3], (1, 0, 0))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (4.25, "4.2 s"),
        (9.96, "10 s"),
        (59.6, "1 min 00 s"),
        (125, "2 min 05 s"),
        (11220, "3 h 07 min"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_numbers_for_people() -> None:
    assert [short_count(v) for v in (0, 500, 20_000, 1_200_000, 3e9)] == [
        "0", "500", "20 k", "1.2 M", "3 G",
    ]  # fmt: skip
    assert [index_name(i) for i in (1234, 2**40, 2**41 + 5000)] == [
        "1,234",
        "2⁴⁰",
        "2⁴¹ + 5,000",
    ]


def test_published_scores() -> None:
    assert published_score(nt.recipes.chirality()) == Published(0.907, "Sullivan 2020, section 4.3")
    stereo = published_score(nt.recipes.by_name("hole-stereo"))
    assert stereo is not None
    assert (stereo.accuracy, stereo.same_view_accuracy) == (0.87, 0.78)
    of_the_paper = ("chirality", "hole", "hole-stereo", "small-hole", "small-hole-stereo")
    assert all(published_score(nt.recipes.by_name(name)) for name in of_the_paper)
    other = nt.recipes.hole(0.07)
    assert known_name(other) is None
    assert published_score(other) is None
