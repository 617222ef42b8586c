"""The signal state that tests and the processes they start rely on; conftest.py brings it in."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def ctrl_c_is_heard() -> Iterator[None]:
    """SIGINT raises KeyboardInterrupt in every test, and ends the processes that it starts.

    Where pytest runs under nohup or in the background of a script, SIGINT is ignored when it
    begins, and children inherit that. A handler, unlike "ignored", becomes the default in them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before if before is not None else signal.SIG_DFL)
