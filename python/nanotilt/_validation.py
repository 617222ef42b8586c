"""Checks of values that users hand in, worded alike everywhere.

A wrong kind of value raises TypeError, a wrong value ValueError; both name the field and show what
was received. NaN and infinity are wrong values. Booleans are not numbers here: ``radius=True`` is a
slip, not a length.
"""

from __future__ import annotations

import math
import numbers
import re
import struct
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

FLOAT32_MAX = float(np.finfo(np.float32).max)
SEED_LIMIT = 2**64
INDEX_LIMIT = 2**63
LONGEST_WORDS = 1000

UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
"""Control characters, line separators, lone surrogates and noncharacters: neither SVG and HTML nor
UTF-8 can hold them all."""


def received(field: str, value: object) -> str:
    """The closing words of every error: what was received for a field."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested too deeply; an integer of thousands of digits
        text = f"a {type(value).__name__} that is too large to be shown"
    return f"Received: {field}={text if len(text) <= 200 else text[:197] + '...'}"


def as_float32(number: float) -> float:
    """A number within float32, rounded as the core rounds it."""
    rounded: float = struct.unpack("f", struct.pack("f", number))[0]
    return rounded


def real(
    field: str,
    value: Any,
    *,
    at_least: float | None = None,
    above: float | None = None,
) -> float:
    """A finite real number within float32, as a Python float.

    What must be above a bound is so after rounding to float32, too, because the core works with
    that: 1e-46 would be 0.
    """
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise TypeError(f"{field} must be a real number. {received(field, value)}")
    try:
        number = float(value)
    except OverflowError:  # an integer beyond all floats
        number = FLOAT32_MAX * 2
    if not math.isfinite(number):
        raise ValueError(f"{field} must be finite. {received(field, value)}")
    if abs(number) > FLOAT32_MAX:
        raise ValueError(f"{field} must fit into a float32. {received(field, value)}")
    if at_least is not None and number < at_least:
        raise ValueError(f"{field} must be >= {at_least:g}. {received(field, value)}")
    if above is not None and number <= above:
        raise ValueError(f"{field} must be > {above:g}. {received(field, value)}")
    if above is not None and as_float32(number) <= above:
        raise ValueError(
            f"{field} must be > {above:g}, also rounded to float32. {received(field, value)}"
        )
    return number + 0.0  # -0.0 becomes 0.0, so that equal descriptions have equal digests


def integer(
    field: str, value: Any, *, at_least: int | None = None, below: int | None = None
) -> int:
    """An integer, as a Python int."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{field} must be an integer. {received(field, value)}")
    number = int(value)
    if at_least is not None and number < at_least:
        raise ValueError(f"{field} must be >= {at_least}. {received(field, value)}")
    if below is not None and number >= below:
        raise ValueError(f"{field} must be < {below}. {received(field, value)}")
    return number


def reals(
    field: str,
    value: Any,
    *,
    length: int | None = None,
    at_least: float | None = None,
) -> tuple[float, ...]:
    """A sequence of finite real numbers, as a tuple."""
    if isinstance(value, (str, bytes, dict)) or not isinstance(value, Iterable):
        kind = "a sequence of real numbers" if length is None else f"{length} real numbers"
        raise TypeError(f"{field} must be {kind}. {received(field, value)}")
    items = tuple(value)
    if length is not None and len(items) != length:
        raise ValueError(f"{field} must have {length} entries. {received(field, value)}")
    return tuple(real(f"{field}[{i}]", item, at_least=at_least) for i, item in enumerate(items))


def flag(field: str, value: Any) -> bool:
    """True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{field} must be True or False. {received(field, value)}")
    return bool(value)


def choice(field: str, value: Any, options: Sequence[str]) -> str:
    """One of a few words."""
    words = " or ".join(f'"{option}"' for option in options)
    if not isinstance(value, str):
        raise TypeError(f"{field} must be {words}. {received(field, value)}")
    if value not in options:
        raise ValueError(f"{field} must be {words}. {received(field, value)}")
    return value


def words(field: str, value: Any) -> str:
    """Text to be shown in one line, as a class's label is: printable, <= 1,000 characters.

    Raises:
        TypeError: It is no string.
        ValueError: It can't be drawn or written to a file: line breaks and other control
            characters, halves of UTF-16 pairs (lone surrogates), noncharacters.
    """
    if not isinstance(value, str):
        raise TypeError(f"{field} must be a string. {received(field, value)}")
    if len(value) > LONGEST_WORDS:
        raise ValueError(
            f"{field} must be <= {LONGEST_WORDS:,} characters long. {received(field, value)}"
        )
    wrong = UNSHOWABLE.search(value)
    if wrong is not None:
        raise ValueError(
            f"{field} must be text that can be shown in one line, without the character "
            f"U+{ord(wrong[0]):04X} at position {wrong.start()}. {received(field, value)}"
        )
    return value


def seed_number(value: Any) -> int:
    """A stream's seed: an integer in [0, 2**64)."""
    number = integer("seed", value)
    if not 0 <= number < SEED_LIMIT:
        raise ValueError(f"seed must be in [0, 2**64). {received('seed', value)}")
    return number


def sample_range(start: Any, count: Any) -> tuple[int, int]:
    """First index and number of samples; their sum stays below 2**63."""
    first = integer("start", start, at_least=0)
    number = integer("count", count, at_least=0)
    if first + number > INDEX_LIMIT:
        raise ValueError(
            f"start + count must be <= 2**63. {received('start', start)}, count={count!r}"
        )
    return first, number
