"""Files that a command writes: found fit before any work, written whole, told of."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nanotilt._base.files import check_writable, is_stdout


def check(*paths: Path | None) -> None:
    """Finds out whether files can be written, before minutes are spent on what goes into them.

    Args:
        paths: The files; None: nothing is to be written.

    Raises:
        OSError: one can't be; the words name it.
    """
    for path in paths:
        if path is not None:
            with writing(path):
                check_writable(path)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Surrounds the writing of a file; errors name it.

    Raises:
        OSError: it can't be written.
    """
    try:
        yield
    except OSError as error:
        # Never a BrokenPipeError: that would be taken for our own output's.
        raise OSError(f"{path} can't be written: {error.strerror or error}") from error


def say_written(path: Path, words: str = "") -> None:
    """Says what was written: to standard error where standard output holds it.

    Args:
        path: The file.
        words: What it is, or empty.
    """
    print(f"{words}{path}", file=sys.stderr if is_stdout(path) else sys.stdout)
