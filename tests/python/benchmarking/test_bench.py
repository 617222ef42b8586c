"""``nanotilt bench`` from outside: what is measured, printed, written, and refused."""

from __future__ import annotations

import dataclasses
import importlib.util
import io
import json
import math
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

import bench_cases
import nanotilt as nt
from child_processes import running
from nanotilt.benchmarking import effort, record, suite
from nanotilt.benchmarking.effort import Effort
from nanotilt.benchmarking.lines import streaming, threads
from nanotilt.benchmarking.results import Record
from nanotilt.cli import main
from nanotilt.cli.bench_progress import progress_on_stderr

TINY = Effort("quick", rounds=1, turn_seconds=1e-5)

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def canned(monkeypatch: pytest.MonkeyPatch) -> Record:
    """Nothing is measured; the command gets this record."""
    given = bench_cases.record()
    monkeypatch.setattr(suite, "measure", lambda plan, effort, progress: given)
    return given


# ----------------------------------------------------------------------------- end to end


def test_everything_is_measured_shown_and_written(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """One run of it all, as short as can be: no stage is left out or faked."""
    monkeypatch.setattr(effort, "QUICK", TINY)
    for module, size in ((streaming, "SAMPLES"), (threads, "SAMPLES_PER_CALL")):
        monkeypatch.setattr(module, size, 8192)
    monkeypatch.setenv("COLUMNS", "160")  # at 80 a long figure beside it breaks a line's words
    scope = ["--recipe", "hole", "--threads", "2", "1", "2", "--batch-sizes", "64"]
    outputs = ["--json", "run.json", "--plot", "cost.png"]
    assert main(["bench", "--quick", *scope, *outputs]) == 0
    captured = capsys.readouterr()

    measured = record.read(Path("run.json"))
    check_lines(measured)
    places = {(r.recipe, r.route, r.threads, r.batch_size) for r in measured.rates}
    assert places == {("hole", route, n, 64) for route in ("NumPy", "tf.data") for n in (1, 2)}
    assert all(rate.samples_per_second > 1000 for rate in measured.rates)
    for quantity in ("corners", "views", "bins"):
        values, costs = measured.costs_of(quantity)
        assert values == sorted(values)
        assert costs[-1] > costs[0] > 0
    assert [point.threads for point in measured.scaling] == [1, 2]
    check_circumstances(measured)

    assert Path("cost.png").read_bytes().startswith(b"\x89PNG")
    shown = captured.out
    for line in measured.lines:
        assert line.what in shown
    assert "hole" in shown
    assert re.search(r"\d+ of (29|30) goals met", shown)
    stages = [line for line in captured.err.splitlines() if "%" in line]
    assert len(stages) >= 8
    assert any("samples per second: hole" in stage for stage in stages)


def check_lines(measured: Record) -> None:
    """Every goal line is there, once, with a finite value and its raw figures."""
    lines = {line.key: line for line in measured.lines}
    assert len(lines) == len(measured.lines)
    with_goal = {key for key, line in lines.items() if line.goal is not None}
    assert with_goal == bench_cases.GOAL_KEYS
    assert set(lines) - with_goal == bench_cases.BESIDE_KEYS
    unmeasurable = set() if measured.machine.processors > 1 else {"two-threads"}
    if sys.platform != "linux":
        unmeasurable |= {"memory-1-threads", "memory-2-threads"}
    if importlib.util.find_spec("astra") is None:
        unmeasurable.add("radon-by-astra")
    for key in lines.keys() - unmeasurable:
        line = lines[key]
        assert line.missing is None, key
        assert line.value is not None, key
        assert math.isfinite(line.value), key
        of_rates = key in {
            "video-128",
            "field-64",
            "field-128",
            "field-512",
            "lattice-128",
            "lattice-256",
            "lattice-fit",
        }
        assert len(line.figures) == (0 if key == "call-cost-empty" else 1 if of_rates else 2), key
    ratio = lines["chirality-by-normals"]
    quotient = ratio.figures[0].value / ratio.figures[1].value
    assert ratio.value == pytest.approx(quotient, rel=1e-12)
    bounds = {
        key: (line.goal.relation, line.goal.bound) for key, line in lines.items() if line.goal
    }
    assert bounds["chirality-by-normals"] == ("<=", 0.4)
    assert bounds["two-threads"] == (">=", 1.9)
    assert bounds["stream-64"] == (">=", 0.6)
    assert bounds["project-by-radon"] == (">=", 200)
    assert bounds["memory-2-threads"] == ("<=", 1)


def check_circumstances(measured: Record) -> None:
    info = nt.build_info()
    assert (measured.build.simd, measured.build.threads) == (info["simd"], info["threads"])
    assert measured.machine.cpu
    assert measured.machine.processors >= 1
    assert f"numpy {__import__('numpy').__version__}" in measured.machine.packages
    assert any(package.startswith("tensorflow") for package in measured.machine.packages)
    assert 0 < measured.seconds < 300


def test_ctrl_c() -> None:
    with running([sys.executable, "-m", "nanotilt.cli", "bench", "--json"]) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "normals" in line:
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 130, err
    assert err.endswith("nanotilt: stopped\n")
    assert "Traceback" not in err
    assert out == ""


# ----------------------------------------------------------------------------- what goes where


@pytest.mark.parametrize("words", [["--json"], ["--json", "-"]])
def test_json_alone_on_standard_output(canned: Record, words: list[str], capsys: Captured) -> None:
    assert main(["bench", *words]) == 0
    captured = capsys.readouterr()
    assert record.from_json(captured.out) == canned
    assert captured.err == ""


def test_comparison_beside_json_goes_to_standard_error(canned: Record, capsys: Captured) -> None:
    Path("old.json").write_text(record.to_json(canned))
    assert main(["bench", "--json", "--compare", "old.json"]) == 0
    captured = capsys.readouterr()
    assert record.from_json(captured.out) == canned
    assert "Compared with old.json" in captured.err


def test_comparison_with_another_machine(canned: Record, capsys: Captured) -> None:
    other = dataclasses.replace(canned.machine, cpu="Eta 8")
    slower = tuple(
        dataclasses.replace(rate, samples_per_second=rate.samples_per_second / 2)
        for rate in canned.rates
    )
    earlier = dataclasses.replace(canned, machine=other, rates=slower)
    Path("old.json").write_text(record.to_json(earlier))
    assert main(["bench", "--compare", "old.json"]) == 0
    shown = capsys.readouterr().out
    assert "warning: processor differs: Eta 8 then, Zeta 80 now" in shown
    assert len(re.findall(r"\+100\.0 % +better", shown)) == len(canned.rates)
    assert f"{len(canned.rates)} better, 0 worse" in shown


def test_options_reach_the_plan(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    seen: list[tuple[suite.Plan, Effort]] = []

    def measure(plan: suite.Plan, effort: Effort, progress: Any) -> Record:
        seen.append((plan, effort))
        return bench_cases.record()

    monkeypatch.setattr(suite, "measure", measure)
    Path("mine.json").write_text(nt.recipes.hole(0.2).to_json())
    recipes = ["--recipe", "mine.json", "--recipe", "chirality"]
    assert main(["bench", "--full", *recipes, "--threads", "3", "1", "--json"]) == 0
    assert main(["bench", "--json"]) == 0
    (chosen, full), (usual, default) = seen
    assert (full.name, default.name) == ("full", "default")
    assert list(chosen.recipes) == ["mine", "chirality"]
    assert chosen.recipes["mine"] == nt.recipes.hole(0.2)
    assert chosen.threads == (1, 3)
    assert chosen.batch_sizes == usual.batch_sizes == (64, 256, 1024)
    # Which have lines of their own.
    others = {"particle-field", "particle-video", "scanned-field"}
    others |= {
        "graphene-defects",
        "graphene-vacancy",
        "hbn-defects",
        "mos2-defects",
        "graphene-hrtem",
        "graphene-several-defects",
    }
    assert tuple(usual.recipes) == tuple(n for n in nt.recipes.names() if n not in others)
    assert usual.threads[0] == 1
    assert usual.threads[-1] == nt.build_info()["threads"]
    capsys.readouterr()


def test_help(capsys: Captured) -> None:
    assert main(["bench", "--help"]) == 0
    shown = capsys.readouterr().out
    for expected in ("--quick", "--compare FILE", "--plot FILE", "examples:", "NANOTILT_SIMD=v3"):
        assert expected in shown


# ----------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--recipe", "hol"], "Did you mean 'hole'?"),
        (["--threads", "0"], "--threads must be in 1 ... 1,024. Received: threads=0"),
        (["--batch-sizes", "-3"], "--batch-sizes must be in 1 ... 1,048,576. Received: batch-s"),
        (["--threads", "x"], "argument --threads: invalid int value: 'x'"),
        (["--quick", "--full"], "not allowed with argument --quick"),
        (["--plot", "cost.pdf"], "--plot must end in .png or .svg. Received: plot=cost.pdf"),
        (["--plot", "no/cost.png"], "--plot must lie in a folder that exists"),
        (["--json", "no/run.json"], "--json must lie in a folder that exists"),
        (["--json", "."], "--json must be a file, not a folder. Received: json=."),
        (["--compare", "none.json"], "none.json can't be read: No such file or directory"),
        (["--compare", "text.json"], "text.json is not a record of nanotilt bench: the file must"),
        (["--compare", "bytes.json"], "bytes.json is not a record of nanotilt bench"),
        (["--compare", "list.json"], "the file must hold a JSON object. Received: the file=[]"),
        (["--compare", "future.json"], "format must be 1. Received: format=2"),
    ],
)
def test_wrongly_asked(words: list[str], message: str, canned: Record, capsys: Captured) -> None:
    """One line to standard error, exit code 2, before anything is measured or written."""
    Path("text.json").write_text("{")
    Path("bytes.json").write_bytes(b"\xe9")
    Path("list.json").write_text("[]")
    Path("future.json").write_text(json.dumps({"format": 2}))
    before = set(Path().iterdir())
    assert main(["bench", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert set(Path().iterdir()) == before


def test_progress_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with progress_on_stderr() as progress:
        progress("threads", 0.25)
        progress("streams", 0.5)
    shown = terminal.getvalue()
    assert "threads" in shown
    assert "50%" in shown
