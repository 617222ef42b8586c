"""Ctrl-C during long calls, and threads that still work when the interpreter ends."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import pytest

import daemon_threads
import long_calls
from child_processes import finished, running

PATIENCE_S = 20
"""Each call would take more than a minute. On a quiet machine all stop within a second."""


@pytest.mark.parametrize("name", long_calls.CALLS)
def test_ctrl_c_stops_long_calls(name: str) -> None:
    """On one thread and on three; what the child says is when it got KeyboardInterrupt."""
    command = [sys.executable, str(Path(long_calls.__file__)), name]
    with running(command, stderr=None) as process:
        assert process.stdout is not None
        for n_threads in (1, 3):
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.7)
            process.send_signal(signal.SIGINT)
            sent = time.monotonic()
            words = process.stdout.readline().split()
            assert words[:2] == ["stopped", "at"], (n_threads, words)
            latency = float(words[2]) - sent
            print(f"{name}, {n_threads} threads: stopped after {latency:.2f} s")
            assert latency < PATIENCE_S
        assert process.wait() == 0


@pytest.mark.parametrize("name", daemon_threads.CALLS)
def test_daemon_threads_do_not_outlive_the_interpreter(name: str) -> None:
    """Each asks for the GIL when there is no more: exit code 0, and not a word."""
    command = [sys.executable, str(Path(daemon_threads.__file__)), name]
    ended = finished(command)
    assert (ended.returncode, ended.stderr) == (0, "")


STREAM = """
import threading, time
import nanotilt as nt

drawn = threading.Event()

def work():
    for _ in nt.stream(nt.recipes.chirality(), seed=1, batch_size=64):
        drawn.set()

threading.Thread(target=work, daemon=True).start()
assert drawn.wait(100)
"""


def test_a_stream_does_not_outlive_the_interpreter() -> None:
    """TensorFlow's threads call the core without Python; its own words on stderr are its own."""
    command = [sys.executable, "-c", STREAM]
    ended = finished(command)
    assert ended.returncode == 0, ended.stderr
    assert "terminate called" not in ended.stderr
