"""Reports: metrics, drawings and the page, on crafted data."""

from __future__ import annotations

import functools
import html.parser
import re
from collections import Counter
from typing import Any

import numpy as np
import pytest
import scipy.stats
import shapely

import nanotilt as nt
from nanotilt.report import metrics as scoring
from nanotilt.report.choose import first_of_each_class, right_and_wrong
from nanotilt.report.contents import EpochRecord, Metrics, Predictions, ReportContents, Throughput
from nanotilt.report.figures import short_count
from nanotilt.report.page import report_page
from nanotilt.report.published import Published, known_name, published_score
from nanotilt.report.raster import density_image, material_image
from nanotilt.report.words import duration, index_name

SECTIONS = (
    "summary",
    "curves",
    "confusion",
    "gallery",
    "examples",
    "same-view",
    "throughput",
    "recipe",
    "configuration",
    "repeat",
)

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
    assert all(published_score(nt.recipes.by_name(name)) for name in nt.recipes.names())
    other = nt.recipes.hole(0.07)
    assert known_name(other) is None
    assert published_score(other) is None


# ------------------------------------------------------------------------------------ the page


def contents(
    recipe: nt.Recipe,
    n_epochs: int = 3,
    status: str = "finished",
    patience: int | None = None,
    all_right: bool = False,
) -> ReportContents:
    n_classes = len(recipe.class_names)
    p = predictions(60, n_classes)
    if all_right:
        p = Predictions(3, 2**41, p.probabilities.argmax(axis=1).astype(np.int32), p.probabilities)
    batch = recipe.sample(3, 2**41, 60)
    if not all_right:
        p = Predictions(3, 2**41, batch.label, p.probabilities)
    history = tuple(
        EpochRecord(i, 100 * i, 1 / i, 0.5 + 0.1 * i, 1.1 / i, 0.5 + 0.1 * i, 2.0, 50.0, 1e-3)
        for i in range(1, n_epochs + 1)
    )
    matrix = scoring.confusion_matrix(p.labels, p.probabilities.argmax(axis=1), n_classes)
    score = scoring.score(p.labels, p.probabilities)
    metrics = Metrics(
        class_names=recipe.class_names,
        test=score,
        confusion_matrix=tuple(tuple(int(n) for n in row) for row in matrix),
        per_class=scoring.class_scores(matrix, recipe.class_names),
        same_view=score if recipe.n_views > 1 else None,
        chance=1 / n_classes,
        paper=published_score(recipe),
        throughput=Throughput(2e5, 1e5, 1.5e5, 4e3 if history else None, 1e4),
        timings_s={"loading": 2.0, "training": 6.0},
    )
    configuration: dict[str, Any] = {
        "status": status,
        "started": "2026-01-02T03:04:05+00:00",
        "repeat": "nanotilt train <odd & name>",
        "model": {"name": "fast", "trainable_parameters": 1234},
        "settings": {
            "model": "fast", "epochs": 3, "steps_per_epoch": 10, "batch_size": 10, "seed": 3,
            "n_threads": 2, "validation_samples": 50, "test_samples": 60, "patience": patience,
            "steps_per_execution": 1,
        },
        "seeds": {"stream": 3, "model": 3},
        "sample_ranges": {
            "training": [0, 300], "validation": [2**40, 2**40 + 50], "test": [2**41, 2**41 + 60],
        },
        "versions": {"nanotilt": "0.1.0"},
        "build_info": {"threads": 2, "openmp": None, "simd_levels": ["v2"]},
        "machine": {"processor": "x86_64"},
    }  # fmt: skip
    return ReportContents(recipe, 'odd <name> & "quotes"', configuration, history, metrics, p)


class Page(html.parser.HTMLParser):
    """Checks that every element is closed, and gathers attributes and text."""

    EMPTY = frozenset({"meta", "br", "img", "path", "rect", "use", "image", "link"})

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in self.EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.EMPTY:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def values(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]


@functools.cache
def chirality_page() -> str:
    return report_page(contents(nt.recipes.chirality()))


