"""Sheets with defects as sets of atoms: what their tests measure."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import numpy.typing as npt
import shapely

from nanotilt.scenes.defect_tables import LatticeAtom, atoms, table
from nanotilt.scenes.lattice_terms import CRYSTALS, DEFECT_FAMILIES

Floats = npt.NDArray[np.float64]

CRYSTAL_OF = {"graphene": "graphene", "hbn": "hbn", "dichalcogenide": "mos2"}
CASES = [(kind, CRYSTAL_OF[family]) for family, kinds in DEFECT_FAMILIES.items() for kind in kinds]
BOND = 2.46 / math.sqrt(3)
LONGEST_BOND = 2.0
"""In angstrom: shorter than any diagonal of a ring, longer than the weak bond of a vacancy."""


def bond_length(crystal: str) -> float:
    return CRYSTALS[crystal].a / math.sqrt(3)


def perfect(crystal: str, radius: float, centre: Floats) -> list[tuple[float, float, str]]:
    """Atoms of the lattice without a defect, x and y in angstrom, around a place in bonds."""
    a = CRYSTALS[crystal].a
    found = []
    for m in range(-60, 61):
        for n in range(-60, 61):
            for sublattice, column in enumerate((CRYSTALS[crystal].at_a, CRYSTALS[crystal].at_b)):
                x = a * (m + n / 2 + sublattice / 2)
                y = a * (n * math.sqrt(3) / 2 + sublattice / (2 * math.sqrt(3)))
                if np.hypot(*(np.array([x, y]) - centre * bond_length(crystal))) <= radius:
                    found += [(x, y, element) for element in column]
    return found


def around(kind: str, crystal: str, radius: float) -> tuple[Floats, list[str]]:
    """Positions in angstrom from the defect's centre, nearest first, and elements."""
    found = atoms(kind, crystal, radius)
    centre = table(kind, crystal).centre * bond_length(crystal)
    places = positions(found) - centre
    order = np.argsort(np.hypot(*places.T).round(6), kind="stable")
    return places[order], [found[k].element for k in order]


def positions(found: tuple[LatticeAtom, ...]) -> Floats:
    return np.array([(atom.x, atom.y) for atom in found])


def bonds(places: Floats) -> npt.NDArray[np.int64]:
    """Pairs of atoms that are near enough."""
    first, second = np.triu_indices(len(places), 1)
    near = np.hypot(*(places[first] - places[second]).T) < LONGEST_BOND
    return np.stack([first[near], second[near]], axis=1)


def ring_sizes(places: Floats) -> Counter[int]:
    """How many faces of each number of corners the bonds enclose."""
    lines = shapely.linestrings(places[bonds(places)])
    faces = shapely.polygonize(lines).geoms
    return Counter(len(face.exterior.coords) - 1 for face in faces)


def turned(places: Floats, order: int) -> Floats:
    """Turned counterclockwise about the origin by a part of a full turn."""
    cosine, sine = math.cos(2 * math.pi / order), math.sin(2 * math.pi / order)
    matrix: Floats = np.array([[cosine, sine], [-sine, cosine]])
    return np.asarray(places @ matrix, dtype=np.float64)


def farthest_from(places: Floats, others: Floats) -> float:
    """The largest distance of any place to the nearest of the others."""
    distance = np.hypot(*(places[:, None] - others).transpose(2, 0, 1))
    return float(distance.min(axis=1).max())
