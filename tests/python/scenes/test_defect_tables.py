"""Tables of defects: against published geometries, and against what each kind is by its name."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

import numpy as np
import pytest

from nanotilt.scenes import defect_tables
from nanotilt.scenes.defect_tables import DefectTable, atoms, table
from nanotilt.scenes.lattice_terms import CRYSTALS, DEFECT_FAMILIES, ELEMENTS
from oracle_defects import (
    BOND,
    CASES,
    CRYSTAL_OF,
    around,
    bond_length,
    bonds,
    farthest_from,
    perfect,
    positions,
    ring_sizes,
    turned,
)

GRAPHENE = DEFECT_FAMILIES["graphene"]
REMOVED = {
    "vacancy": 1,
    "vacancy-5-9": 1,
    "divacancy-5-8-5": 2,
    "divacancy-555-777": 2,
    "divacancy-5555-6-7777": 2,
    "boron-vacancy": 1,
    "nitrogen-vacancy": 1,
    "triangle-1": 1,
    "triangle-3": 4,
    "triangle-6": 9,
    "chalcogen-vacancy": 1,
    "chalcogen-vacancy-pair": 2,
    "metal-vacancy": 1,
    "metal-on-chalcogens": 1,
    "chalcogens-on-metal": -1,
}
RINGS = {
    "vacancy": [12],
    "vacancy-5-9": [5, 9],
    "divacancy-5-8-5": [5, 5, 8],
    "stone-wales": [5, 5, 7, 7],
    "divacancy-555-777": [5, 5, 5, 7, 7, 7],
    "divacancy-5555-6-7777": [5, 5, 5, 5, 7, 7, 7, 7],
}
SYMMETRY = {
    "vacancy-5-9": 1,
    "divacancy-5-8-5": 2,
    "stone-wales": 2,
    "divacancy-5555-6-7777": 2,
}
NEAREST = {
    "vacancy-5-9": [(0.95, 0.70), (0, -1.44), (2.27, 0.02), (1.15, 2.13), (1.20, -2.16)],
    "divacancy-5-8-5": [(0.74, 1.53), (1.97, 0.73), (1.11, 2.92), (3.32, 1.39)],
    "stone-wales": [(0.67, 0), (1.43, 1.20), (2.72, 0.70), (1.26, 2.63)],
    "divacancy-555-777": [(0, 0), (0.73, 1.28), (2.20, 1.45), (-1.48, 0), (0.15, 2.63)],
}
"""Atoms nearest the centre by an independent program with another surrounding (a free periodic
sheet), angstrom, one of each that a mirror gives."""


def displacements(found: DefectTable) -> tuple[Any, Any]:
    """How far atoms have moved, and their sites' distances from the centre, in bond lengths."""
    x = math.sqrt(3) * (found.m + 0.5 * found.n + 0.5 * found.sublattice) - found.centre[0]
    y = 1.5 * found.n + 0.5 * found.sublattice - found.centre[1]
    return np.hypot(found.dx, found.dy), np.hypot(x, y)


def test_each_kind_has_a_table() -> None:
    stored = json.loads(defect_tables.FILE.read_text(encoding="utf-8"))
    assert {family: tuple(kinds) for family, kinds in stored.items()} == DEFECT_FAMILIES


@pytest.mark.parametrize(("kind", "crystal"), CASES)
def test_entries(kind: str, crystal: str) -> None:
    found = table(kind, crystal)
    sites = list(zip(found.m, found.n, found.sublattice, strict=True))
    assert len(set(sites)) == len(sites) == len(found.dx) == len(found.elements)
    assert set(found.sublattice) <= {0, 1}
    assert {element for column in found.elements for element in column} <= set(ELEMENTS)
    moved, distance = displacements(found)
    own = (CRYSTALS[crystal].at_a, CRYSTALS[crystal].at_b)
    replaced = [
        column != own[s] for column, s in zip(found.elements, found.sublattice, strict=True)
    ]
    np.testing.assert_array_equal(found.replaced, replaced)
    assert np.all((moved >= 0.0039) | found.replaced)
    core = distance[found.replaced | (moved > 0.1)]
    assert found.reach == pytest.approx(core.max(), abs=1e-4)
    assert np.hypot(*found.centre) <= 1 + 1e-6, "no cell's origin is nearer"
    for array in (found.m, found.dx, found.centre):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize(("kind", "crystal"), CASES)
