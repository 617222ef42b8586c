"""What is kept of tested fields, its sums and its pages."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt.report.fields.figures import Example
from nanotilt.report.fields.page import FieldContents, field_page
from nanotilt.report.fields.scores import shown
from nanotilt.runs.fields.results import SCORES, FieldResults

DOSES = (1.0, 10.0, 100.0)


def results(doses: Sequence[float], n_per_dose: int = 6, seed: int = 0) -> FieldResults:
    """Fields in which more is found, and measured better, the larger the dose is."""
    rng = np.random.default_rng(seed)
    dose = np.repeat(np.asarray(doses, dtype=float), n_per_dose)
    n = len(dose)
    number = rng.integers(8, 20, n)
    true_field = np.repeat(np.arange(n), number)
    true_px = 10 * np.exp(0.25 * rng.normal(size=len(true_field)))
    share = (dose / (dose + 2))[true_field]
    found_px = true_px * (1 + 0.1 / np.sqrt(dose[true_field]) * rng.normal(size=len(true_field)))
    found_px[rng.uniform(size=len(true_field)) > share] = np.nan
    spurious_field = np.repeat(np.arange(n), rng.integers(0, 2, n))
    hits = np.bincount(true_field[~np.isnan(found_px)], minlength=n)
    return FieldResults(
        dose=dose,
        dice=dose / (dose + 1) + 0.01 * rng.normal(size=n),
        hits75=hits - np.minimum(hits, 1),
        shared=np.asarray(0.8 * hits, dtype=np.float64),
        true_field=true_field,
        true_px=true_px,
        found_px=found_px,
        spurious_field=spurious_field,
        spurious_px=np.full(len(spurious_field), 5.0),
    )


def example(title: str, n_pixels: int = 32) -> Example:
    """A field with one particle that is found, one that is missed, and one too many."""
    rows, columns = np.mgrid[:n_pixels, :n_pixels]

    def disc(x: float, y: float, number: int) -> np.ndarray:
        made: np.ndarray = number * ((columns - x) ** 2 + (rows - y) ** 2 < 20)
        return made

    true = disc(8, 8, 1) + disc(22, 9, 2)
    found = disc(8, 9, 1) + disc(10, 24, 2)
    image = (true > 0) + np.random.default_rng(0).normal(0, 0.3, true.shape)
    return Example(image, true, found, frozenset({1}), frozenset({2}), title)


def slowly(kept: FieldResults, numbers: list[int]) -> dict[str, float]:
    """The scores of some fields, particle by particle."""
    true, found, hits, hits75, shared, dice = 0, 0, 0, 0, 0.0, []
    relative, true_px, found_px = [], [], []
    for field in numbers:
        dice.append(kept.dice[field])
        hits75 += int(kept.hits75[field])
        shared += kept.shared[field]
        for which, size, got in zip(kept.true_field, kept.true_px, kept.found_px, strict=True):
            if which == field:
                true += 1
                true_px.append(size)
                if not np.isnan(got):
                    hits += 1
                    found += 1
                    found_px.append(got)
                    relative.append(abs(got / size - 1))
        for which, size in zip(kept.spurious_field, kept.spurious_px, strict=True):
            if which == field:
                found += 1
                found_px.append(size)
    missed, more = true - hits, found - hits
    return {
        "dice": float(np.mean(dice)),
        "f1": hits / (hits + 0.5 * (missed + more)),
        "ap50": hits / (hits + missed + more),
        "ap75": hits75 / (hits75 + (true - hits75) + (found - hits75)),
        "pq": shared / (hits + 0.5 * missed + 0.5 * more),
        "size_error": float(np.mean(relative)),
        "count_error": found / true - 1,
        "diameter_error": float(np.mean(found_px) / np.mean(true_px) - 1),
    }


def test_scores_are_those_of_particle_after_particle() -> None:
    kept = results(DOSES)
    scores = kept.scores(kept.dose == 10)
    expected = slowly(kept, list(np.flatnonzero(kept.dose == 10)))
    assert tuple(scores) == SCORES
    for name, metric in scores.items():
        assert metric.value == pytest.approx(expected[name], rel=1e-12)


def test_standard_errors_are_the_spread_of_repeated_tests() -> None:
    repeated = [results((10.0,), 40, seed).scores() for seed in range(200)]
    for name in ("dice", "f1", "size_error", "diameter_error"):
        spread = np.std([scores[name].value for scores in repeated])
        told = np.mean([scores[name].standard_error for scores in repeated])
        assert told == pytest.approx(spread, rel=0.25), name


def test_one_field_has_no_standard_error() -> None:
    kept = results((10.0,), 1)
    assert {metric.standard_error for metric in kept.scores().values()} == {None}


def test_arrays_come_back() -> None:
    kept = results(DOSES)
    again = FieldResults.from_arrays(kept.to_arrays())
    for field in dataclasses.fields(kept):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(kept, field.name))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("dice", np.zeros(2), "dice must have the shape of dose"),
        ("found_px", np.zeros(2), "found_px must have the shape of true_field"),
        ("spurious_px", np.zeros(99), "spurious_px must have the shape of spurious_field"),
        ("spurious_field", None, "spurious_field is missing"),
        ("true_field", -1, "true_field must be in"),
    ],
)
def test_damaged_arrays_are_refused(name: str, value: Any, words: str) -> None:
    arrays = results(DOSES).to_arrays()
    if value is None:
        del arrays[name]
    else:
        arrays[name] = np.full_like(arrays[name], value) if np.isscalar(value) else value
    with pytest.raises(ValueError, match=words):
        FieldResults.from_arrays(arrays)


def test_by_size_counts_every_particle_once() -> None:
    kept = results(DOSES)
    rows = kept.by_size([0, 8, 10, 12, 1000])
    assert rows["n"].sum() == len(kept.true_px)
    assert (rows["recall"] * rows["n"]).sum() == pytest.approx(kept.hits.sum())


def contents(kept: FieldResults, **changed: Any) -> FieldContents:
    configuration = {
        "versions": {"nanotilt": "0.1"},
        "started": "2026-11-27 20:00",
        "settings": {"seed": 0, "batch_size": 8},
        "repeat": "nanotilt train particle-field",
    }
    values = {
        "recipe": nt.recipes.chirality(),
        "recipe_name": "particle-field",
        "configuration": configuration,
        "history": [
            {"samples_seen": 1000 * i, "loss": 1 / i, "dice": 1 - 0.3 / i, "f1": 1 - 0.5 / i}
            for i in range(1, 8)
        ],
        "tested": kept,
        "baselines": {"Otsu and watershed": results(DOSES, seed=1)},
        "examples": [example(f"{dose:g} electrons") for dose in DOSES],
        "hardest": [example("F1 0.31")],
        "pixel_nm": 0.5,
        "timings_s": {"training": 480.0, "test": 12.0},
    }
    return FieldContents(**{**values, **changed})


class _Parsed(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sections: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "section":
            self.sections.append(str(values["id"]))
        if tag == "a":
            self.links.append(str(values["href"]))


def test_page_has_every_section_and_refers_to_nothing_outside() -> None:
    page = field_page(contents(results(DOSES)))
    parsed = _Parsed()
    parsed.feed(page)
    assert parsed.sections == [
        *("summary", "dose", "overlays", "hardest", "sizes", "curves", "timings", "recipe"),
        *("configuration", "repeat"),
    ]
    assert parsed.links == [f"#{name}" for name in parsed.sections]
    assert "http" not in page.replace("http://www.w3.org", "")


def test_page_without_doses_or_examples() -> None:
    kept = results(np.geomspace(1, 100, 20).tolist(), 1)
    page = field_page(contents(kept, examples=(), hardest=(), history=(), baselines={}))
    for anchor in ("dose", "overlays", "hardest"):
        assert f'<section id="{anchor}">' not in page
    assert "before its first epoch" in page


def test_how_scores_are_shown() -> None:
    scores = results(DOSES).scores()
    assert shown("f1", scores["f1"]).startswith("0.")
    assert "%" in shown("size_error", scores["size_error"])
    assert shown("count_error", scores["count_error"])[0] in "+\N{MINUS SIGN}"
