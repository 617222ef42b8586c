"""The command line, from outside: what is printed, written and returned."""

from __future__ import annotations

import io
import json
import signal
import sys
from pathlib import Path

import pytest
from rich.console import Console

import nanotilt as nt
from child_processes import finished, running
from nanotilt import training
from nanotilt.cli import main
from nanotilt.cli.live import LiveWatcher
from nanotilt.runs.records import EpochRecord
from nanotilt.training.watcher import LineWatcher, RunStart, Step

TINY = ["--epochs", "2", "--steps", "4", "--batch-size", "16", "--validation-samples", "100"]
FILES = {
    "model.keras",
    "recipe.json",
    "training.json",
    "history.csv",
    "metrics.json",
    "insight.json",
    "report.html",
}

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_loading_it_is_cheap() -> None:
    code = (
        "import sys, nanotilt.cli, nanotilt.cli.parser; nanotilt.cli.parser.build_parser(); "
        "print([m for m in ('tensorflow', 'keras', 'matplotlib', 'rich') if m in sys.modules])"
    )
    assert finished([sys.executable, "-c", code]).stdout == "[]\n"


def test_version_and_help(capsys: Captured) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"nanotilt {nt.__version__}\n"
    assert main([]) == 2
    assert "examples:" in capsys.readouterr().out
    for command in ("train", "preview", "recipes", "info"):
        assert main([command, "--help"]) == 0
        assert f"usage: nanotilt {command}" in capsys.readouterr().out
    main(["train", "--help"])
    shown = capsys.readouterr().out
    for expected in ("--resume", "2**40", "2**41", "130", "examples:"):
        assert expected in shown


def test_python_m() -> None:
    printed = finished([sys.executable, "-m", "nanotilt.cli", "--version"])
    assert printed.stdout == f"nanotilt {nt.__version__}\n"


