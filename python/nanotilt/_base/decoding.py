"""Dataclasses from JSON values, every field checked, every error naming the field."""

from __future__ import annotations

import collections.abc
import dataclasses
import math
import types
import typing
from typing import Any, TypeVar

from nanotilt._base.checks import received
from nanotilt._base.text_files import named

NEEDED: Any = object()
"""Stands for no default: the value is needed."""

T = TypeVar("T")

_WORDS = {str: "text", int: "an integer", float: "a finite number", bool: "true or false"}


@dataclasses.dataclass(frozen=True)
class _Rules:
    """What passes: see `decode`."""

    finite: bool
    lenient: bool


def decode(
    kind: type[T], value: Any, field: str, *, finite: bool = True, lenient: bool = False
) -> T:
    """A value of a dataclass, as dataclasses.asdict and JSON left it.

    Args:
        kind: The dataclass. Its fields are of type str, int, float, bool, a Literal of words,
            another dataclass, a tuple of one of these, a dict from text to one of these, or one of
            these or None.
        value: What JSON gave.
        field: What errors call the value; empty for the outermost.
        finite: Whether NaN and infinity are wrong values, as they are but for losses.
        lenient: Whether fields that are missing take their defaults, where they have some, and
            unknown ones are passed over: for what another release may have written.

    Raises:
        ValueError: A field is missing, unknown, or of the wrong kind.
    """
    decoded: T = _decode(kind, value, field, _Rules(finite, lenient))
    return decoded


def member(
    value: Any,
    field: str,
    kind: Any,
    default: Any = NEEDED,
    *,
    finite: bool = True,
    lenient: bool = False,
) -> Any:
    """One value out of a JSON object, found by its keys with dots between.

    Args:
        value: What JSON gave.
        field: Where it stands, such as "test.accuracy".
        kind: As for `decode`; also dict[str, kind] of any kind, and Any, which is not looked at.
        default: What stands for a value that is missing, or has no object to stand in. Left out:
            the value is needed.
        finite: Whether NaN and infinity are wrong values, as they are but for losses.
        lenient: As for `decode`.

    Raises:
        ValueError: It is missing or of the wrong kind; the words name the field.
    """
    found: Any = value
    path = field.split(".")
    for i, key in enumerate(path):
        within = ".".join(path[:i]) or "the file"
        if found is None and default is not NEEDED:
            return default
        if not isinstance(found, dict):
            raise ValueError(f"{within} must hold a JSON object. {received(within, found)}")
        if key not in found:
            if default is not NEEDED:
                return default
            raise ValueError(
                f"{'.'.join(path[: i + 1])} is missing. Received: keys {named(list(found))}"
            )
        found = found[key]
    return _decode(kind, found, field, _Rules(finite, lenient))


def _decode(kind: Any, value: Any, field: str, rules: _Rules) -> Any:
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(kind, value, field, rules)
    if kind is Any:
        return value
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{field} must be a list. {received(field, value)}")
        return _decode_tuple(arguments, value, field, rules)
    if origin in (dict, collections.abc.Mapping):
        if not isinstance(value, dict):
            raise ValueError(f"{field} must hold a JSON object. {received(field, value)}")
        inside = arguments[1]
        return {key: _decode(inside, v, f"{field}.{key}", rules) for key, v in value.items()}
    if origin is typing.Literal:
        if value not in arguments:
            words = " or ".join(f'"{word}"' for word in arguments)
            raise ValueError(f"{field} must be {words}. {received(field, value)}")
        return value
    if origin in (types.UnionType, typing.Union):
        other = next(option for option in arguments if option is not type(None))
        return None if value is None else _decode(other, value, field, rules)
    return _decode_plain(kind, value, field, rules)


def _decode_tuple(
    kinds: tuple[Any, ...], value: list[Any], field: str, rules: _Rules
) -> tuple[Any, ...]:
    """A list of any length, or one of a fixed length such as the ends of an interval."""
    if kinds[-1] is not Ellipsis and len(value) != len(kinds):
        raise ValueError(f"{field} must have {len(kinds)} entries. {received(field, value)}")
    return tuple(_decode(kinds[0], item, f"{field}[{i}]", rules) for i, item in enumerate(value))


def _decode_plain(kind: Any, value: Any, field: str, rules: _Rules) -> Any:
    fits = isinstance(value, (int, float) if kind is float else kind)
    # To Python, True is an integer.
    if (
        not fits
        or isinstance(value, bool) != (kind is bool)
        or (kind is float and rules.finite and not _is_finite(value))
    ):
        raise ValueError(f"{field} must be {_WORDS[kind]}. {received(field, value)}")
    return float(value) if kind is float else value


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # an integer beyond all floats
        return False


def _decode_dataclass(kind: Any, value: Any, field: str, rules: _Rules) -> Any:
    if not isinstance(value, dict):
        what = field or "the file"
        raise ValueError(f"{what} must hold a JSON object. {received(what, value)}")
    types = typing.get_type_hints(kind)  # of class variables, too
    hints = {field.name: types[field.name] for field in dataclasses.fields(kind)}
    within = f"{field}." if field else ""
    optional = _with_defaults(kind) if rules.lenient else ()
    for name in hints:
        if name not in value and name not in optional:
            raise ValueError(f"{within}{name} is missing. Received: keys {named(list(value))}")
    for name in value:
        if name not in hints and not rules.lenient:
            raise ValueError(f"{within}{name} is not known here. {received(name, value[name])}")
    return kind(
        **{
            name: _decode(hint, value[name], within + name, rules)
            for name, hint in hints.items()
            if name in value
        }
    )


def _with_defaults(kind: Any) -> set[str]:
    """The fields of a dataclass that need not be given."""
    missing = dataclasses.MISSING
    return {
        field.name
        for field in dataclasses.fields(kind)
        if field.default is not missing or field.default_factory is not missing
    }
