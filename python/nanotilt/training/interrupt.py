"""Ctrl-C that loses nothing: the first one asks training to stop, the second one quits."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any


class RunStopped(KeyboardInterrupt):
    """A run was stopped by Ctrl-C before its report was written.

    Attributes:
        folder: The out folder, from which the run can be resumed; None if no epoch was complete
            and nothing is kept.
    """

    def __init__(self, folder: Path | None) -> None:
        super().__init__("stopped" if folder is None else f"stopped; resume the run in {folder}")
        self.folder = folder


class StopRequest:
    """While entered, and armed, the first Ctrl-C only sets `requested`.

    Ctrl-C raises KeyboardInterrupt as usual before `arm` and after `disarm`, and the second time.
    Outside the main thread, where Python allows no signal handlers, nothing changes.

    Attributes:
        requested: Whether the user asked to stop.
    """

    def __init__(self) -> None:
        self.requested = False
        self._armed = False
        self._previous: Any = None

    def __enter__(self) -> StopRequest:
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.signal(signal.SIGINT, self._on_signal)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)
            self._previous = None

    def arm(self) -> None:
        """From now on there is something to save: the next Ctrl-C asks to stop."""
        self._armed = True

    def disarm(self) -> None:
        """From now on, Ctrl-C quits."""
        self._armed = False

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self._armed or self.requested:
            raise KeyboardInterrupt
        self.requested = True
