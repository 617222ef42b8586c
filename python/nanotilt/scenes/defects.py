"""Defects of atomic lattices, as a lattice is described by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nanotilt._base import checks as check
from nanotilt.scenes.defect_tables import DefectTable, table
from nanotilt.scenes.lattice_terms import CRYSTALS, DEFECT_FAMILIES, DEFECTS, ELEMENTS


@dataclass(frozen=True)
class Defect:
    """A kind of defect that a lattice may have.

    Args:
        kind: Of graphene: "vacancy" (nothing around it moves), "vacancy-5-9" (reconstructed),
            "divacancy-5-8-5", "stone-wales", "divacancy-555-777", "divacancy-5555-6-7777",
            "boron", "nitrogen", "oxygen" or "silicon" in a carbon atom's place. Of hexagonal boron
            nitride and the dichalcogenides see
            `nanotilt.scenes.lattice_terms.DEFECT_FAMILIES`.
        share: How often it comes, relative to the other kinds of the lattice, >= 0.

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    kind: str
    share: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", check.choice("kind", self.kind, DEFECTS))
        share = check.real("share", self.share, at_least=0)
        if share > 1e6:
            raise ValueError(f"share must be <= 1e6. {check.received('share', self.share)}")
        object.__setattr__(self, "share", share)


def column_number(elements: Iterable[str]) -> int:
    """A column of atoms as one number: 1 + element, and 16 times that of the one below it."""
    return sum((1 + ELEMENTS.index(element)) * 16**i for i, element in enumerate(elements))


def lowered_defect(defect: Defect, crystal: str) -> dict[str, Any]:
    """The values that the core draws a defect by: six numbers for each site that it changes."""
    found: DefectTable = table(defect.kind, crystal)
    sites: list[float] = []
    for i, elements in enumerate(found.elements):
        column = float(column_number(elements)) if found.replaced[i] else -1.0
        sites += [float(found.m[i]), float(found.n[i]), float(found.sublattice[i])]
        sites += [float(found.dx[i]), float(found.dy[i]), column]
    return {
        "kind": DEFECTS.index(defect.kind),
        "share": defect.share,
        "core": (float(found.centre[0]), float(found.centre[1])),
        "symmetry": found.symmetry,
        "reach": found.reach,
        "sites": sites,
    }


def checked_defects(value: Any, crystal: str) -> tuple[Defect, ...]:
    """Kinds of defects, as `Defect`, by their names or as JSON has them, that a crystal can have.

    Raises:
        TypeError: a defect is of the wrong kind.
        ValueError: the crystal cannot have it, it comes twice, or no share is above 0.
    """
    defects = tuple(
        _checked_defect(f"defects[{i}]", one)
        for i, one in enumerate(check.sequence("defects", value, "a sequence of defects"))
    )
    family = DEFECT_FAMILIES[CRYSTALS[crystal].family]
    for i, defect in enumerate(defects):
        field = f"defects[{i}].kind"
        if defect.kind not in family:
            raise ValueError(
                f"{field} must be what {crystal} can have: {', '.join(family)}. "
                f"{check.received(field, defect.kind)}"
            )
        try:
            table(defect.kind, crystal)
        except ValueError as error:
            raise ValueError(f"defects[{i}]: {error}") from error
    if len({defect.kind for defect in defects}) < len(defects):
        raise ValueError(f"kinds of defects must differ. {check.received('defects', value)}")
    if defects and not sum(defect.share for defect in defects) > 0:
        raise ValueError(
            f"one share of the defects at least must be > 0. {check.received('defects', value)}"
        )
    return defects


def _checked_defect(field: str, value: Any) -> Defect:
    if isinstance(value, Defect):
        return value
    try:
        if isinstance(value, str):
            return Defect(value)
        if isinstance(value, Mapping):
            check.only_fields(field, value, ("kind", "share"))
            return Defect(**value)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{field}: {error}") from error
    raise TypeError(f"{field} must be a Defect, or a kind's name. {check.received(field, value)}")
