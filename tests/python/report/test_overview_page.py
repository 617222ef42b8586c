"""The overview's page: well formed, self-contained but for the runs' reports, complete."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from nanotilt.report import overview
from overview_cases import an_insight, write_run
from report_cases import Page, checked_overview


def experiment(**variation: Any) -> dict[str, Any]:
    return {"name": "chirality", "budget": "full", "variation": variation}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seeds of the fast network, one of the paper's, four varied runs, two failures."""
    folder = tmp_path_factory.mktemp("runs & more")
    for seed, accuracy in ((0, 0.94), (1, 0.96)):
        write_run(
            folder / f"fast {seed}", accuracy, seed=seed, experiment=experiment(), tried=(True,),
            insight=an_insight(accuracy),
        )  # fmt: skip
    write_run(folder / "paper", 0.88, model="paper", experiment=experiment(), tried=(False, True))
    for noise in (0.0005, 0.002, 0.01):
        write_run(folder / f"n{noise}", 0.95 - 5 * noise, experiment=experiment(noise=noise))
    write_run(folder / "odd", 0.7, experiment=experiment(noise=0.01, kind="<b>"))
    write_run(folder / "cut", experiment=experiment(), status="running")
    (folder / "bad").mkdir()
    (folder / "bad" / "training.json").write_text("{")
    return folder


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    found = overview.collect([folder])
    return overview.overview_page(found, out=folder / "all.html", title="Runs <of> today")


def test_the_page_is_complete(text: str) -> None:
    page = checked_overview(text)
    words = " ".join(page.words)
    for expected in (
        "Runs <of> today",
        "The fast network is above the paper in 1 of 1; the paper network is above the paper in "
        "0 of 1",
        "7 runs, 2 more not counted.",
        "95.0 ± 1.4 %", "94.0 to 96.0, 2 runs", "88.0 %", "1 of 2", "90.7 %", "+4.3",
        "\N{MINUS SIGN}2.7", "1 min 00 s", "2 k samples", "4 runs, below",
        "views of two particles", "60.0 ± 0.0 %",
        "4 times as strong", "standard deviation of the noise",
        "it is still running, or was cut off", "bad/training.json is damaged",
        "nanotilt train chirality --seed 1", "x86_64", "7 runs",
    ):  # fmt: skip
        assert expected in words, expected
    assert "<b>" not in text
    assert "&lt;b&gt;" in text


def test_the_table_is_coloured(text: str) -> None:
    assert re.search(r'<td class="good">\+4\.3</td>', text)
    assert re.search(r'<td class="bad">\N{MINUS SIGN}2\.7</td>', text)


def test_the_figures(text: str) -> None:
    labels = " ".join(Page(text).values("aria-label"))
    for expected in (
        "Validation accuracy against samples seen. paper, full: 1 run, 88.0 % in the test; "
        "fast, full: 2 runs, 95.0 % in the test",
        "Accuracy against spiral size. fast, full: from 95.0 % to 92.0 %.",
        "fast, full: clockwise: from",
        "Accuracy against the factor on noise. fast, full: from 95.0 % to 79.0 %.",
        "Accuracy against noise. fast, full: 94.8 % at 0.0005, 94.0 % at 0.002, 90.0 % at 0.01; "
        "fast, full, kind <b>: 70.0 % at 0.01",
        "the particle, its views, and below each the change of log-odds",
    ):
        assert expected in labels, expected


def test_links_lead_to_the_runs_reports(text: str, folder: Path) -> None:
    links = [link for link in Page(text).values("href") if link.endswith("report.html")]
    assert "fast%200/report.html" in links
    assert len(links) == 7
    found = overview.collect([folder])
    assert "report.html" not in overview.overview_page(found)
    elsewhere = overview.overview_page(found, out=folder / "deep" / "er" / "all.html")
    assert "../../paper/report.html" in Page(elsewhere).values("href")


def test_several_questions_have_rows_of_their_own(tmp_path: Path) -> None:
    dual = {"name": "dual", "budget": "full", "variation": {}}
    write_run(
        tmp_path / "run", experiment=dual, questions={"hole": 0.81, "turn": 0.72},
        insight=an_insight(0.72, "turn"),
    )  # fmt: skip
    for noise, hole, turn in ((0.1, 0.63, 0.54), (0.2, 0.6, 0.51)):
        varied = {"name": "dual", "budget": "full", "variation": {"noise": noise}}
        scores = {"hole": hole, "turn": turn}
        write_run(tmp_path / f"{noise}", experiment=varied, questions=scores)
    page = checked_overview(overview.overview_page(overview.collect([tmp_path])))
    words = " ".join(page.words)
    for expected in ("81.0 %", "72.0 %", "63.0 %", "54.0 %", "hole", "turn"):
        assert expected in words, expected
    labels = " ".join(page.values("aria-label"))
    expected = (
        "fast, full, hole: 63.0 % at 0.1, 60.0 % at 0.2; "
        "fast, full, turn: 54.0 % at 0.1, 51.0 % at 0.2."
    )
    assert expected in labels


def test_a_page_of_varied_runs_only_and_of_none(tmp_path: Path) -> None:
    write_run(tmp_path / "run", experiment=experiment(noise=0.1))
    page = checked_overview(overview.overview_page(overview.collect([tmp_path])))
    assert "1 run, below" in " ".join(page.words)
    nothing = checked_overview(overview.overview_page(overview.Collection((), ())))
    assert "0 runs." in " ".join(nothing.words)


def test_axes_of_varied_parameters(tmp_path: Path) -> None:
    """Logarithmic over more than a decade, by name for what is no number."""
    from nanotilt.report.overview.figures import VariedLine, variation_figure
    from nanotilt.report.overview.groups import by_experiment

    for value in (0.001, 0.1):
        write_run(tmp_path / f"{value}", 0.9, experiment=experiment(noise=value))
    groups = by_experiment(overview.collect([tmp_path]).runs)[0].varied

    def drawn(path: str, *values: Any) -> str:
        points = tuple(zip(values, groups, strict=True))
        return variation_figure(path, [VariedLine("", 0, points)])

    assert ">0.01<" in drawn("noise", 0.001, 0.1)  # a decade's mark between the two values
    assert ">0.01<" not in drawn("noise", 0.001, 0.002)
    assert ">odd<" in drawn("kind", "odd", "even")
