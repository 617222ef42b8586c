"""Atomic lattices: crystals, elements and kinds of defects, by name and number."""

from __future__ import annotations

from typing import NamedTuple

#: Elements that lattices and defects are made of; an element's number in tables is its place here.
ELEMENTS = ("B", "C", "N", "O", "Si", "S", "Cr", "Se", "Mo", "Te", "W")
ATOMIC_NUMBERS = (5, 6, 7, 8, 14, 16, 24, 34, 42, 52, 74)


class Crystal(NamedTuple):
    """A honeycomb seen from above: a1 = (a, 0), a2 = (a / 2, a sqrt(3) / 2).

    The atoms of a column at site A lie at (0, 0), those at site B at (a / 2, a / (2 sqrt(3))).
    """

    #: Lattice constant in angstrom.
    a: float
    #: Elements of the column of atoms at A, from above; those at B.
    at_a: tuple[str, ...]
    at_b: tuple[str, ...]
    #: Which of the tables of defects it has.
    family: str


#: Lattice constants of the sheets as measured or computed for free ones; the 2H dichalcogenides
#: have two chalcogens on top of each other.
CRYSTALS = {
    "graphene": Crystal(2.46, ("C",), ("C",), "graphene"),
    "hbn": Crystal(2.504, ("B",), ("N",), "hbn"),
    "mos2": Crystal(3.16, ("Mo",), ("S", "S"), "dichalcogenide"),
    "ws2": Crystal(3.15, ("W",), ("S", "S"), "dichalcogenide"),
    "mose2": Crystal(3.29, ("Mo",), ("Se", "Se"), "dichalcogenide"),
    "wse2": Crystal(3.28, ("W",), ("Se", "Se"), "dichalcogenide"),
    "mote2": Crystal(3.52, ("Mo",), ("Te", "Te"), "dichalcogenide"),
}

#: Kinds of defects, by family of lattices. A kind's number in ``defects`` and in ``mask`` (plus
#: one) is its place in `DEFECTS`; new kinds are added at the end.
DEFECT_FAMILIES = {
    "graphene": (
        "vacancy",
        "vacancy-5-9",
        "divacancy-5-8-5",
        "stone-wales",
        "divacancy-555-777",
        "divacancy-5555-6-7777",
        "boron",
        "nitrogen",
        "oxygen",
        "silicon",
    ),
    "hbn": (
        "boron-vacancy",
        "nitrogen-vacancy",
        "carbon-on-boron",
        "carbon-on-nitrogen",
        "triangle-1",
        "triangle-3",
        "triangle-6",
    ),
    "dichalcogenide": (
        "chalcogen-vacancy",
        "chalcogen-vacancy-pair",
        "metal-vacancy",
        "metal-on-chalcogens",
        "chalcogens-on-metal",
        "tungsten-on-metal",
        "chromium-on-metal",
        "selenium-on-chalcogen",
        "oxygen-on-chalcogen",
    ),
}
MOST_DEFECTS = 32
"""Of one sample."""

FEWEST_PATCH_PIXELS = 16
MOST_PATCH_PIXELS = 1024
"""On each side of an image of atoms."""

DEFECTS = tuple(kind for kinds in DEFECT_FAMILIES.values() for kind in kinds)
