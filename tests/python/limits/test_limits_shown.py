"""Limits as files, on the command line, as pictures and in reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import nanotilt as nt
from nanotilt.cli import main
from nanotilt.limits import BUDGETS, Accuracy, Budget, Limit, Point, measured
from nanotilt.report import figures, limit_plot
from nanotilt.runs.records import EpochRecord
from nanotilt.tasks.metrics import Score

TINY = Budget(300, (400, 800, 1600), 300, 400, 1_500, 200, 100)

Captured = pytest.CaptureFixture[str]


def made_up() -> Limit:
    points = tuple(
        Point(size, Accuracy(value, (value - 0.01, value + 0.01)))
        for size, value in ((1_000, 0.7), (10_000, 0.8), (100_000, 0.85))
    )
    upper = Accuracy(0.95, (0.94, 0.96))
    beyond = Accuracy(0.88, (0.86, 0.9))
    return Limit("00", 1, points, beyond, upper, "", "some kernel", 5_000, 2_000, 1.5)


def test_wrong_json() -> None:
    good = made_up().to_json_value()
    assert Limit.from_json_value(good) == made_up()
    with pytest.raises(ValueError, match=r"format must be 1\. Received: format=2"):
        Limit.from_json_value({**good, "format": 2})
    with pytest.raises(ValueError, match="must have the keys"):
        Limit.from_json_value({**good, "more": 1})
    with pytest.raises(ValueError, match="curve must have one point"):
        Limit.from_json_value({**good, "curve": []})
    with pytest.raises(TypeError, match=r"kernel must be text\. Received: kernel=3"):
        Limit.from_json_value({**good, "kernel": 3})


def test_measured_limits_belong_to_known_recipes() -> None:
    chirality = measured(nt.recipes.chirality())
    assert chirality is not None
    assert chirality.complete
    assert chirality.upper is not None
    assert chirality.lower.value > 0.907  # the paper's network
    assert measured(nt.recipes.hole(0.2)) is None
    for name in nt.recipes.names():
        limit = measured(nt.recipes.by_name(name))
        if limit is not None and limit.upper is not None:
            assert limit.lower.interval_95[0] < limit.upper.interval_95[1], name


def test_command(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BUDGETS, "quick", TINY)
    monkeypatch.chdir(tmp_path)
    words = ["limit", "hole", "--budget", "quick", "--bank", "1000", "-o", "a.json"]
    assert main([*words, "--plot", "a.png"]) == 0
    shown = capsys.readouterr()
    limit = Limit.from_json_value(json.loads(Path("a.json").read_text()))
    assert [point.bank_size for point in limit.curve] == [400, 800, 1000]
    for expected in ("bank 1,000", "bound from below", "oracle", "81.10 %   Sullivan 2020"):
        assert expected in shown.out
    assert "oracle: 200 of 200 samples" in shown.err
    assert Path("a.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.png"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["limit", "hol"], "Did you mean 'hole'?"),
        (
            ["limit", "hole", "--plot", "a.txt"],
            "plot must end in .png, .svg, .pdf. Received: plot=",
        ),
        (["limit", "hole", "-o", "no/where.json"], "there is no folder no"),
        (["limit", "hole", "--bank", "0"], "bank must be >= 1. Received: bank=0"),
        (["limit", "hole", "--test-samples", "0"], "test_samples must be >= 1"),
    ],
)
def test_wrong_words(words: list[str], message: str, capsys: Captured) -> None:
    assert main(words) == 2
    assert message in capsys.readouterr().err


def test_plot_without_bounds(tmp_path: Path) -> None:
    fields = {**made_up().to_json_value(), "upper": None, "extrapolated": None}
    limit = Limit.from_json_value(fields)
    limit_plot.save(limit, "mine", None, tmp_path / "a.svg")
    assert "bank 85.0 %" in (tmp_path / "a.svg").read_text()


def test_reports_show_the_band() -> None:
    record = EpochRecord(
        epoch=1, samples_seen=100, loss=0.5, accuracy=0.7, val_loss=0.5, val_accuracy=0.7,
        learning_rate=0.001, seconds=1.0, samples_per_second=100.0,
    )  # fmt: skip
    score = Score(100, 0.7, 0.05, (0.6, 0.8), 0.5)
    with_limit = figures.accuracy_curves([record], score, record, None, made_up())
    assert "best possible" in with_limit
    assert "best possible" not in figures.accuracy_curves([record], score, record, None)
