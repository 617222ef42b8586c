"""Crafted contents of a report, and what every page must be."""

from __future__ import annotations

import html.parser
import re
from collections import Counter
from typing import Any

import numpy as np

import nanotilt as nt
from nanotilt.runs.published import published_score
from nanotilt.runs.records import EpochRecord, Metrics, Predictions, ReportContents, Throughput
from nanotilt.tasks import metrics as scoring

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


def predictions(n: int, n_classes: int, seed: int = 0) -> Predictions:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, n_classes, n).astype(np.int32)
    probabilities = rng.dirichlet(np.ones(n_classes), n).astype(np.float32)
    return Predictions(3, 2**41, labels, probabilities)


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


def checked_overview(text: str) -> Page:
    """The page, which must be well formed and refer to nothing but itself and runs' reports."""
    page = Page(text)
    assert re.findall(r"https?:|@import|<script|<link|<iframe|srcset", text) == []
    ids = page.values("id")
    for target in page.values("href"):
        assert target.endswith("report.html") or target[1:] in ids, target
    drawings = [a for a in page.attributes if a[:2] == ("svg", "role")]
    labels = [a[2] for a in page.attributes if a[:2] == ("svg", "aria-label")]
    assert len(drawings) == len(labels)
    assert all(len(label) > 10 for label in labels)
    return page
