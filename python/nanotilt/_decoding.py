"""Dataclasses from JSON values, every field checked, every error naming the field."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from typing import Any, TypeVar

from nanotilt._validation import received

T = TypeVar("T")

_WORDS = {str: "text", int: "an integer", float: "a finite number", bool: "true or false"}


def decode(kind: type[T], value: Any, field: str) -> T:
    """A value of a dataclass, as dataclasses.asdict and JSON left it.

    Args:
        kind: The dataclass. Its fields are of type str, int, float, bool, a Literal of words,
            another dataclass, a tuple of one of these, or one of these or None.
        value: What JSON gave.
        field: What errors call the value; empty for the outermost.

    Raises:
        ValueError: A field is missing, unknown, or of the wrong kind.
    """
    decoded: T = _decode(kind, value, field)
    return decoded


def _decode(kind: Any, value: Any, field: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(kind, value, field)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{field} must be a list. {received(field, value)}")
        return tuple(_decode(arguments[0], item, f"{field}[{i}]") for i, item in enumerate(value))
    if origin is typing.Literal:
        if value not in arguments:
            words = " or ".join(f'"{word}"' for word in arguments)
            raise ValueError(f"{field} must be {words}. {received(field, value)}")
        return value
    if origin in (types.UnionType, typing.Union):
        other = next(option for option in arguments if option is not type(None))
        return None if value is None else _decode(other, value, field)
    return _decode_plain(kind, value, field)


def _decode_plain(kind: Any, value: Any, field: str) -> Any:
    fits = isinstance(value, (int, float) if kind is float else kind)
    # To Python, True is an integer.
    if (
        not fits
        or isinstance(value, bool) != (kind is bool)
        or (kind is float and not math.isfinite(value))
    ):
        raise ValueError(f"{field} must be {_WORDS[kind]}. {received(field, value)}")
    return float(value) if kind is float else value


def _decode_dataclass(kind: Any, value: Any, field: str) -> Any:
    if not isinstance(value, dict):
        what = field or "the file"
        raise ValueError(f"{what} must hold a JSON object. {received(what, value)}")
    hints = typing.get_type_hints(kind)
    within = f"{field}." if field else ""
    for name in hints:
        if name not in value:
            raise ValueError(f"{within}{name} is missing. {received('keys', sorted(value))}")
    for name in value:
        if name not in hints:
            raise ValueError(f"{within}{name} is not known here. {received(name, value[name])}")
    return kind(**{name: _decode(hint, value[name], within + name) for name, hint in hints.items()})
