"""Tests leave no process behind and stop by Ctrl-C however pytest itself was started."""

from __future__ import annotations

import ast
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from child_processes import Child, finished, running
from places import TESTS

# A child that starts a grandchild, says its number, and then sleeps, as the grandchild does.
FAMILY = """
import subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
print(grandchild.pid, flush=True)
time.sleep(1000)
"""
SLEEP = "print('ready', flush=True); import time; time.sleep(1000)"


def is_running(process: int) -> bool:
    """Whether there is such a process, less those that only wait to be collected."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's /proc")
def test_a_failing_test_leaves_no_process_behind() -> None:
    started: list[tuple[Child, int]] = []

    def fail() -> None:
        with running([sys.executable, "-c", FAMILY]) as child:
            assert child.stdout is not None
            started.append((child, int(child.stdout.readline())))
            assert all(map(is_running, (child.pid, started[0][1])))
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    child, grandchild = started[0]
    assert child.returncode == -signal.SIGKILL
    end = time.monotonic() + 60  # the system takes a moment
    while is_running(grandchild) and time.monotonic() < end:
        time.sleep(0.01)
    assert not is_running(grandchild)


def test_a_hanging_child_is_ended_in_time() -> None:
    ended = finished([sys.executable, "-c", SLEEP], limit_s=2.0)
    assert ended.returncode == -signal.SIGKILL


# pytest in the background of a script, or under nohup: it starts with SIGINT ignored.
IGNORING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
python = sys.executable
os.execv(python, [python, "-m", "pytest", "-p", "no:cacheprovider", "-n", "0", *sys.argv[1:]])
"""
INNER = """
import os, signal, subprocess, sys
import pytest

def test_ctrl_c_is_heard_here():
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)

def test_ctrl_c_is_heard_in_children():
    code = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert child.returncode == -signal.SIGINT
"""


def test_an_ignored_sigint_reaches_no_test(tmp_path: Path) -> None:
    (tmp_path / "test_inner.py").write_text(INNER)
    (tmp_path / "conftest.py").write_text("from signal_state import ctrl_c_is_heard\n")
    ended = finished(
        [sys.executable, "-c", IGNORING, "-c", os.devnull, "--rootdir", tmp_path, tmp_path],
        cwd=tmp_path,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "2 passed" in ended.stdout


def test_all_tests_start_their_processes_this_way() -> None:
    """No Popen, and no run without a time limit, other than here."""
    for path in TESTS.rglob("*.py"):
        if path.name in ("child_processes.py", Path(__file__).name):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
                name = f"{called.value.id}.{called.attr}"
                assert name not in (
                    *("subprocess.Popen", "subprocess.run", "subprocess.call"),
                    *("subprocess.check_output", "subprocess.check_call", "os.system"),
                ), f"{path.name}:{called.lineno}: {name}; use child_processes"
