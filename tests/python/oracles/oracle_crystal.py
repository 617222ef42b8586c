"""Crystals with defects again, slowly: from random words to atoms and masks.

Follows the description of `nanotilt.Lattice`. Defects are turned and inverted as places in the
plane, and find the sites that they change by where these are.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

import nanotilt as nt
from nanotilt.scenes.defect_tables import DefectTable, table
from nanotilt.scenes.lattice_terms import CRYSTALS, DEFECTS
from oracle_field import uniform
from oracle_random import Position, normals, random_words

Floats = npt.NDArray[np.float64]
LATTICE, DEFECT = 13, 14
ROOT3 = math.sqrt(3)
THIRD = np.array([[-0.5, -ROOT3 / 2], [ROOT3 / 2, -0.5]])
BOND_MIDDLE = np.array([ROOT3 / 4, 0.25])
"""Of the bond from site A to site B of cell (0, 0), in bond lengths."""


@dataclass
class Placed:
    """A defect in the crystal, in bond lengths: r -> sign R r + shift of its table."""

    table: DefectTable
    turn: Floats
    sign: float
    shift: Floats
    relief: float

    def moved(self, places: Floats) -> Floats:
        return self.sign * places @ self.turn.T + self.shift

    @property
    def core(self) -> Floats:
        return self.moved(self.table.centre)


@dataclass
class Atom:
    """A column of atoms at its place in the perfect crystal, and what becomes of it."""

    site: Floats  # in bond lengths
    sublattice: int
    elements: tuple[str, ...]
    offset: Floats = field(default_factory=lambda: np.zeros(2))  # in bond lengths
    replaced: bool = False
    kind: int = -1  # of the defect to which it belongs
    order: tuple[int, int] = (0, 0)  # first defect that changes it, and the entry of its table

    @property
    def of_core(self) -> bool:
        return self.replaced or float(np.hypot(*self.offset)) > 0.1


@dataclass
class Sample:
    """What the random words of a sample say."""

    origin: Floats  # px
    matrix: Floats  # px per angstrom
    defects: list[Placed]
    background: float
    counts: float
    sigmas: list[float]  # angstrom


def between(pair: tuple[float, float], word: object) -> float:
    return float(pair[0] + (pair[1] - pair[0]) * uniform(word))


def numbers(at: Position) -> tuple[npt.NDArray[np.uint32], Floats]:
    """64 words, of object 1, and 64 normals, of object 0, that all but the defects comes from."""
    blocks = random_words(at, LATTICE | 1 << 8, np.arange(16))
    return blocks.T.ravel(), normals(at, LATTICE, 64)


def drawn(lattice: nt.Lattice, camera: nt.DarkField, at: Position) -> Sample:
    words, drawn_normals = numbers(at)
    n, pixel = camera.n_pixels, camera.pixel_angstrom
    spread = lattice.spread_angstrom or n * pixel - 2 * lattice.margin_angstrom
    origin = (n - 1) / 2 + spread / pixel * (uniform(words[:2]) - 0.5)
    turn = rotation(math.radians(between(lattice.turn_deg, words[2])))
    scale, e1, e2, tilt = drawn_normals[:4]
    strains = np.eye(2) + lattice.strain_std * np.array([[e1, e2], [e2, -e1]])
    steep = min(abs(math.radians(lattice.tilt_std_deg) * tilt), math.pi / 6)
    axis = rotation(2 * math.pi * float(uniform(words[4])))[:, 0]
    tilted = np.eye(2) - (1 - math.cos(steep)) * np.outer(axis, axis)
    matrix = tilted @ turn @ strains * (1 + lattice.scale_std * scale) / pixel
    counts = 1.0
    if camera.counts is not None:
        low, high = camera.counts if isinstance(camera.counts, tuple) else (camera.counts,) * 2
        counts = low * (high / low) ** float(uniform(words[3]))
    sample = Sample(
        origin,
        matrix,
        [],
        between(camera.background, words[5]),
        counts,
        [between(pair, words[8 + k]) for k, pair in enumerate(camera.probe.sigmas)],
    )
    fewest, most = lattice.fewest_and_most
    wanted = fewest + min(int((most - fewest + 1) * uniform(words[6])), most - fewest)
    for number in range(wanted):
        place_defect(lattice, camera, at, sample, number)
    return sample


def rotation(angle: float) -> Floats:
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def place_defect(
    lattice: nt.Lattice, camera: nt.DarkField, at: Position, sample: Sample, number: int
) -> None:
    crystal = CRYSTALS[lattice.crystal]
    purpose = DEFECT | number << 8
    kind = random_words(at, purpose, 64)[0]
    shares = np.cumsum([one.share for one in lattice.kinds])
    chosen = lattice.kinds[int(np.searchsorted(shares / shares[-1], uniform(kind[0]), "right"))]
    relief = between(lattice.relief, kind[1])
    tabled = table(chosen.kind, lattice.crystal)
    if number == 0:
        sample.defects.append(Placed(tabled, np.eye(2), 1.0, np.zeros(2), relief))
        return
    margin = lattice.margin_angstrom / camera.pixel_angstrom
    side = camera.n_pixels - 2 * margin
    for words in random_words(at, purpose, np.arange(8)):
        pixel = margin - 0.5 + side * uniform(words[:2])
        across, up = np.linalg.solve(sample.matrix, pixel - sample.origin) / (crystal.a / ROOT3)
        n = math.floor(up / 1.5 + 0.5)
        m = math.floor(across / ROOT3 - up / 3 + 0.5)
        operation = int(words[2]) % (6 if crystal.at_a == crystal.at_b else 3)
        turn = np.linalg.matrix_power(THIRD, operation % 3)
        sign, shift = (-1.0, 2 * BOND_MIDDLE) if operation >= 3 else (1.0, np.zeros(2))
        placed = Placed(tabled, turn, sign, shift + in_bonds(m, n), relief)
        if all(
            np.hypot(*(placed.core - other.core)) >= tabled.reach + other.table.reach + 1 - 1e-6
            for other in sample.defects
        ):
            sample.defects.append(placed)
            return


def in_bonds(m: float, n: float, sublattice: float = 0) -> Floats:
    return np.array([ROOT3 * (m + n / 2 + sublattice / 2), 1.5 * n + sublattice / 2])


def atoms_of(
    lattice: nt.Lattice, camera: nt.DarkField, sample: Sample, beyond: float
) -> list[Atom]:
    """Columns of the crystal within some angstrom of the frame, as the defects leave them."""
    crystal = CRYSTALS[lattice.crystal]
    bond = crystal.a / ROOT3
    reach = beyond / camera.pixel_angstrom
    ends = (-0.5 - reach, camera.n_pixels - 0.5 + reach)
    corners = np.array(list(itertools.product(ends, ends))) - sample.origin
    cells = np.linalg.solve(np.column_stack([in_bonds(1, 0), in_bonds(0, 1)]),
                            np.linalg.solve(sample.matrix, corners.T) / bond)  # fmt: skip
    low, high = np.floor(cells.min(axis=1)) - 2, np.ceil(cells.max(axis=1)) + 2
    found = []
    for m, n in itertools.product(np.arange(low[0], high[0]), np.arange(low[1], high[1])):
        for sublattice, elements in enumerate((crystal.at_a, crystal.at_b)):
            site = in_bonds(m, n, sublattice)
            x, y = sample.origin + sample.matrix @ site * bond
            if ends[0] <= x <= ends[1] and ends[0] <= y <= ends[1]:
                found.append(Atom(site, sublattice, elements))
    index = {tuple(np.round(atom.site, 3) + 0.0): atom for atom in found}
    for number, defect in enumerate(sample.defects):
        tabled = defect.table
        for i, elements in enumerate(tabled.elements):
            listed = in_bonds(tabled.m[i], tabled.n[i], tabled.sublattice[i])
            atom = index.get(tuple(np.round(defect.moved(listed), 3) + 0.0))
            if atom is None:
                continue
            moved = np.array([tabled.dx[i], tabled.dy[i]])
            atom.offset = atom.offset + defect.relief * defect.sign * defect.turn @ moved
            first = atom.kind < 0
            atom.order = (number, i) if first else atom.order
            if tabled.replaced[i] and not atom.replaced:
                atom.replaced, atom.elements = True, elements
                first = True
            if first:
                atom.kind = DEFECTS.index(tabled.kind)
    return found


def seen_at(
    lattice: nt.Lattice, camera: nt.DarkField, at: Position, sample: Sample, places: Floats
) -> Floats:
    """Where places of the crystal (n, 2), in angstrom, are seen, in pixels."""
    seen = sample.origin + places @ sample.matrix.T
    if lattice.ripple_angstrom == 0:
        return seen
    per_angstrom = math.sqrt(abs(np.linalg.det(sample.matrix)))
    off = (seen - (camera.n_pixels - 1) / 2) / per_angstrom
    for words in numbers(at)[0][16:32].reshape(4, 4):
        direction = rotation(2 * math.pi * float(uniform(words[0])))[:, 0]
        k = 2 * math.pi / (lattice.ripple_length_angstrom * between((0.7, 1.4), words[1]))
        phase = 2 * math.pi * float(uniform(words[2]))
        # Four waves z = h cos(k s + phase), each with a quarter of the mean square; half the
        # square of the slope is what they take from distances.
        height = lattice.ripple_angstrom * math.sqrt(2 / 4)
        turn = k * off @ direction
        lost = height**2 * k / 4 * (turn - np.sin(2 * (turn + phase)) / 2)
        seen = seen - per_angstrom * lost[:, None] * direction
    return seen


def mask_of(
    lattice: nt.Lattice, camera: nt.DarkField, sample: Sample, atoms: list[Atom], places: Floats
) -> npt.NDArray[np.uint8]:
    """1 + kind within 0.8 bonds of what belongs to a defect's core; later ones cover earlier."""
    n = camera.n_pixels
    mask = np.zeros((n, n), np.uint8)
    bond = CRYSTALS[lattice.crystal].a / ROOT3 * math.sqrt(abs(np.linalg.det(sample.matrix)))
    rows, columns = np.mgrid[:n, :n]
    for i in sorted(range(len(atoms)), key=lambda i: atoms[i].order):
        atom, (x, y) = atoms[i], places[i]
        if atom.of_core:
            mask[np.hypot(columns - x, rows - y) <= 0.8 * bond] = atom.kind + 1
    return mask
