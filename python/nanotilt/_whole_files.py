"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def write_whole(final: Path, write: Callable[[Path], object]) -> None:
    """Lets a function write a file beside the one wanted, which it replaces when it is on disk.

    Whoever reads the file finds the old one or the new one, even after a crash.

    Args:
        final: The file wanted. The one beside it is named partial-... and keeps the suffix.
        write: Writes to the path that it is given.

    Raises:
        OSError: It can't be written; nothing is left beside it then.
    """
    partial = final.with_name(f"partial-{final.name}")
    try:
        write(partial)
        flush_to_disk(partial)
        os.replace(partial, final)
    finally:
        partial.unlink(missing_ok=True)


def flush_to_disk(path: Path) -> None:
    """Waits until the operating system has written a file: renamed too early, it may be empty."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
