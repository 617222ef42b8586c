"""Labels and names are checked when a recipe is made, and drawn as the words that they are."""

from __future__ import annotations

import io
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import nanotilt as nt
from conftest import refused
from nanotilt.cli import main
from nanotilt.limits.results import Accuracy, Limit, Point
from nanotilt.report import limit_plot, overview, preview, style
from nanotilt.report.insight_figures import quantity_figure
from nanotilt.report.markup import text
from nanotilt.runs.findings import Curve, Share
from nanotilt.runs.findings import Point as CurvePoint
from nanotilt.tasks.task import Question, Task
from overview_cases import an_insight, write_run

PARTICLE = nt.Particle(nt.Outline(n_corners=5))

DIFFICULT = (
    r"5 $ a piece, \frac{ $",
    "$x^2$",
    "孔 \N{WATER WAVE} مرحبا",
    "_hidden",
    '<b>&"bold"',
    "{0} %s \\",
    "long " * 200,
    "",
)

WRONG = ["half \ud800", "two\nlines", "tab\t", "zero \x00", "\x1b[31m", "\x7f", "\x9f", "a\u2028b",
         "\ufffe", "\uffff", "x" * 1001]  # fmt: skip


def recipe_of(*labels: str) -> nt.Recipe:
    return nt.Recipe(dict.fromkeys(labels, PARTICLE), nt.Detector(n_bins=8, noise=0.0))


class Words(HTMLParser):
    """All text of a page, tags left out; of a tag that somebody wrote into it there is a trace."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words = ""
        self.tags: set[str] = set()
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)


@pytest.mark.parametrize("label", WRONG)
def test_labels_that_can_t_be_drawn_are_refused(label: str) -> None:
    refused(ValueError, "label", label, lambda: recipe_of("fine", label))
    value = json.loads(recipe_of("fine", "other").to_json())
    del value["digest"]
    value["classes"][1]["label"] = label
    refused(ValueError, "label", label, lambda: nt.Recipe.from_json(json.dumps(value)))
    question = Question("which", ("fine", label), (0, 1))
    refused(ValueError, "answers[1]", label, lambda: Task((question,)).checked(recipe_of("a", "b")))


@pytest.mark.parametrize("label", [None, 1, b"hole", ("hole",)])
def test_labels_that_are_no_text_are_refused(label: Any) -> None:
    refused(TypeError, "label", label, lambda: recipe_of("fine", label))


def test_labels_that_were_fine_are_fine() -> None:
    recipe = recipe_of(*DIFFICULT)
    assert recipe.class_names == DIFFICULT
    assert nt.Recipe.from_json(recipe.to_json()) == recipe
    # The digest of a recipe with such labels is what it was before labels were checked.
    known = recipe_of(r"5 $ a piece, \frac{ $", "孔").digest
    assert known == KNOWN_DIGEST


KNOWN_DIGEST = "bbc52fc6e53f81f5adb9f4c3dab07ca8b03d3e2087bdee78480abf2c61f17033"


def test_a_gallery_of_difficult_labels() -> None:
    """Neither mathematics nor characters that no font here has keep it from being drawn."""
    figure = preview.draw(recipe_of(*DIFFICULT), samples=1)
    titles = [vars(band)["_suptitle"].get_text() for band in figure.subfigs]
    assert titles[:2] == list(DIFFICULT[:2])
    assert len(titles[6]) == 60
    svg = io.StringIO()
    with style.styled():
        figure.savefig(svg, format="svg")
    for label in (r"5 $ a piece, \frac{ $", "$x^2$", "孔"):
        assert label in svg.getvalue()
    assert style.png(figure, dpi=20).startswith(b"\x89PNG")


def test_legends_show_names_that_begin_with_an_underscore() -> None:
    share = Share(10, 0.5, (0.3, 0.7))
    points = (CurvePoint(0.1, 0.2, 0.15, share), CurvePoint(0.2, 0.3, 0.25, share))
    svg = quantity_figure([Curve("hole size", label, points) for label in DIFFICULT[:5]], 0.5)
    words = Words(svg).words
    for label in DIFFICULT[:5]:
        assert label in words


def test_a_limit_s_picture_has_the_name_that_the_recipe_s_file_has(tmp_path: Path) -> None:
    one = Accuracy(0.8, (0.7, 0.9))
    limit = Limit("0" * 64, 1, (Point(10, one), Point(100, one)), None, None, "", "", 10, 0, 1.0)
    for i, name in enumerate((*DIFFICULT, "half \ud800", "two\nlines")):
        limit_plot.save(limit, name, None, tmp_path / f"{i}.svg")
    assert r"5 $ a piece, \frac{ $: the best" in (tmp_path / "0.svg").read_text()


def test_the_page_over_runs_of_difficult_names(tmp_path: Path) -> None:
    for i, name in enumerate((*DIFFICULT, "half \ud800")):
        write_run(tmp_path / f"run{i}", name=name, insight=an_insight(0.9))
    collection = overview.collect([tmp_path])
    assert len(collection.runs) == len(DIFFICULT) + 1
    page = Words(overview.overview_page(collection, title="\ud800 $"))
    page.words.encode()  # so that it can be written
    for label in DIFFICULT[:5]:
        assert label in page.words
    assert "b" not in page.tags
    assert "half ?" in page.words


@pytest.mark.skipif(os.name != "posix", reason="names of files are bytes")
def test_folders_whose_names_are_no_text(tmp_path: Path) -> None:
    write_run(tmp_path / os.fsdecode(b"caf\xe9"))
    page, table = tmp_path / "page.html", tmp_path / "runs.csv"
    assert main(["report", str(tmp_path), "-o", str(page), "--csv", str(table)]) == 0
    assert "caf?" in page.read_text("utf-8")
    assert "caf\\udce9" in table.read_text("utf-8")


def test_html_holds_no_character_that_pages_may_not_hold() -> None:
    assert text("a\x00b\x1b\ud800\n<") == "a?b??\n&lt;"
    svg = style.inline_svg(style.new_figure(1, 1), "half \ud800")
    assert re.search(r'aria-label="half \?"', svg)
