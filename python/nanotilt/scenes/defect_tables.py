"""Defects of atomic lattices as tables: which sites they change, and where their atoms go.

``docs/make_defect_tables.py`` writes defect_tables.json and says how each defect was made.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nanotilt._base.checks import choice, real, received
from nanotilt._base.text_files import damaged, read_json_object
from nanotilt.scenes.lattice_terms import CRYSTALS, DEFECT_FAMILIES, Crystal

FILE = Path(__file__).with_name("defect_tables.json")

CORE_DISPLACEMENT = 0.1
"""In bond lengths: atoms that moved farther belong to the core, as replaced ones do."""

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DefectTable:
    """A kind of defect in a crystal: the sites that differ from the perfect lattice.

    Lengths are in units of the bond length d = a / sqrt(3), x along the lattice vector a1, y
    towards a2. Arrays have one value for each site that differs and are read-only.

    Attributes:
        kind: The defect's name.
        crystal: The crystal's name.
        m: int64, (n,): cells along a1.
        n: int64, (n,): cells along a2.
        sublattice: int64, (n,): 0 for A at (0, 0), 1 for B at (a / 2, a / (2 sqrt(3))).
        dx: float64, (n,): how far the site's atoms have moved along x.
        dy: float64, (n,): along y.
        elements: The elements of the column of atoms that is there with the defect, from above;
            empty where the site's atoms are missing.
        replaced: bool, (n,): where these are not the lattice's own elements.
        centre: (x, y), float64: the defect's place, from the site A of cell (0, 0).
        rings: For graphene, the numbers of corners of the rings that are no hexagons, in order.
        symmetry: The order of its rotational symmetry: orientations are equal modulo
            2 pi / symmetry.
        reach: Distance from `centre` within which the core lies: sites whose atoms are missing,
            replaced, or moved by more than 0.1.
    """

    kind: str
    crystal: str
    m: Integers
    n: Integers
    sublattice: Integers
    dx: Floats
    dy: Floats
    elements: tuple[tuple[str, ...], ...]
    replaced: npt.NDArray[np.bool_]
    centre: Floats
    rings: tuple[int, ...]
    symmetry: int
    reach: float

    def __post_init__(self) -> None:
        for array in (
            self.m,
            self.n,
            self.sublattice,
            self.dx,
            self.dy,
            self.replaced,
            self.centre,
        ):
            array.flags.writeable = False


class LatticeAtom(NamedTuple):
    """An atom of a sheet with a defect, seen from above."""

    #: Angstrom, from the site A of cell (0, 0), along a1.
    x: float
    #: Angstrom, across a1.
    y: float
    element: str
    #: Whether it replaces another or has moved by more than 0.1 bond lengths.
    is_core: bool


def table(kind: str, crystal: str) -> DefectTable:
    """The table of a kind of defect in a crystal; the same object each time.

    Args:
        kind: One of the crystal's kinds, ``DEFECT_FAMILIES[CRYSTALS[crystal].family]``.
        crystal: One of `CRYSTALS`.

    Returns:
        The sites that differ from the perfect lattice.

    Raises:
        TypeError: A name is no string.
        ValueError: No such crystal; a kind that it doesn't have, or that leaves it as it is
            (tungsten on a metal's site in WS2).
    """
    crystal = choice("crystal", crystal, tuple(CRYSTALS))
    kind = choice("kind", kind, DEFECT_FAMILIES[CRYSTALS[crystal].family])
    return _table(kind, crystal)


def atoms(kind: str, crystal: str, radius: float) -> tuple[LatticeAtom, ...]:
    """The atoms of a sheet with one defect, two above one another where the lattice has two.

    Args:
        kind: As in `table`.
        crystal: As in `table`.
        radius: Angstrom; atoms are given that lie at most so far from the defect's centre.

    Returns:
        The atoms, cell by cell.

    Raises:
        TypeError: A name is no string, the radius no number.
        ValueError: As in `table`; the radius is negative or larger than 1,000.
    """
    found = table(kind, crystal)
    radius = real("radius", radius, at_least=0.0)
    if radius > 1000:
        raise ValueError(f"radius must be <= 1000 angstrom. {received('radius', radius)}")
    return tuple(_atoms(found, CRYSTALS[found.crystal], radius))


def _atoms(found: DefectTable, crystal: Crystal, radius: float) -> Iterator[LatticeAtom]:
    bond = crystal.a / math.sqrt(3)
    sites = zip(found.m.tolist(), found.n.tolist(), found.sublattice.tolist(), strict=True)
    changed = {site: k for k, site in enumerate(sites)}
    # Rows are 1.5 bond lengths apart; no atom moves by more than two.
    most = math.ceil((radius / bond + float(np.hypot(*found.centre)) + 2.0) / 1.5) + 1
    for m in range(-2 * most, 2 * most + 1):
        for n in range(-most, most + 1):
            for sublattice, column in enumerate((crystal.at_a, crystal.at_b)):
                x = math.sqrt(3) * (m + 0.5 * n + 0.5 * sublattice)
                y = 1.5 * n + 0.5 * sublattice
                k = changed.get((m, n, sublattice))
                is_core = False
                if k is not None:
                    dx, dy = float(found.dx[k]), float(found.dy[k])
                    x, y, column = x + dx, y + dy, found.elements[k]
                    is_core = bool(found.replaced[k]) or math.hypot(dx, dy) > CORE_DISPLACEMENT
                if math.hypot(x - found.centre[0], y - found.centre[1]) * bond <= radius:
                    for element in column:
                        yield LatticeAtom(x * bond, y * bond, element, is_core)


@cache
def _table(kind: str, name: str) -> DefectTable:
    crystal = CRYSTALS[name]
    try:
        stored = _families()[crystal.family][kind]
        found = _made(kind, name, crystal, stored)
    except (KeyError, TypeError) as error:
        raise damaged(FILE, error) from error
    if not found.replaced.any() and not found.dx.any():
        raise ValueError(
            f"{name} has that element there anyway: with this kind of defect it is perfect. "
            f"{received('kind', kind)}"
        )
    return found


def _made(kind: str, name: str, crystal: Crystal, stored: dict[str, Any]) -> DefectTable:
    """The stored table with the crystal's own elements."""
    rows = stored["sites"]
    own = (crystal.at_a, crystal.at_b)
    # Only dichalcogenides' tables leave elements to the crystal: A is the metal, B the chalcogens.
    meant = {"metal": own[0][0], "chalcogen": own[1][0]}
    elements = tuple(
        tuple(meant.get(word, word) for word in row[5]) if len(row) > 5 else own[row[2]]
        for row in rows
    )
    replaced = [column != own[row[2]] for column, row in zip(elements, rows, strict=True)]
    m, n, sublattice = np.array([row[:3] for row in rows], dtype=np.int64).T.copy()
    dx, dy = np.array([row[3:5] for row in rows], dtype=np.float64).T.copy()
    return DefectTable(
        kind=kind,
        crystal=name,
        m=m,
        n=n,
        sublattice=sublattice,
        dx=dx,
        dy=dy,
        elements=elements,
        replaced=np.array(replaced, dtype=np.bool_),
        centre=np.array(stored["centre"], dtype=np.float64),
        rings=tuple(stored["rings"]),
        symmetry=stored["symmetry"],
        reach=stored["reach"],
    )


@cache
def _families() -> dict[str, Any]:
    return read_json_object(FILE)
