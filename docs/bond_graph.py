"""A periodic honeycomb as a graph of bonds: moves that make defects of it, and how it relaxes.

Lengths are in units of the bond length d; x points along the lattice vector a1. The geometry is the
minimum of Keating's energy (P. N. Keating, Phys. Rev. 145, 637 (1966)) in the plane,

    sum over bonds of 3/16 (r^2 - l^2)^2 + sum over angles of 3/40 (u . w + l_u l_w / 2)^2,

with bonds u and w that meet in an atom and l the length that a bond has when nothing strains it.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

Floats = npt.NDArray[np.float64]
Site = tuple[int, int, int]

VECTORS: Floats = np.array([[math.sqrt(3), 0.0], [math.sqrt(3) / 2, 1.5]])
B_OF_CELL: Floats = np.array([math.sqrt(3) / 2, 0.5])
ANGLE_STRENGTH = 0.2


Spring = tuple[int, int, float, float]
"""Two atoms, the length at rest, and the strength; a bond's is 1."""


def place(site: Site) -> Floats:
    """Where the lattice has the site (m, n, 0 for A or 1 for B)."""
    m, n, sublattice = site
    return np.array([m, n]) @ VECTORS + sublattice * B_OF_CELL


class Sheet:
    """Sites -side/2 <= m, n < side/2 of a honeycomb, periodic."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.cell = side * VECTORS
        self._inverse = np.linalg.inv(self.cell)
        half = side // 2
        cells = [(m, n) for m in range(-half, side - half) for n in range(-half, side - half)]
        self.sites: list[Site] = [(m, n, s) for m, n in cells for s in (0, 1)]
        self.number = {site: k for k, site in enumerate(self.sites)}
        self.ideal = np.array([place(site) for site in self.sites])
        self.position = self.ideal.copy()
        self.bonded: dict[int, set[int]] = {k: set() for k in range(len(self.sites))}
        self.bond_length: dict[frozenset[int], float] = {}
        self.springs: list[Spring] = []
        self.held: frozenset[int] = frozenset()
        for m, n in cells:
            for dm, dn in ((0, 0), (-1, 0), (0, -1)):
                self.join(self.at(m, n, 0), self.at(m + dm, n + dn, 1))

    def copy(self) -> Sheet:
        """A sheet of its own with the same atoms, bonds and positions."""
        other = Sheet.__new__(Sheet)
        other.__dict__.update(self.__dict__)
        other.position = self.position.copy()
        other.bonded = {k: set(others) for k, others in self.bonded.items()}
        other.bond_length = dict(self.bond_length)
        other.springs = list(self.springs)
        return other

    def at(self, m: int, n: int, sublattice: int) -> int:
        """The number of a site's atom."""
        half = self.side // 2
        wrapped = ((m + half) % self.side - half, (n + half) % self.side - half, sublattice)
        return self.number[wrapped]

    def join(self, first: int, second: int) -> None:
        """Makes a bond."""
        self.bonded[first].add(second)
        self.bonded[second].add(first)

    def part(self, first: int, second: int) -> None:
        """Breaks a bond."""
        self.bonded[first].discard(second)
        self.bonded[second].discard(first)

    def hold(self, centre: Floats, beyond: float) -> None:
        """Puts atoms farther from a place back to where the lattice has them, to stay there."""
        far = np.hypot(*self.shortest(self.ideal - centre).T) > beyond
        self.position[far] = self.ideal[far]
        self.held = frozenset(np.flatnonzero(far).tolist())

    def remove(self, *atoms: int) -> None:
        """Takes atoms out, with their bonds."""
        for atom in atoms:
            for other in self.bonded.pop(atom):
                self.bonded[other].discard(atom)

    def shortest(self, difference: Floats) -> Floats:
        """A difference of positions, or many, by the shortest way around the period."""
        return difference - np.round(difference @ self._inverse) @ self.cell

    def way(self, start: int, end: int) -> Floats:
        """From one atom to another."""
        return self.shortest(self.position[end] - self.position[start])

    def direction(self, start: int, end: int) -> float:
        """The angle of the way from one atom to another."""
        x, y = self.way(start, end)
        return math.atan2(y, x)

    def rotate(self, first: int, second: int) -> None:
        """Turns a bond by 90 degrees: its ends give each other a neighbour (Stone, Wales 1986)."""
        along = self.way(first, second)
        left = np.array([-along[1], along[0]])

        def right_of(atom: int, other: int) -> int:
            return min(self.bonded[atom] - {other}, key=lambda k: float(self.way(atom, k) @ left))

        def left_of(atom: int, other: int) -> int:
            return max(self.bonded[atom] - {other}, key=lambda k: float(self.way(atom, k) @ left))

        given, taken = right_of(first, second), left_of(second, first)
        middle = self.position[first] + along / 2
        self.part(first, given)
        self.part(second, taken)
        self.join(first, taken)
        self.join(second, given)
        self.position[first] = middle + left / 2
        self.position[second] = middle - left / 2

    def rings(self) -> Counter[int]:
        """How many faces there are of each number of corners; springs count as bonds."""
        neighbours = {atom: set(others) for atom, others in self.bonded.items()}
        for first, second, _, _ in self.springs:
            neighbours[first].add(second)
            neighbours[second].add(first)
        turned = {
            atom: sorted(others, key=partial(self.direction, atom))
            for atom, others in neighbours.items()
        }
        steps = {(atom, other) for atom, others in turned.items() for other in others}
        found: Counter[int] = Counter()
        while steps:
            here, there = first_step = min(steps)
            corners = 0
            while True:
                steps.discard((here, there))
                corners += 1
                around = turned[there]
                here, there = there, around[around.index(here) - 1]
                if (here, there) == first_step:
                    break
            found[corners] += 1
        return found

    def relax(self) -> float:
        """Moves all atoms but those that are held to the minimum of energy.

        Returns:
            The energy there.
        """
        atoms = sorted(self.bonded)
        bonds = [(i, k) for i in atoms for k in sorted(self.bonded[i]) if i < k]
        pairs = [
            (i, j, k)
            for i in atoms
            for j in sorted(self.bonded[i])
            for k in sorted(self.bonded[i])
            if j < k
        ]
        length = {bond: self.bond_length.get(frozenset(bond), 1.0) for bond in bonds}
        stretched = [(i, k, length[i, k], 1.0) for i, k in bonds] + self.springs
        ends = np.array([row[:2] for row in stretched])
        squared = np.array([row[2] ** 2 for row in stretched])
        strength = np.array([row[3] for row in stretched])
        corners = np.array(pairs)
        products = np.array(
            [length[min(i, j), max(i, j)] * length[min(i, k), max(i, k)] / 2 for i, j, k in pairs]
        )
        position = self.position.copy()
        free = [atom for atom in atoms if atom not in self.held]

        def energy(values: Floats) -> tuple[float, Floats]:
            position[free] = values.reshape(-1, 2)
            slope = np.zeros_like(position)
            bond = self.shortest(position[ends[:, 1]] - position[ends[:, 0]])
            excess = (bond**2).sum(axis=1) - squared
            total = 3 / 16 * float((strength * excess**2).sum())
            pull = (3 / 4 * strength * excess)[:, None] * bond
            np.add.at(slope, ends[:, 1], pull)
            np.add.at(slope, ends[:, 0], -pull)
            first = self.shortest(position[corners[:, 1]] - position[corners[:, 0]])
            second = self.shortest(position[corners[:, 2]] - position[corners[:, 0]])
            excess = (first * second).sum(axis=1) + products
            total += ANGLE_STRENGTH * 3 / 8 * float((excess**2).sum())
            turn = (ANGLE_STRENGTH * 3 / 4 * excess)[:, None]
            np.add.at(slope, corners[:, 1], turn * second)
            np.add.at(slope, corners[:, 2], turn * first)
            np.add.at(slope, corners[:, 0], -turn * (first + second))
            return total, slope[free].ravel()

        found = minimize(
            energy,
            self.position[free].ravel(),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 5000, "maxfun": 10000, "ftol": 1e-15, "gtol": 1e-8},
        )
        self.position[free] = found.x.reshape(-1, 2)
        return float(found.fun)