def test_info(capsys: Captured) -> None:
    assert main(["info", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == nt.build_info()
    assert main(["info"]) == 0
    shown = capsys.readouterr().out
    assert f"version         {nt.__version__}\n" in shown
    assert nt.build_info()["compiler"] in shown


def test_recipes(capsys: Captured) -> None:
    assert main(["recipes"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(nt.recipes.names())
    assert lines[1].split("  ")[-1] == "Which way does the spiral turn?"
    assert "2 x 64" in lines[1]
    assert "clockwise, anticlockwise" in lines[1]
    assert "4 classes" in next(line for line in lines if line.startswith("hole-and-spiral"))
    assert nt.recipes.question("chirality") in lines[1]
    assert main(["recipes", "chirality"]) == 0
    text = capsys.readouterr().out
    assert nt.Recipe.from_json(text) == nt.recipes.chirality()
    Path("mine.json").write_text('{"classes": [{"label": "a"}], "detector": {}}')
    assert main(["recipes", "mine.json"]) == 0
    assert nt.Recipe.from_json(capsys.readouterr().out).class_names == ("a",)
    assert main(["recipes", "--json"]) == 0
    everything = json.loads(capsys.readouterr().out)
    assert list(everything) == list(nt.recipes.names())
    assert everything["hole"]["digest"] == nt.recipes.hole().digest


def test_a_reader_that_has_seen_enough() -> None:
    code = "import sys; from nanotilt.cli import main; sys.exit(main(['recipes', '--json']))"
    with running([sys.executable, "-c", code]) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert process.wait() == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["train", "chiralty"],
            "Did you mean 'chirality'? Known are chirality, chirality-off-centre,",
        ),
        (["train", "zzz"], "there is no recipe 'zzz'. Known are"),
        (["train", "no/such.json"], "there is no recipe file no/such.json"),
        (["train"], "train needs a RECIPE, or --resume DIR"),
        (["train", "hole", "--epochs", "0"], "epochs must be >= 1. Received: epochs=0"),
        (["train", "hole", "--epochs", "x"], "argument --epochs: invalid int value: 'x'"),
        (["train", "hole", "--seed", "-1"], "seed must be in [0, 2**64). Received: seed=-1"),
        (["train", "hole", "--threads", "0"], "n_threads must be >= 1"),
        (
            ["train", "hole", "--model", "slow"],
            """or "package.module:function". Received: model='slow'""",
        ),
        (["train", "hole", "--overwrite"], "--overwrite needs --out DIR"),
        (["train", "--resume", "nowhere"], "there is no run to resume in nowhere"),
        (["train", "--resume", "x", "--seed", "1"], "takes everything but --threads"),
        (["train", "hole", "--resume", "x"], "Received: recipe"),
        (["recipes", "hol"], "Did you mean 'hole'?"),
        (["recipes", "bad.json"], "bad.json is not a recipe: a recipe needs the key"),
        (["recipes", "latin.json"], "latin.json is not a recipe"),
        (["dance"], "invalid choice: 'dance'"),
        (["info", "--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_wrongly_asked(words: list[str], message: str, capsys: Captured) -> None:
    """One line to standard error, exit code 2, and nothing is written."""
    Path("bad.json").write_text("{}")
    Path("latin.json").write_bytes(b"\xe9")
    before = set(Path().iterdir())
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.startswith("nanotilt")
    assert captured.err.count("\n") == 1
    assert set(Path().iterdir()) == before


def test_out_folders_that_can_not_be_had(capsys: Captured) -> None:
    Path("file").write_text("")
    assert main(["train", "hole", "--out", "file/run"]) == 1
    assert "the out folder file/run can't be written to" in capsys.readouterr().err
    Path("full").mkdir()
    Path("full/mine.txt").write_text("")
    assert main(["train", "hole", "--out", "full"]) == 2
    assert "full is not empty; go on with its run (--resume)" in capsys.readouterr().err


@pytest.mark.parametrize("package", ["tensorflow", "keras", "matplotlib", "rich"])
def test_without_a_package(package: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    assert main(["train", "hole"]) == 1
    captured = capsys.readouterr()
    assert f"{package} is not installed" in captured.err
    assert "pip install 'nanotilt[train]'" in captured.err
    assert not list(Path().iterdir())


def test_train_from_a_recipe_file(capsys: Captured) -> None:
    """The whole way, and what a finished run's folder is good for afterwards."""
    recipe = nt.recipes.hole(0.3)
    Path("mine.json").write_text(recipe.to_json())
    assert main(["train", "mine.json", *TINY, "--test-samples", "500", "--seed", "2"]) == 0
    folder = Path("runs/mine-fast-seed2")
    assert {path.name for path in folder.iterdir()} == FILES
    captured = capsys.readouterr()
    assert captured.err == ""
    lines = captured.out.splitlines()
    assert lines[0] == "Loading TensorFlow ..."
    assert lines[1].startswith("mine: fast network, ")
    assert [line[:10] for line in lines if line.startswith("epoch")] == ["epoch 1/2:", "epoch 2/2:"]
    metrics = json.loads((folder / "metrics.json").read_text())
    accuracy, error = metrics["test"]["accuracy"], metrics["test"]["standard_error"]
    told = f"accuracy  {100 * accuracy:.2f} % ± {100 * error:.2f} % on 500 unseen samples"
    assert told in lines
    assert f"model     {folder / 'model.keras'}" in lines
    assert f"report    {folder / 'report.html'}" in lines
    assert metrics["same_view"] is None
    report = (folder / "report.html").read_text()
    assert "nanotilt train recipe.json --model fast --epochs 2 --steps 4 --batch-size 16" in report
    assert "http" not in report
    value = json.loads((folder / "training.json").read_text())
    assert value["command"].startswith("nanotilt train mine.json --epochs 2")
    assert value["settings"]["n_threads"] == nt.build_info()["threads"]

    assert main(["train", "--resume", str(folder)]) == 0
    assert "there is nothing to resume" in capsys.readouterr().out
    before = (folder / "metrics.json").read_bytes()
    assert main(["train", "mine.json", "--out", str(folder)]) == 2
    assert (folder / "metrics.json").read_bytes() == before


def test_ctrl_c_from_outside() -> None:
    """SIGINT in the midst of training: the exit code is 130, and the report is there."""
    words = ["train", "hole-stereo", "--out", "run", "--epochs", "5000", "--steps", "10"]
    sizes = ["--batch-size", "16", "--validation-samples", "100", "--test-samples", "500"]
    with running([sys.executable, "-m", "nanotilt.cli", *words, *sizes]) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("epoch 1/5000"):
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 130, err
    assert err == ""
    assert "Stopping here: test and report follow." in out
    assert "To go on: nanotilt train --resume run" in out
    assert {path.name for path in Path("run").iterdir()} >= FILES
    assert json.loads(Path("run/training.json").read_text())["status"] == "interrupted"


# ----------------------------------------------------------------------------- what is shown


def settings() -> training.Settings:
    return training.Settings("fast", 12, 200, 512, 0, 10_000, 20_000, 2, None, 10)


def record(epoch: int) -> EpochRecord:
    return EpochRecord(epoch, 102_400 * epoch, 0.4321, 0.8765, 0.4, 0.9, 12.0, 8533.0, 1e-3)


@pytest.mark.parametrize("width", [34, 60, 80, 120])
def test_live_display_fits_the_terminal(width: int) -> None:
    """Every line of it, whatever the width; and it says what there is to say."""
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=width, color_system=None, height=30)
    watcher = LiveWatcher(console)
    with watcher.stage("Loading TensorFlow"):
        pass
    folder = Path("runs/a")
    watcher.started(RunStart("chirality", settings(), 294_402, 2, folder, (record(1),)))
    watcher.epoch_started(2)
    watcher.stepped(Step(2, 120, 0.3456, 0.85, 8500.0, 83.0))
    lines = console.render_lines(watcher._bar)
    assert len(lines) == 1
    shown = "".join(segment.text for segment in lines[0])
    assert "2/12" in shown
    assert "120/200" in shown
    assert len(shown.rstrip()) <= width
    if width >= 60:
        assert "1:23 left" in shown
    if width >= 80:
        for expected in ("loss 0.3456", "acc. 85.0 %", "8,500/s"):
            assert expected in shown
    watcher.stepped(Step(2, 200, 0.3456, 0.85, 8500.0, 70.0))
    watcher.epoch_ended(record(2))
    watcher.stopping()
    with watcher.stage("Testing on 20,000 unseen samples") as advance:
        advance(0.5)
    watcher.close()
    text = file.getvalue()
    assert "294,402 parameters" in " ".join(text.split())
    rows = [line for line in text.splitlines() if "1/12" in line and "87.65 %" in line]
    assert len(rows) == 1
    assert len(rows[0].rstrip()) <= max(width, 38)
    assert ("8,533" in rows[0]) == (width >= 80)
    assert "Press Ctrl-C again to quit at once." in " ".join(text.split())


def test_plain_lines(capsys: Captured) -> None:
    watcher = LineWatcher()
    watcher.started(RunStart("chirality", settings(), 294_402, 2, Path("runs/a"), ()))
    watcher.epoch_ended(record(3))
    watcher.note("hear, hear")
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "chirality: fast network, 294,402 parameters, seed 0, 2 threads",
        "12 epochs of 102,400 fresh samples; 10,000 for validation, 20,000 for the test",
        "writing to runs/a",
        "epoch 3/12: loss 0.4321, accuracy 87.65 %, validation loss 0.4000, "
        "validation accuracy 90.00 %, 8,533 samples/s, 12 s",
        "note: hear, hear",
    ]
