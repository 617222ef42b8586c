"""Makes the tables of defects in atomic lattices: ``python docs/make_defect_tables.py``.

Writes python/nanotilt/scenes/defect_tables.json within some seconds. Structural defects of graphene
are moves on the graph of bonds of a periodic sheet, relaxed in the plane by Keating's energy
(docs/bond_graph.py). Atoms farther than 9 bond lengths from the centre are held where the lattice
has them while the others relax: displacements so become small without a strained ring of bonds.
What is left of them between 7 and 9, at most 0.04, fades to 0, to end with fewer entries.

Silicon's bonds are longer than carbon's and it stands out of the plane; seen from above its three
neighbours move out by 0.08 angstrom, for which its bonds want to be 1.53 angstrom long in the
plane. Other single atoms that replace one, and all defects of boron nitride and dichalcogenides,
move nothing.

The triangles of boron nitride are named by the number of boron atoms that are missing, 1, 3 or 6;
with them go the 0, 1 or 3 nitrogen atoms between them, so that every atom at the edge is a nitrogen
atom with two bonds (Jin et al., Phys. Rev. Lett. 102, 195505 (2009); Meyer et al., Nano Lett. 9,
2683 (2009)). ``triangle-1`` is a ``boron-vacancy``.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from bond_graph import VECTORS, Floats, Sheet, Site, place

from nanotilt._base.files import write_text
from nanotilt.scenes.defect_tables import FILE
from nanotilt.scenes.lattice_terms import DEFECT_FAMILIES

SIDE = 16
FADES, ENDS = 7.0, 9.0
LEAST, CORE = 0.004, 0.1
A, B = (0, 0, 0), (0, 0, 1)
METAL, CHALCOGEN = "metal", "chalcogen"

BOND_ANGSTROM = 2.46 / math.sqrt(3)
SILICON_BOND = 1.53 / BOND_ANGSTROM
WEAK_LENGTH, WEAK_STRENGTH = 1.25, 0.6
"""Of the bond that closes the pentagon of a reconstructed vacancy: 1.9 angstrom when relaxed."""

REPLACED: dict[str, tuple[Site, list[str]]] = {
    "boron": (A, ["B"]),
    "nitrogen": (A, ["N"]),
    "oxygen": (A, ["O"]),
    "silicon": (A, ["Si"]),
    "carbon-on-boron": (A, ["C"]),
    "carbon-on-nitrogen": (B, ["C"]),
    "chalcogen-vacancy": (B, [CHALCOGEN]),
    "metal-on-chalcogens": (B, [METAL]),
    "chalcogens-on-metal": (A, [CHALCOGEN, CHALCOGEN]),
    "tungsten-on-metal": (A, ["W"]),
    "chromium-on-metal": (A, ["Cr"]),
    "selenium-on-chalcogen": (B, ["Se", CHALCOGEN]),
    "oxygen-on-chalcogen": (B, ["O", CHALCOGEN]),
}
REMOVED: dict[str, tuple[Site, ...]] = {
    "boron-vacancy": (A,),
    "nitrogen-vacancy": (B,),
    "triangle-1": (A,),
    "triangle-3": (A, (1, 0, 0), (0, 1, 0), B),
    "triangle-6": tuple(
        (m, n, s) for s in (0, 1) for m, n in product(range(3), repeat=2) if m + n < 3 - s
    ),
    "chalcogen-vacancy-pair": (B,),
    "metal-vacancy": (A,),
}
ROTATED: dict[str, list[tuple[int, int]]] = {
    "divacancy-5-8-5": [],
    "divacancy-555-777": [(3, 3)],
    "divacancy-5555-6-7777": [(3, 3), (4, 4)],
}
"""Numbers of pentagons and heptagons after each rotation that follows the removal of two atoms."""


def main() -> None:
    """Makes the file."""
    families = {
        family: {kind: made(kind) for kind in kinds} for family, kinds in DEFECT_FAMILIES.items()
    }
    write_text(FILE, text(families))


def made(kind: str) -> dict[str, Any]:
    """The table of one kind, as the file has it."""
    print(kind, end=" ", file=sys.stderr, flush=True)
    if kind in REPLACED and kind != "silicon":
        site, elements = REPLACED[kind]
        return described({site: (0.0, 0.0, elements)}, place(site), 3, [])
    if kind in REMOVED:
        sites = REMOVED[kind]
        centre = np.mean([place(site) for site in sites], axis=0)
        return described({site: (0.0, 0.0, []) for site in sites}, centre, 3, [])
    sheet, centre, symmetry = structure(kind)
    rings = sorted(size for size, n in sheet.rings().items() for _ in range(n) if size != 6)
    impurity = {A: REPLACED[kind][1]} if kind in REPLACED else {}
    return described(moved(sheet, centre, impurity), centre, symmetry, rings)


def structure(kind: str) -> tuple[Sheet, Floats, int]:
    """A relaxed sheet of graphene with the defect, its centre and the order of its symmetry."""
    sheet = Sheet(SIDE)
    upper, lower = sheet.at(*A), sheet.at(0, -1, 1)
    if kind == "silicon":
        for other in sheet.bonded[upper]:
            sheet.bond_length[frozenset((upper, other))] = SILICON_BOND
    elif kind == "vacancy":
        sheet.remove(upper)
        return sheet, place(A), 3
    elif kind == "vacancy-5-9":
        sheet.remove(upper)
        sheet.springs.append((sheet.at(*B), sheet.at(-1, 0, 1), WEAK_LENGTH, WEAK_STRENGTH))
    elif kind == "stone-wales":
        sheet.rotate(upper, lower)
    else:
        ends = [sheet.bonded[upper] - {lower}, sheet.bonded[lower] - {upper}]
        sheet.remove(upper, lower)
        for first, second in ends:
            sheet.join(first, second)
        for wanted in ROTATED[kind]:
            sheet.relax()
            sheet = best_rotation(sheet, wanted)
    sheet.relax()
    # A periodic sheet may drift as a whole; its far atoms show by how much.
    far = [k for k in sheet.bonded if np.hypot(*sheet.shortest(sheet.ideal[k])) > ENDS]
    sheet.position -= sheet.shortest(sheet.position - sheet.ideal)[far].mean(axis=0)
    centre, symmetry = centre_of(sheet)
    sheet.hold(centre, ENDS)
    sheet.relax()
    return sheet, centre, symmetry


def best_rotation(sheet: Sheet, wanted: tuple[int, int]) -> Sheet:
    """Of the rotations that give the pentagons and heptagons, the one of lowest energy."""
    near = [k for k in sorted(sheet.bonded) if np.hypot(*sheet.shortest(sheet.position[k])) < 4]
    best: tuple[float, Sheet] | None = None
    for first in near:
        for second in sorted(sheet.bonded[first]):
            if first > second:
                continue
            tried = sheet.copy()
            tried.rotate(first, second)
            rings = tried.rings()
            if (rings[5], rings[7]) == wanted and set(rings) <= {5, 6, 7}:
                energy = tried.relax()
                # Rotations that are mirror images of each other have one energy up to rounding.
                if best is None or energy < best[0] - 1e-6:
                    best = energy, tried
    assert best is not None
    return best[1]


def centre_of(sheet: Sheet) -> tuple[Floats, int]:
    """The axis of highest rotational symmetry near the origin, and its order."""
    gone = [sheet.sites[k] for k in range(len(sheet.sites)) if k not in sheet.bonded]
    atoms = sheet.position[sorted(sheet.bonded)]
    cells = [m * VECTORS[0] + n * VECTORS[1] for m, n in product(range(-2, 3), repeat=2)]
    b = place(B)
    # Sites, middles of rings and of bonds: every axis of the honeycomb itself.
    middles = [b / 2, np.array([-b[0], b[1]]) / 2, np.array([0.0, -0.5])]
    places = [cell + shift for cell in cells for shift in (0 * b, b, 2 * b, *middles)]
    places.sort(key=lambda p: (round(np.hypot(*p), 6), round(-p[1], 6), round(p[0], 6)))
    for order in (6, 3, 2):
        for centre in places:
            if np.hypot(*centre) < 3 and turns_onto_itself(sheet, atoms, centre, order):
                return centre, order
    assert len(gone) == 1
    return place(gone[0]), 1


def turns_onto_itself(sheet: Sheet, atoms: Floats, centre: Floats, order: int) -> bool:
    """Whether atoms near a place lie where others lay after a part of a turn about it."""
    around = sheet.shortest(atoms - centre)
    cosine, sine = math.cos(2 * math.pi / order), math.sin(2 * math.pi / order)
    inner = around[np.hypot(*around.T) < 5]
    turned = inner @ np.array([[cosine, sine], [-sine, cosine]])
    distance = np.hypot(*(turned[:, None] - around).transpose(2, 0, 1)).min(axis=1)
    return bool(distance.max() < 0.02)


def moved(
    sheet: Sheet, centre: Floats, elements: dict[Site, list[str]]
) -> dict[Site, tuple[float, float, list[str] | None]]:
    """Removed, replaced and moved sites."""
    changed: dict[Site, tuple[float, float, list[str] | None]] = {}
    for k, site in enumerate(sheet.sites):
        distance = float(np.hypot(*sheet.shortest(sheet.ideal[k] - centre)))
        if k not in sheet.bonded:
            changed[site] = (0.0, 0.0, [])
        elif distance < ENDS:
            share = min(1.0, (ENDS - distance) / (ENDS - FADES))
            x, y = share * sheet.shortest(sheet.position[k] - sheet.ideal[k])
            if math.hypot(x, y) >= LEAST or site in elements:
                changed[site] = (float(x), float(y), elements.get(site))
    return changed


def described(
    changed: dict[Site, tuple[float, float, list[str] | None]],
    centre: Floats,
    symmetry: int,
    rings: list[int],
) -> dict[str, Any]:
    """A table as the file has it, moved by whole cells so that its centre is near the origin."""
    steps = product(range(-3, 4), repeat=2)
    at = {(m, n): centre - m * VECTORS[0] - n * VECTORS[1] for m, n in steps}
    m, n = min(at, key=lambda s: (round(np.hypot(*at[s]), 6), round(-at[s][1], 6), s))
    core = [
        float(np.hypot(*(place(site) - centre)))
        for site, (x, y, elements) in changed.items()
        if elements is not None or math.hypot(x, y) > CORE
    ]
    rows = [
        [site[0] - m, site[1] - n, site[2], round(x, 4), round(y, 4)]
        + ([] if elements is None else [elements])
        for site, (x, y, elements) in sorted(changed.items())
    ]
    return {
        "centre": [round(float(value), 6) + 0.0 for value in at[m, n]],
        "symmetry": symmetry,
        "rings": rings,
        "reach": round(max(core), 4),
        "sites": rows,
    }


def text(families: dict[str, dict[str, dict[str, Any]]]) -> str:
    """JSON with one line for each site, so that changes can be read."""
    return "\n".join(lines(families)) + "\n"


def lines(value: Any, depth: int = 0, name: str = "", comma: str = "") -> Iterator[str]:
    """The lines of a value; lists of numbers stay on one."""
    indent = " " * depth
    head = indent + (f"{json.dumps(name)}: " if name else "")
    if isinstance(value, dict):
        yield head + "{"
        for k, (key, inner) in enumerate(value.items(), 1):
            yield from lines(inner, depth + 1, key, "," if k < len(value) else "")
        yield indent + "}" + comma
    elif isinstance(value, list) and value and isinstance(value[0], list):
        yield head + "["
        for k, inner in enumerate(value, 1):
            yield f"{indent} {json.dumps(inner)}{',' if k < len(value) else ''}"
        yield indent + "]" + comma
    else:
        yield head + json.dumps(value) + comma


if __name__ == "__main__":
    main()