def test_displacements_fade(kind: str, crystal: str) -> None:
    found = table(kind, crystal)
    moved, distance = displacements(found)
    outer = distance > 7
    assert np.all(moved[outer] <= 0.04 * (9 - distance[outer]) / 2 + 1e-4)
    if crystal == "graphene":
        places, _ = around(kind, crystal, 10 * BOND)
        pairs = places[bonds(places)]
        length = np.hypot(*(pairs[:, 0] - pairs[:, 1]).T)
        outside = np.hypot(*pairs.mean(axis=1).T) > 6.5 * BOND
        assert np.abs(length[outside] / BOND - 1).max() < 0.035


@pytest.mark.parametrize(("kind", "crystal"), CASES)
def test_number_of_atoms_removed(kind: str, crystal: str) -> None:
    found = atoms(kind, crystal, 20.0)
    without = perfect(crystal, 20.0, table(kind, crystal).centre)
    assert len(without) - len(found) == REMOVED.get(kind, 0)


@pytest.mark.parametrize(("kind", "crystal"), CASES)
def test_symmetry(kind: str, crystal: str) -> None:
    found = table(kind, crystal)
    assert found.symmetry == SYMMETRY.get(kind, 3)
    bond = bond_length(crystal)
    places, elements = around(kind, crystal, 10 * bond)
    inner = np.hypot(*places.T) < 9 * bond
    names = np.array(elements)

    def mismatch(order: int) -> float:
        return max(
            farthest_from(turned(places[inner & (names == name)], order), places[names == name])
            for name in set(elements)
        )

    assert mismatch(found.symmetry) < 0.005
    for order in {2, 3, 6} - {found.symmetry}:
        assert mismatch(order) > 0.1


@pytest.mark.parametrize("kind", GRAPHENE)
def test_rings(kind: str) -> None:
    places, _ = around(kind, "graphene", 17.0)
    counted = ring_sizes(places)
    assert counted.pop(6) > 100
    assert counted == Counter(RINGS.get(kind, []))
    assert list(table(kind, "graphene").rings) == RINGS.get(kind, [])


@pytest.mark.parametrize("kind", NEAREST)
def test_nearest_atoms(kind: str) -> None:
    expected = np.array(NEAREST[kind], dtype=np.float64)
    order = table(kind, "graphene").symmetry
    mirror = (1, -1) if order == 3 else (-1, 1)
    both = np.concatenate([expected, expected * mirror])
    mirrored = np.concatenate([turned(both, part) for part in (1, order, -order)])
    places, _ = around(kind, "graphene", 6.0)
    nearest = places[: len(expected)]
    # All that is listed is there, and what is nearest is listed.
    assert farthest_from(mirrored, places) < 0.032
    assert farthest_from(nearest, mirrored) < 0.032


def length_of(kind: str, first: int, second: int) -> float:
    """Between the atoms that are nearest the centre, by their rank."""
    places, _ = around(kind, "graphene", 5.0)
    return float(np.hypot(*(places[first] - places[second])))


def test_lengths() -> None:
    assert length_of("stone-wales", 0, 1) == pytest.approx(1.335, abs=0.01)
    assert length_of("vacancy-5-9", 0, 1) == pytest.approx(1.90, abs=0.01)
    places, _ = around("divacancy-5-8-5", "graphene", 17.0)
    pairs = places[bonds(places)]
    length = np.hypot(*(pairs[:, 0] - pairs[:, 1]).T)
    assert (length.min(), length.max()) == pytest.approx((1.37, 1.51), abs=0.015)
    for rank in (1, 2, 3):
        assert 0.05 < length_of("silicon", 0, rank) - BOND < 0.10


