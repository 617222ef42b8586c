"""Writes named values in the bytes that recipes cross to the core in, a subset of CBOR (RFC 8949).

Doubles cross as their bits. cpp/core/wire/value.hpp lists what the subset holds.
"""

from __future__ import annotations

import functools
import struct
from typing import Any

MAGIC = b"\xd9\xd9\xf7"
"""What all wire bytes begin with: the tag 55799, "this is CBOR"."""


def encoded(value: Any) -> bytes:
    """The wire bytes of a value.

    Args:
        value: None, a bool, an int that fits into 64 bits, a float, bytes, printable ASCII text, or
            lists, tuples and dictionaries by name of these.

    Raises:
        TypeError: There is something else in it.
        ValueError: An integer or text is not of that kind.
    """
    out = bytearray(MAGIC)
    _write(value, out)
    return bytes(out)


def _write(value: Any, out: bytearray) -> None:
    if isinstance(value, float):
        out += b"\xfb" + struct.pack(">d", value)
    elif isinstance(value, str):
        out += _text(value)
    elif value is None or isinstance(value, bool):
        out.append(0xF6 if value is None else 0xF5 if value else 0xF4)
    elif isinstance(value, int):
        out += _head(0, value) if value >= 0 else _head(1, -1 - value)
    elif isinstance(value, (list, tuple)):
        out += _head(4, len(value))
        for entry in value:
            _write(entry, out)
    elif isinstance(value, dict):
        out += _head(5, len(value))
        for name, entry in value.items():
            out += _text(name)
            _write(entry, out)
    elif isinstance(value, bytes):
        out += _head(2, len(value)) + value
    else:
        raise TypeError(f"wire bytes hold no {type(value).__name__}. Received: {value!r}")


@functools.lru_cache(maxsize=1024)
def _text(text: str) -> bytes:
    if not isinstance(text, str):
        raise TypeError(f"names in wire bytes must be strings. Received: {text!r}")
    if not (text.isascii() and text.isprintable()):
        raise ValueError(f"text in wire bytes must be printable ASCII. Received: {text!r}")
    return _head(3, len(text)) + text.encode()


def _head(major: int, argument: int) -> bytes:
    """A value's first bytes, as few as hold the argument (RFC 8949, section 4.2.1)."""
    if argument < 24:
        return bytes((major << 5 | argument,))
    for size, low_bits in ((1, 24), (2, 25), (4, 26), (8, 27)):
        if argument < 1 << 8 * size - (size == 8):
            return bytes((major << 5 | low_bits,)) + argument.to_bytes(size, "big")
    raise ValueError(f"an integer in wire bytes must fit into 64 bits. Received: {argument}")
