"""Output that nobody takes, or that can't say all characters: no command ends in a traceback."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

import nanotilt as nt
from child_processes import finished
from nanotilt.cli import main, streams
from nanotilt.training.watcher import LineWatcher

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")

NANOTILT = f"{sys.executable} -m nanotilt.cli"
WORDY = ("experiments", "recipes", "info", "--help", "recipes chirality")


def shell(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a line in bash, whose last command's exit code counts, and which must not trace back."""
    usual = {k: v for k, v in os.environ.items() if k not in ("PYTHONUNBUFFERED", "PYTHONUTF8")}
    done = finished(
        ["bash", "-c", command], cwd=folder, env={**usual, **environment},
        encoding="utf-8", errors="replace",
    )  # fmt: skip
    for word in ("Traceback", "Exception ignored", "Error:"):
        assert word not in done.stderr, done.stderr
    return done


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1:strict"},
        {"PYTHONIOENCODING": "cp1252"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_no_encoding_lacks_what_is_printed(environment: dict[str, str], tmp_path: Path) -> None:
    done = shell(f"{NANOTILT} experiments", tmp_path, **environment)
    assert done.returncode == 0, done.stderr
    assert "81.1 %" in done.stdout
    if "ascii" in environment.values():
        assert "82.9 +- 0.1 %" in done.stdout


def test_signs_in_words_and_escapes() -> None:
    told = "1 ± 2 µs at 90°, \u2013 孔 \ud800".encode("ascii", streams.ERRORS)
    assert told == b"1 +- 2 us at 90 deg, - \\u5b54 \\ud800"


@pytest.mark.parametrize("command", WORDY)
def test_full_closed_and_broken_output(command: str, tmp_path: Path) -> None:
    """One process after the other in one shell: each start costs half a second."""
    full = "/dev/full" if Path("/dev/full").exists() else None
    done = shell(
        f"{NANOTILT} {command} >&-; echo closed $? >> codes;"
        f"{NANOTILT} {command} >&- 2>&-; echo both $? >> codes;"
        + (f"{NANOTILT} {command} > {full}; echo full $? >> codes;" if full else "")
        # The reader is gone before anything is printed.
        + f"(sleep 0.1; {NANOTILT} {command}; echo broken $? >> codes) | true",
        tmp_path,
    )
    codes = dict(line.split() for line in (tmp_path / "codes").read_text().splitlines())
    assert codes.pop("full", "1") == "1"
    assert codes == {"closed": "0", "both": "0", "broken": "1"}
    if full:
        assert done.stderr == "nanotilt: error: output can't be written: No space left on device\n"


def test_errors_that_nobody_takes_leave_the_exit_code(tmp_path: Path) -> None:
    done = shell(
        f"{NANOTILT} recipes none.json 2>&-; echo $?; {NANOTILT} --nonsense 2>&-; echo $?", tmp_path
    )
    assert done.stdout.split() == ["2", "2"]  # and not the errors' words, which belong elsewhere


def test_a_picture_is_written_whatever_becomes_of_the_words(tmp_path: Path) -> None:
    done = shell(
        f"{NANOTILT} preview chirality --samples 1 -o closed.png <&- >&- 2>&-; echo $? >> codes;"
        f"{NANOTILT} preview chirality --samples 1 -o /dev/stdout > /dev/null; echo $? >> codes;"
        f"mkfifo pipe.svg; cat pipe.svg > copy.svg & "
        f"{NANOTILT} preview chirality --samples 1 -o pipe.svg; echo $? >> codes; wait",
        tmp_path,
    )
    assert (tmp_path / "closed.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "copy.svg").read_text().rstrip().endswith("</svg>")
    assert (tmp_path / "pipe.svg").is_fifo()
    # /dev/stdout has no suffix that tells the format.
    assert (tmp_path / "codes").read_text().split() == ["0", "2", "0"], done.stderr
    assert "must end in .png" in done.stderr


def test_names_that_are_no_text(tmp_path: Path) -> None:
    """Bytes of a file's name that are no UTF-8 are read, drawn, printed and written to pages."""
    name = os.fsdecode(b"caf\xe9")
    (tmp_path / f"{name}.json").write_text(nt.recipes.chirality().to_json())
    done = shell(f"{NANOTILT} preview $'caf\\xe9.json' --samples 1", tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "caf?.png").exists()


def test_a_watcher_falls_silent_when_nobody_listens() -> None:
    class Deaf(io.StringIO):
        n_told = 0

        def write(self, text: str) -> int:
            self.n_told += 1
            raise BrokenPipeError(32, "Broken pipe")

    deaf = Deaf()
    watcher = LineWatcher(deaf)
    with watcher.stage("Testing"):
        watcher.note("something")
    watcher.line("more")
    assert deaf.n_told == 1


def test_streams_are_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = io.TextIOWrapper(io.BytesIO(), "ascii", "strict")
    monkeypatch.setattr(sys, "stdout", ours)
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["experiments"]) == 0
    assert sys.stdout is ours
    assert ours.errors == "strict"
    assert sys.stderr is None
    assert b"+-" in ours.buffer.getvalue()