@pytest.mark.parametrize(("kind", "n_boron", "n_nitrogen"), [(1, 1, 0), (3, 3, 1), (6, 6, 3)])
def test_triangles_have_nitrogen_edges(kind: int, n_boron: int, n_nitrogen: int) -> None:
    places, elements = around(f"triangle-{kind}", "hbn", 20.0)
    before = Counter(
        element for *_, element in perfect("hbn", 20.0, table(f"triangle-{kind}", "hbn").centre)
    )
    missing = before - Counter(elements)
    assert missing == Counter({"B": n_boron, "N": n_nitrogen})
    degree = np.bincount(bonds(places).ravel(), minlength=len(places))
    edge = (np.hypot(*places.T) < 10) & (degree < 3)
    assert {elements[k] for k in np.flatnonzero(edge)} == {"N"}
    assert set(degree[edge]) == {2}


@pytest.mark.parametrize("crystal", [name for name in CRYSTALS if name[-1] == "2"])
def test_crystals_give_the_elements(crystal: str) -> None:
    (metal,), at_b = CRYSTALS[crystal].at_a, CRYSTALS[crystal].at_b
    chalcogen = at_b[0]
    expected: dict[str, tuple[str, ...]] = {
        "chalcogen-vacancy": (chalcogen,),
        "chalcogen-vacancy-pair": (),
        "metal-vacancy": (),
        "metal-on-chalcogens": (metal,),
        "chalcogens-on-metal": (chalcogen, chalcogen),
        "tungsten-on-metal": ("W",),
        "chromium-on-metal": ("Cr",),
        "selenium-on-chalcogen": ("Se", chalcogen),
        "oxygen-on-chalcogen": ("O", chalcogen),
    }
    assert tuple(expected) == DEFECT_FAMILIES["dichalcogenide"]
    for kind, column in expected.items():
        if (kind, *column) in {("tungsten-on-metal", metal), ("selenium-on-chalcogen", *at_b)}:
            with pytest.raises(ValueError, match=f"{crystal} has that element there anyway"):
                table(kind, crystal)
        else:
            found = table(kind, crystal)
            assert found.elements == (column,)
            assert found.sublattice == ("chalcogen" in kind.removeprefix("chalcogens-on-"))


def test_atoms_of_the_core() -> None:
    """The two atoms of the rotated bond and their neighbours, which moved."""
    found = atoms("stone-wales", "graphene", 8.0)
    core = positions(tuple(atom for atom in found if atom.is_core))
    moved, _ = displacements(table("stone-wales", "graphene"))
    assert len(core) == (moved > 0.1).sum() > 2
    farthest = np.hypot(*(core - table("stone-wales", "graphene").centre * BOND).T).max()
    assert farthest == pytest.approx(table("stone-wales", "graphene").reach * BOND, abs=0.3)
    (silicon,) = (atom for atom in atoms("silicon", "graphene", 8.0) if atom.is_core)
    assert silicon == (0.0, 0.0, "Si", True)


def test_tables_are_read_once() -> None:
    assert table("stone-wales", "graphene") is table("stone-wales", "graphene")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("stone-wales", "hbn"), ValueError, "Received: kind=.stone-wales"),
        (("vacancy", "graphite"), ValueError, "Received: crystal='graphite'"),
        ((1, "graphene"), TypeError, "Received: kind=1"),
        (("vacancy", None), TypeError, "Received: crystal=None"),
    ],
)
def test_wrong_names(arguments: tuple[Any, Any], error: type[Exception], message: str) -> None:
    for call in (lambda: table(*arguments), lambda: atoms(*arguments, 5.0)):
        with pytest.raises(error, match=message):
            call()


@pytest.mark.parametrize("radius", [-1.0, 1001.0, math.nan, "5"])
def test_wrong_radius(radius: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="radius"):
        atoms("vacancy", "graphene", radius)


def test_families_share_no_kind() -> None:
    names = [kind for kinds in DEFECT_FAMILIES.values() for kind in kinds]
    assert len(set(names)) == len(names)
    assert set(CRYSTAL_OF) == set(DEFECT_FAMILIES)
