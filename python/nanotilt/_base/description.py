"""What scenes and instruments share: a kind, a version of its bits, fields that may come later.

A recipe's digest names its bits for good, so it may not move when nanotilt learns something new:

- a field that a kind gained after its first release is declared with `later`, and is left out of
  JSON and digest where it has its default, which must mean what was done before;
- each kind has a version, raised when the bits that it draws change. It is written into the JSON,
  and so into the digest, of the recipes that use the kind, and of no others.
"""

from __future__ import annotations

import dataclasses
from abc import ABC
from typing import Any, ClassVar, TypeVar

from nanotilt._base.checks import received

T = TypeVar("T")

_SINCE = "since"


class Description(ABC):
    """A scene or an instrument.

    Attributes:
        kind: Its name in JSON.
        version: Version of the bits that it draws.
        unwritten_version: The version that JSON without a version means; None: JSON must have one.
            Kinds of the first release had one version together, 2, written once for the recipe.
    """

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    unwritten_version: ClassVar[int | None] = None

    def lowered(self) -> dict[str, Any]:
        """The values that the core draws by: its kind and version, then each under its name."""
        return {"kind": self.kind, "version": self.version, **field_values(self)}


def later(default: T, *, since: int) -> T:
    """A dataclass field that its kind gained after its first release.

    Args:
        default: What older descriptions mean; the field is not written where it has this value.
        since: The kind's version when it gained the field.
    """
    field: T = dataclasses.field(default=default, metadata={_SINCE: since})
    return field


def written_version(kind: type[Description]) -> dict[str, int]:
    """The entry of a description's JSON that tells the version of its bits, if there is one."""
    return {} if kind.version == kind.unwritten_version else {"version": kind.version}


def field_values(description: Any, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """A dataclass's fields by name, later ones too, but for those named in `without`."""
    return {
        field.name: getattr(description, field.name)
        for field in dataclasses.fields(description)
        if field.name not in without
    }


def written_fields(description: Any) -> dict[str, Any]:
    """A dataclass as a dictionary of JSON values; later fields only where they say something."""
    return {
        field.name: _written(getattr(description, field.name))
        for field in dataclasses.fields(description)
        if _SINCE not in field.metadata or getattr(description, field.name) != field.default
    }


def _written(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return written_fields(value)
    if isinstance(value, (tuple, list)):
        return [_written(item) for item in value]
    return value


class OtherVersionError(ValueError):
    """A description was written for a version of its kind whose bits this build does not make."""


def check_version(field: str, kind: type[Description], version: Any) -> None:
    """Raises unless this build draws the bits of this version of a kind.

    Args:
        field: Where the description stands, such as "camera".
        kind: What is described.
        version: What the JSON tells; None: nothing.

    Raises:
        ValueError: It is another version, an OtherVersionError, or none; the words tell what to
            do.
    """
    told = kind.unwritten_version if version is None else version
    if told == kind.version and not isinstance(told, bool):
        return
    if told is None:
        raise ValueError(f'{field} needs the key "version"; this build makes {kind.version}')
    raise OtherVersionError(
        f"{field} was written for version {told!r} of {kind.kind}; this build makes version "
        f'{kind.version}, with other bits. To have the recipe drawn anew, set its "version" to '
        f'{kind.version} and delete "digest"; for the bits of before, use the release that wrote '
        f"it. {received(f'{field}.version', version)}"
    )
