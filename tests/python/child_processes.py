"""Child processes that tests start: each ends, with its own children, when its test does."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from typing import Any

LIMIT_S = 600.0
"""When a child counts as hanging: a hundred times what any needs, for machines busy with more."""

Child = subprocess.Popen[str]


@contextlib.contextmanager
def running(command: Sequence[object], limit_s: float = LIMIT_S, **options: Any) -> Iterator[Child]:
    """A child process, for as long as the block lasts.

    It leads a process group of its own, so that what it has started is ended, too: when the block
    is left, however that comes about, or when the time is up. A read from its pipes ends then.

    Args:
        command: Program and arguments; each becomes text.
        limit_s: When the child is killed at the latest.
        options: Of subprocess.Popen. Standard output and error are pipes unless they say otherwise.
    """
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    child = subprocess.Popen(
        [str(word) for word in command], text=True, start_new_session=True, **(pipes | options)
    )
    watchdog = threading.Timer(limit_s, _kill_group, [child.pid])
    watchdog.daemon = True
    watchdog.start()
    try:
        yield child
    finally:
        watchdog.cancel()
        _kill_group(child.pid)
        child.wait()
        for pipe in (child.stdin, child.stdout, child.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was still to be written has no reader
                    pipe.close()


def finished(
    command: Sequence[object], limit_s: float = LIMIT_S, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Runs a child process to its end; gives its exit status and what it printed."""
    with running(command, limit_s, **options) as child:
        out, err = child.communicate()
    return subprocess.CompletedProcess(child.args, child.returncode, out, err)


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
