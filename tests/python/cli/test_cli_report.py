"""``nanotilt report``: files, exit codes, errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from nanotilt.cli import main
from overview_cases import write_run


def test_page_and_csv_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_run(tmp_path / "runs" / "one")
    write_run(tmp_path / "runs" / "two", status="interrupted")
    page, table = tmp_path / "all.html", tmp_path / "all.csv"
    words = ["report", str(tmp_path / "runs"), "-o", str(page), "--csv", str(table)]
    assert main([*words, "--title", "My title"]) == 0
    assert "<h1>My title</h1>" in page.read_text()
    assert 'href="runs/one/report.html"' in page.read_text()
    assert len(table.read_text().splitlines()) == 2
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [str(table), str(page)]
    assert "two: it was stopped by hand" in captured.err


def test_no_run_is_wrongly_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["report", str(tmp_path / "empty"), "-o", str(tmp_path / "x.html")]) == 2
    assert f"there is no run in the folder {tmp_path / 'empty'}" in capsys.readouterr().err
    assert not (tmp_path / "x.html").exists()
    assert main(["report", str(tmp_path / "none")]) == 2
    assert main(["report"]) == 2


def test_damaged_runs_alone_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_run(tmp_path / "run")
    (folder / "metrics.json").write_text("{")
    assert main(["report", str(tmp_path), "-o", str(tmp_path / "x.html")]) == 1
    error = capsys.readouterr().err
    assert f"{folder / 'metrics.json'} is damaged" in error
    assert "no run could be counted" in error
    assert "is damaged" in (tmp_path / "x.html").read_text()  # listed, not hidden


def test_a_runs_own_report_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_run(tmp_path / "run")
    monkeypatch.chdir(folder)
    assert main(["report", "."]) == 2
    assert "is the report of one run" in capsys.readouterr().err
    assert (folder / "report.html").read_text() == "its own report"


def test_a_page_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_run(tmp_path / "run")
    assert main(["report", str(folder), "-o", str(tmp_path / "missing" / "x.html")]) == 1
    assert "can't be written" in capsys.readouterr().err
