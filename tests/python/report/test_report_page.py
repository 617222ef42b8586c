"""The report's page, on crafted data: well formed, self-contained, complete."""

from __future__ import annotations

import functools
import re

import nanotilt as nt
from nanotilt.report.page import report_page
from report_cases import checked_page, contents


@functools.cache
def chirality_page() -> str:
    return report_page(contents(nt.recipes.chirality()))


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
