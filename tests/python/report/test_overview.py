"""Overviews of runs: what is found, how it is grouped, the table of numbers, the CSV."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from conftest import RunPython
from nanotilt.report import overview
from nanotilt.report.overview import groups, reference
from nanotilt.report.overview.spread import Spread
from nanotilt.report.overview.tables import accuracy_cell, difference, trained_cell
from nanotilt.runs.published import Published
from overview_cases import HISTORY, an_insight, write_run


def table_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# --------------------------------------------------------------------------------- collecting


def test_runs_are_found_at_any_depth_and_once(tmp_path: Path) -> None:
    write_run(tmp_path / "a" / "b" / "run-2", seed=2)
    write_run(tmp_path / "a" / "run-1", seed=1)
    (tmp_path / "a" / "notes").mkdir()
    found = overview.collect([tmp_path, tmp_path / "a", tmp_path / "a" / "run-1"])
    assert [run.seed for run in found.runs] == [2, 1]  # in the order of their folders
    assert found.unfinished == ()
    assert overview.collect([str(tmp_path / "a" / "run-1")]).classifications[0].seed == 1


def test_folders_without_runs_are_named(tmp_path: Path) -> None:
    write_run(tmp_path / "run")
    (tmp_path / "empty").mkdir()
    with pytest.raises(overview.NoRunsError, match=r"no run in the folder .*empty"):
        overview.collect([tmp_path / "run", tmp_path / "empty"])
    with pytest.raises(overview.NoRunsError, match=r"there is no folder .*missing"):
        overview.collect([tmp_path / "missing"])


def test_an_older_run_is_read(tmp_path: Path) -> None:
    """Without experiment, questions, tries, insight."""
    folder = write_run(tmp_path / "run", 0.93, seed=4)
    (run,) = overview.collect([folder]).classifications
    assert (run.experiment, run.model, run.budget, run.variation) == ("chirality", "fast", "", {})
    assert run.accuracy == 0.93
    assert [question.name for question in run.questions] == ["class"]
    assert (run.samples_seen, run.seconds, run.parameters) == (2000, 60.0, 1234)
    assert run.trained_share is None
    assert run.control("class", "same_view") == 0.5
    assert run.control("class", "same_class") is None
    assert run.recipe == nt.recipes.chirality()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda d: (d / "metrics.json").unlink(), "no metrics.json"),
        (lambda d: (d / "metrics.json").write_text("{"), r"metrics\.json is damaged"),
        (lambda d: (d / "metrics.json").write_text("{}"), "is damaged: test is missing"),
        (lambda d: (d / "training.json").write_text("[]"), r"training\.json is damaged"),
        (lambda d: (d / "training.json").write_text("{}"), r"training\.json is damaged"),
        (lambda d: (d / "training.json").write_bytes(b"\xff"), r"training\.json is damaged"),
        (lambda d: (d / "insight.json").write_text('{"format": 9}'), r"insight\.json is damaged"),
        (lambda d: (d / "insight.json").write_text("{"), r"insight\.json is damaged"),
        (lambda d: (d / "history.csv").write_text(HISTORY + "3,x\n"), r"history\.csv is damaged"),
    ],
)
def test_a_damaged_run_is_listed_and_spoils_no_other(
    spoil: Any, words: str, tmp_path: Path
) -> None:
    write_run(tmp_path / "good")
    spoil(write_run(tmp_path / "spoiled"))
    found = overview.collect([tmp_path])
    assert [run.folder.name for run in found.runs] == ["good"]
    (one,) = found.unfinished
    assert one.folder.name == "spoiled"
    assert re.search(words, one.why)


@pytest.mark.parametrize(
    ("status", "why"), [("running", "still running"), ("interrupted", "stopped by hand")]
)
def test_unfinished_runs_do_not_count(status: str, why: str, tmp_path: Path) -> None:
    write_run(tmp_path / "run", status=status)
    found = overview.collect([tmp_path])
    assert found.runs == ()
    assert why in found.unfinished[0].why


def test_a_recipe_of_another_build_does_no_harm(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", insight=an_insight(0.9))
    value = json.loads((folder / "recipe.json").read_text())
    (folder / "recipe.json").write_text(json.dumps({**value, "stream_version": 99}))
    found = overview.collect([folder])
    assert found.runs[0].recipe is None
    assert "chirality" in overview.overview_page(found)


# ----------------------------------------------------------------------------------- numbers


def test_spread_against_numpy() -> None:
    values = [0.91, 0.94, 0.9, None, 0.955]
    known = [value for value in values if value is not None]
    spread = Spread.of(values)
    assert spread is not None
    assert (spread.n, spread.lowest, spread.highest) == (4, 0.9, 0.955)
    assert spread.mean == pytest.approx(np.mean(known))
    assert spread.std == pytest.approx(np.std(known, ddof=1))
    assert Spread.of([None]) is None
    alone = Spread.of([0.5])
    assert alone is not None
    assert alone.std is None


def test_groups_differ_in_nothing_but_the_seed(tmp_path: Path) -> None:
    def experiment(budget: str = "full", **variation: float) -> dict[str, Any]:
        return {"name": "chirality", "budget": budget, "variation": variation}

    write_run(tmp_path / "f2", 0.94, seed=2, experiment=experiment())
    write_run(tmp_path / "f1", 0.92, seed=1, experiment=experiment())
    write_run(tmp_path / "p", 0.90, model="paper", experiment=experiment())
    write_run(tmp_path / "q", 0.91, experiment=experiment("quick"))
    for noise in (0.01, 0.002, 0.1):
        write_run(tmp_path / f"n{noise}", experiment=experiment(noise=noise))
    write_run(tmp_path / "other", name="another recipe", recipe=nt.recipes.hole(0.07, n_views=2))
    first, second = groups.by_experiment(overview.collect([tmp_path]).runs)
    assert (first.name, second.name) == ("chirality", "another recipe")  # known ones first
    plain = [(g.model, g.budget, [r.seed for r in g.runs]) for g in first.plain]
    assert plain == [("paper", "full", [0]), ("fast", "full", [1, 2]), ("fast", "quick", [0])]
    assert [g.variation for g in first.varied] == [
        (("noise", 0.002),), (("noise", 0.01),), (("noise", 0.1),),
    ]  # fmt: skip
    fast = first.plain[1]
    assert fast.accuracy().mean == pytest.approx(0.93)
    assert fast.uncertainty() == pytest.approx(0.02 / math.sqrt(2) / math.sqrt(2))
    cell = accuracy_cell(fast)
    assert (cell.value, cell.small) == ("93.0 ± 1.4 %", "92.0 to 94.0, 2 runs")
    assert first.reference.question == "Which way does the spiral turn?"
    assert second.reference.question == "Which is it: solid, hole?"


def test_uncertainty_of_one_run_is_the_tests(tmp_path: Path) -> None:
    write_run(tmp_path / "run", 0.9)
    (one,) = groups.by_experiment(overview.collect([tmp_path]).runs)
    assert one.plain[0].uncertainty() == pytest.approx(0.003)
    cell = accuracy_cell(one.plain[0])
    assert (cell.value, cell.small) == ("90.0 %", "± 0.30 of the test")


@pytest.mark.parametrize(
    ("mean", "value", "kind"),
    [(0.92, "+2.0", "good"), (0.905, "+0.5", ""), (0.88, "\N{MINUS SIGN}2.0", "bad")],
)
def test_differences_are_coloured_where_they_are_sure(mean: float, value: str, kind: str) -> None:
    cell = difference(mean, 0.90, uncertainty=0.003)
    assert (cell.value, cell.kind) == (value, kind)
    assert difference(mean, None, 0.003).value == "-"


def test_share_of_tries_that_trained(tmp_path: Path) -> None:
    write_run(tmp_path / "1", seed=1, tried=(False, True))
    write_run(tmp_path / "2", seed=2, tried=(True,))
    write_run(tmp_path / "3", seed=3, tried=(False, False, False))
    runs = overview.collect([tmp_path]).classifications
    assert [run.trained_share for run in runs] == [0.5, 1.0, 0.0]
    cell = trained_cell(groups.by_experiment(runs)[0].plain[0])
    assert (cell.value, cell.small) == ("33 %", "2 of 6")


# ------------------------------------------------------------------------- what else is known


class _Limits:
    @staticmethod
    def measured(recipe: nt.Recipe) -> Any:
        if recipe != nt.recipes.chirality():
            return None
        return SimpleNamespace(
            lower=SimpleNamespace(value=0.92, interval_95=(0.915, 0.925)),
            upper=SimpleNamespace(value=0.97),
            extrapolated=SimpleNamespace(value=0.953),
        )


class _Registry:
    @staticmethod
    def names() -> tuple[str, ...]:
        return ("zeta", "chirality")

    @staticmethod
    def by_name(name: str) -> Any:
        return SimpleNamespace(
            question=f"What of {name}?", published=Published(0.8, "a table"), target=0.95,
            paper_text="as printed", about="",
        )  # fmt: skip


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "limits", _Limits)
    for module in (reference, groups):
        monkeypatch.setattr(module, "experiments", _Registry)


@pytest.mark.usefixtures("known")
def test_experiments_have_their_references(tmp_path: Path) -> None:
    for name in ("chirality", "zeta", "alpha"):
        experiment: dict[str, Any] = {"name": name, "budget": "full", "variation": {}}
        write_run(tmp_path / name, 0.94, experiment=experiment)
    found = groups.by_experiment(overview.collect([tmp_path]).runs)
    assert [one.name for one in found] == ["zeta", "chirality", "alpha"]
    chirality = found[1].reference
    assert (chirality.question, chirality.target) == ("What of chirality?", 0.95)
    assert chirality.paper == Published(0.8, "a table")
    assert chirality.limit == reference.Limit(0.92, (0.915, 0.925), 0.97, 0.953)
    assert found[2].reference.target is None
    page = overview.overview_page(overview.collect([tmp_path]))
    for words in (
        "95.0 %",
        "92.0 … 97.0 %",
        "targets reached: 0 of 2",
        "as printed",
        "more of them 95.3 %",
    ):
        assert words in page, words


def test_an_unknown_experiment_has_what_its_runs_tell(tmp_path: Path) -> None:
    write_run(tmp_path / "run", experiment={"name": "x", "budget": "quick", "variation": {}})
    (one,) = groups.by_experiment(overview.collect([tmp_path]).runs)
    assert one.reference.target is None
    assert one.reference.question == "Which way does the spiral turn?"
    assert one.reference.paper == Published(0.907, "Sullivan 2020, section 4.3")


# --------------------------------------------------------------------------------------- CSV


def test_csv_has_a_row_for_each_run_and_question(tmp_path: Path) -> None:
    varied = {"name": "dual", "budget": "quick", "variation": {"noise": 0.002, "kind": "odd, one"}}
    write_run(
        tmp_path / "a", 0.8, seed=3, experiment=varied, tried=(False, True),
        questions={"hole": 0.8, "turn": 0.7}, insight=an_insight(0.7, "turn"),
    )  # fmt: skip
    write_run(tmp_path / "b", 0.9, insight=an_insight(0.9))
    rows = table_of(overview.to_csv(overview.collect([tmp_path]).runs))
    assert [(row["experiment"], row["question"]) for row in rows] == [
        ("dual", "hole"), ("dual", "turn"), ("chirality", "class"),
    ]  # fmt: skip
    hole, turn, plain = rows
    assert (hole["variation:noise"], hole["variation:kind"]) == ("0.002", "odd, one")
    assert (plain["variation:noise"], plain["budget"], plain["tries"]) == ("", "", "")
    assert (hole["tries"], hole["trained_share"], hole["seed"]) == ("2", "0.5", "3")
    assert (hole["same_view"], hole["same_class"]) == ("", "")  # not examined
    controls = [turn[name] for name in ("same_view", "same_class", "others_noise", "first_noise")]
    assert controls == ["0.5", "0.6", "0.51", "0.52"]
    assert plain["same_class"] == "0.6"
    assert (plain["accuracy"], plain["standard_error"], plain["loss"]) == ("0.9", "0.003", "0.25")
    assert (plain["epochs"], plain["samples_seen"], plain["seconds"]) == ("2", "2000", "60")
    assert (plain["parameters"], plain["folder"]) == ("1234", str(tmp_path / "b"))
    assert overview.to_csv([]).startswith("experiment,model,budget,seed,question,accuracy,")


def test_reading_and_csv_load_no_tensorflow(tmp_path: Path, run_python: RunPython) -> None:
    write_run(tmp_path / "run", insight=an_insight(0.9))
    code = f"""
import sys
from nanotilt.report import overview
found = overview.collect([{str(tmp_path)!r}])
overview.to_csv(found.runs)
overview.overview_page(found)
print([name for name in ("tensorflow", "keras") if name in sys.modules])
"""
    assert run_python(code) == "[]"


def test_a_run_of_an_experiment_without_published_figure_has_none(tmp_path: Path) -> None:
    """Not that of its recipe, on which the paper asked something else."""
    folder = write_run(tmp_path / "run", 0.9)
    metrics = json.loads((folder / "metrics.json").read_text())
    (folder / "metrics.json").write_text(json.dumps(metrics | {"paper": None}))
    assert overview.collect([tmp_path]).classifications[0].paper is None
    del metrics["paper"]
    (folder / "metrics.json").write_text(json.dumps(metrics))
    expected = Published(0.907, "Sullivan 2020, section 4.3")
    assert overview.collect([tmp_path]).classifications[0].paper == expected
