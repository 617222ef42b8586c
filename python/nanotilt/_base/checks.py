"""Checks of values that users hand in, worded alike everywhere.

A wrong kind of value raises TypeError, a wrong value ValueError; both name the field and show what
was received. NaN and infinity are wrong values. Booleans are not numbers here: ``radius=True`` is a
slip, not a length. NumPy's scalars and arrays without dimensions are what they hold; what is kept
is always a plain Python value, so that a description does not depend on how a value was written.
"""

from __future__ import annotations

import math
import numbers
import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

FLOAT32_MAX = float(np.finfo(np.float32).max)
SEED_LIMIT = 2**64
INDEX_LIMIT = 2**63
LONGEST_WORDS = 1000

UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
"""Control characters, line separators, lone surrogates and noncharacters: neither SVG and HTML nor
UTF-8 can hold them all."""


def kind_in_words(value: object) -> str:
    """The name of a value's class behind its article: "a Camera", "an AreaDetector"."""
    name = type(value).__name__
    return f"{'an' if name[:1] in tuple('AEIOUaeiou') else 'a'} {name}"


def received(field: str, value: object) -> str:
    """The closing words of every error: what was received for a field."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested too deeply; an integer of thousands of digits
        text = f"{kind_in_words(value)} that is too large to be shown"
    return f"Received: {field}={text if len(text) <= 200 else text[:197] + '...'}"


def as_float32(number: float) -> float:
    """A number within float32, rounded as the core rounds it."""
    rounded: float = struct.unpack("f", struct.pack("f", number))[0]
    return rounded


def plain(field: str, value: Any) -> Any:
    """What an array without dimensions holds; any other value as it is.

    Raises:
        ValueError: the array's one value is masked.
    """
    if not isinstance(value, np.ndarray) or value.ndim:
        return value
    refuse_masked(field, value)
    return np.asarray(value)[()]


def refuse_masked(field: str, value: Any) -> None:
    """Raises ValueError where values of a masked array, or of some in lists, are masked."""
    n_masked, n = _masked(value)
    if n_masked:
        raise ValueError(
            f"{field} must have no masked values; {field}.filled(value) says what they are to be. "
            f"Received: {n_masked} of {n} values masked"
        )


def _masked(value: Any) -> tuple[int, int]:
    """How many values of masked arrays are masked, and of how many; arrays may be in lists."""
    if isinstance(value, np.ma.MaskedArray):
        return int(np.count_nonzero(np.ma.getmaskarray(value))), value.size
    kinds = {*map(type, value)} if isinstance(value, (list, tuple)) else set()
    if not any(issubclass(kind, (list, tuple, np.ma.MaskedArray)) for kind in kinds):
        return 0, 0
    counts = [_masked(item) for item in value]
    return sum(masked for masked, _ in counts), sum(n for _, n in counts)


def is_real(value: Any) -> bool:
    """Whether it is a number; to Python True is one, too, and to NumPy a span of time."""
    no_number = (bool, np.bool_, np.timedelta64)
    return isinstance(value, numbers.Real) and not isinstance(value, no_number)


def is_integer(value: Any) -> bool:
    """Whether it is a number of an integer's kind: 4, and not 4.0."""
    return is_real(value) and isinstance(value, numbers.Integral)


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
    value = plain(field, value)
    if not is_real(value):
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


def within(field: str, value: Any, low: float, high: float) -> float:
    """A real number in [low, high], as a Python float."""
    number = real(field, value)
    if not low <= number <= high:
        raise ValueError(f"{field} must be in [{low:g}, {high:g}]. {received(field, value)}")
    return number


def pair_within(field: str, value: Any, low: float, high: float) -> tuple[float, float]:
    """(least, most) of real numbers in [low, high], as Python floats."""
    least, most = reals(field, value, length=2)
    if not low <= least <= most <= high:
        raise ValueError(
            f"{field} must be (least, most) with {low:g} <= least <= most <= {high:g}. "
            f"{received(field, value)}"
        )
    return least, most


def electrons(field: str, value: Any) -> float | tuple[float, float] | None:
    """A dose: a number of electrons in [1e-6, 1e9], (least, most) of such, or None for no noise."""
    if value is None:
        return None
    value = plain(field, value)
    pair = isinstance(value, Iterable) and not isinstance(value, (str, bytes))
    doses = reals(field, value) if pair else (real(field, value),)
    fine = all(1e-6 <= dose <= 1e9 for dose in doses)
    if not fine or (pair and (len(doses) != 2 or doses[0] > doses[1])):
        raise ValueError(
            f"{field} must be a number in [1e-6, 1e9], (least, most) of such numbers, or None. "
            f"{received(field, value)}"
        )
    return (doses[0], doses[1]) if pair else doses[0]


def integer(
    field: str, value: Any, *, at_least: int | None = None, below: int | None = None
) -> int:
    """An integer, as a Python int."""
    value = plain(field, value)
    if not is_integer(value):
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
    """A sequence of finite real numbers, as a tuple.

    An array without dimensions is a sequence of one; a plain number is none.
    """
    kind = "a sequence of real numbers" if length is None else f"{length} real numbers"
    items = sequence(field, value, kind)
    if length is not None and len(items) != length:
        raise ValueError(f"{field} must have {length} entries. {received(field, value)}")
    return tuple(real(f"{field}[{i}]", item, at_least=at_least) for i, item in enumerate(items))


def integers(
    field: str, value: Any, *, at_least: int | None = None, below: int | None = None
) -> tuple[int, ...]:
    """A sequence of integers, as a tuple."""
    items = sequence(field, value, "a sequence of integers")
    return tuple(
        integer(f"{field}[{i}]", item, at_least=at_least, below=below)
        for i, item in enumerate(items)
    )


def sequence(field: str, value: Any, kind: str) -> tuple[Any, ...]:
    """The entries of a sequence, which must be `kind`; an array without dimensions has one."""
    refuse_masked(field, value)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return (plain(field, value),)
    if isinstance(value, (str, bytes, dict)) or not isinstance(value, Iterable):
        raise TypeError(f"{field} must be {kind}. {received(field, value)}")
    return tuple(value)


def flag(field: str, value: Any) -> bool:
    """True or False."""
    value = plain(field, value)
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{field} must be True or False. {received(field, value)}")
    return bool(value)


def choice(field: str, value: Any, options: Sequence[str]) -> str:
    """One of a few words, as a Python str."""
    value = plain(field, value)
    words = " or ".join(f'"{option}"' for option in options)
    if not isinstance(value, str):
        raise TypeError(f"{field} must be {words}. {received(field, value)}")
    if value not in options:
        raise ValueError(f"{field} must be {words}. {received(field, value)}")
    return str.__str__(value)  # of NumPy's strings and of enumerations, too


def only_fields(field: str, value: Mapping[Any, Any], known: Sequence[str]) -> None:
    """Raises ValueError where a described object has other fields than the known ones."""
    other = [name for name in value if name not in known]
    if other:
        raise ValueError(
            f"{field} must have the fields {', '.join(known)} alone. {received(field, value)}"
        )


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