def checked_page(text: str) -> Page:
    """The page, which must be well formed, self-contained and described in words."""
    page = Page(text)
    assert re.findall(r"https?:|@import|<script|<link|<iframe|srcset", text) == []
    for source in page.values("src") + page.values("xlink:href") + page.values("href"):
        assert source.startswith(("#", "data:image/png;base64,")), source
    for target in re.findall(r"url\(([^)]*)\)", text):
        assert target.startswith("#"), target
    ids = page.values("id")
    assert [name for name, times in Counter(ids).items() if times > 1] == []
    for target in page.values("href"):
        assert target[1:] in ids
    assert set(SECTIONS) <= set(ids)
    drawings = [a for a in page.attributes if a[:2] == ("svg", "role")]
    labels = [a[2] for a in page.attributes if a[:2] == ("svg", "aria-label")]
    assert len(drawings) == len(labels)
    assert all(len(label) > 10 for label in labels)
    return page


def test_page_of_two_views() -> None:
    page = checked_page(chirality_page())
    words = " ".join(page.words)
    for expected in (
        "Which way does the spiral turn?", "the paper", "90.7 %", "first view only",
        "Sullivan 2020, section 4.3",
        "clockwise", "anticlockwise", "recognised", "taken for", "sample 2⁴¹ +", "same-view-twice",
        "200,000 / s", "nanotilt train <odd & name>", "start=2199023255552, count=60", "digest",
        'odd <name> & "quotes"',
    ):  # fmt: skip
        assert expected in words, expected
    labels = page.values("aria-label")
    assert sum("the particle and its 2 views" in label for label in labels) == 6 + 9
    assert sum("against samples seen" in label for label in labels) == 2


def test_page_of_one_view_explains_the_control() -> None:
    page = checked_page(report_page(contents(nt.recipes.hole())))
    assert "has one view, so the same-view-twice control" in " ".join(page.words)
    page = checked_page(report_page(contents(nt.recipes.by_name("small-hole"))))
    assert "Sullivan 2020, section 4.1 (no training succeeded)." in " ".join(page.words)


def test_page_of_many_views_and_classes_with_odd_names() -> None:
    outlines = {
        f"<b>class {i} & more": nt.Particle(nt.Outline(radius=0.5 + i / 20)) for i in range(14)
    }
    recipe = nt.Recipe(outlines, nt.Detector(n_bins=16, angles_deg=tuple(range(0, 180, 30))))
    page = checked_page(report_page(contents(recipe, patience=2)))
    words = " ".join(page.words)
    assert "The commonest confusions of 14 classes." in words
    assert "The first 8 of 14 classes." in words
    assert "The weights of epoch 3, with the smallest validation loss, were tested." in words
    assert "<b>class 0 & more" in words
    assert "no better than chance" in words or "above chance" in words


def test_page_of_a_stopped_run() -> None:
    page = checked_page(
        report_page(contents(nt.recipes.chirality(), n_epochs=1, status="interrupted"))
    )
    assert "stopped by hand after 100 of 300 samples" in " ".join(page.words)
    page = checked_page(
        report_page(contents(nt.recipes.chirality(), n_epochs=0, status="interrupted"))
    )
    assert "Training was stopped before its first step." in " ".join(page.words)


def test_page_without_a_mistake() -> None:
    assert "None." in " ".join(
        checked_page(report_page(contents(nt.recipes.chirality(), all_right=True))).words
    )


def test_colours_follow_the_page() -> None:
    """Every drawing has the page's colours; none is left that would vanish in the dark."""
    text = chirality_page()
    drawings = re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)
    assert len(drawings) == 2 + 6 + 9
    for drawing in drawings:
        assert "var(--ink)" in drawing
        assert "var(--series-1)" in drawing
        assert re.findall(r"(?:fill|stroke): #[0-9a-f]{6}", drawing) == []
    style = text[text.index("<style>") : text.index("</style>")]
    assert "prefers-color-scheme: dark" in style
    for variable in set(re.findall(r"var\((--[\w-]+)\)", text)):
        assert style.count(f"{variable}:") == 2, variable  # light and dark
