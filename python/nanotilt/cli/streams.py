"""Standard output and error that can be written to, whatever they are, and never by a traceback."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from collections.abc import Iterator

ERRORS = "nanotilt-plain"
"""Name of the way in which characters are written that an encoding lacks."""

_PLAIN = {
    "\N{PLUS-MINUS SIGN}": "+-", "\N{MICRO SIGN}": "u", "\N{GREEK SMALL LETTER MU}": "u",
    "\N{DEGREE SIGN}": " deg", "\N{MULTIPLICATION SIGN}": "x", "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-", "\N{EM DASH}": "-", "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{SUPERSCRIPT TWO}": "^2", "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{GREATER-THAN OR EQUAL TO}": ">=", "\N{NO-BREAK SPACE}": " ",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
}  # fmt: skip
"""Words for the signs that nanotilt itself uses."""


def plain(error: UnicodeError) -> tuple[str, int]:
    """What to write in place of characters that an encoding lacks: words, or an escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character = error.object[error.start]
    words = _PLAIN.get(character)
    if words is None:
        words = character.encode("ascii", "backslashreplace").decode("ascii")
    return words, error.start + 1


codecs.register_error(ERRORS, plain)


@contextlib.contextmanager
def steady() -> Iterator[None]:
    """Standard streams that are always there and fail for no character, as long as it lasts.

    A stream that was closed by whoever started this process, as by ``>&-``, swallows what it gets:
    otherwise the next file that is opened would take its number, and what libraries say of
    themselves would end in that file.
    """
    before = (sys.stdout, sys.stderr)
    for number in (0, 1, 2):
        _fill(number)
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  lives as long as we do
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    streams = [s for s in (sys.stdout, sys.stderr) if isinstance(s, io.TextIOWrapper)]
    errors = [stream.errors for stream in streams]
    for stream in streams:
        stream.reconfigure(errors=ERRORS)
    try:
        yield
    finally:
        for stream, usual in zip(streams, errors, strict=True):
            with contextlib.suppress(OSError, ValueError):  # full, or closed
                stream.reconfigure(errors=usual)
        for now, then in zip((sys.stdout, sys.stderr), before, strict=True):
            if then is None:
                now.close()
        sys.stdout, sys.stderr = before


def silence_stdout() -> None:
    """From now on standard output goes nowhere: nobody takes what is left in its buffer.

    Python writes buffers out once more as it ends, and would complain again.
    """
    with contextlib.suppress(OSError, ValueError):
        opened = os.open(os.devnull, os.O_WRONLY)
        os.dup2(opened, sys.stdout.fileno())
        os.close(opened)
        sys.stdout.flush()


def say_error(words: str) -> None:
    """Writes a line to standard error, if that takes any."""
    with contextlib.suppress(OSError, ValueError):
        print(words, file=sys.stderr, flush=True)


def _fill(number: int) -> None:
    """Gives a closed descriptor of this process something to read or write: nothing."""
    try:
        os.fstat(number)
    except OSError:
        opened = os.open(os.devnull, os.O_RDWR)
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        os.set_inheritable(number, True)
