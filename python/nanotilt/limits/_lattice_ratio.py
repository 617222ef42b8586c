"""Likelihood ratios of patches of crystals: a defect anywhere against none, all else known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nanotilt.instruments.dark_field import DarkField
from nanotilt.scenes.defect_tables import table
from nanotilt.scenes.lattice_terms import CRYSTALS, ELEMENTS
from nanotilt.scenes.lattices import Lattice

Floats = npt.NDArray[np.float64]

LEAST_RATIO = 1e-6
"""Of the expected electrons of a pixel with a defect over those without: what is drawn agrees with
sums over atoms no better than that, and a difference may not leave less than nothing."""

LEAST_MOVE = 0.005
"""In angstrom: tables of defects leave out what moves less."""

TURN_TOLERANCE_DEG = 0.01

MOST_INNER = 96
"""Terms of a matrix product done at once: libraries share larger ones out to threads that then wait
for each other, which takes longer than the product."""

MOST_PIXELS_AT_ONCE = 2**20
"""Of patches with a defect at one of many places."""


@dataclass(frozen=True, eq=False)
class Placed:
    """What one kind of defect changes, in one of the lattice's orientations.

    Attributes:
        places: (2 n, 2) in angstrom from the site A of the cell that the defect is in: where the
            perfect lattice has the atoms of n sites, then where they are.
        weights: (2 n,): what their atoms scatter over carbon; negative before.
        origin: (2,) in angstrom from that site: the origin of the lattice of which this is the
            table's own orientation.
        turn_deg: By how much that lattice is turned.
    """

    places: Floats
    weights: Floats
    origin: Floats
    turn_deg: float


def orientations(kind: str, lattice: Lattice, camera: DarkField, relief: float) -> list[Placed]:
    """A defect in each of the orientations that the lattice gives it.

    Args:
        kind: The defect's name.
        lattice: Its crystal.
        camera: What sees it: the elements' weights.
        relief: What displacements are multiplied by.
    """
    found, crystal = table(kind, lattice.crystal), CRYSTALS[lattice.crystal]
    bond = crystal.a / math.sqrt(3)
    seen = dict(zip(ELEMENTS, camera.weights, strict=True))
    before = np.array([sum(seen[e] for e in column) for column in (crystal.at_a, crystal.at_b)])
    after = np.array([sum(seen[element] for element in column) for column in found.elements])
    x = math.sqrt(3) * (found.m + 0.5 * found.n + 0.5 * found.sublattice)
    sites = np.stack([x, 1.5 * found.n + 0.5 * found.sublattice], axis=1)
    moved = sites + relief * np.stack([found.dx, found.dy], axis=1)
    places = np.concatenate([sites, moved])
    weights = np.concatenate([-before[found.sublattice], after])
    placed = []
    # Both sites of the honeycomb can be exchanged if they hold the same atoms.
    for inverted in (False, True) if crystal.at_a == crystal.at_b else (False,):
        for third in range(3):
            angle = 2 * math.pi * third / 3
            cosine, sine = math.cos(angle), math.sin(angle)
            turned = places @ np.array([[cosine, sine], [-sine, cosine]])
            origin = np.zeros(2)
            if inverted:
                origin = np.array([0.5 * math.sqrt(3), 0.5])
                turned = origin - turned
            angle_deg = 120.0 * third + (180.0 if inverted else 0.0)
            placed.append(Placed(bond * turned, weights, bond * origin, angle_deg))
    return placed


def origins(
    pose: npt.ArrayLike, lattice: Lattice, camera: DarkField, placed: Placed
) -> tuple[Floats, float]:
    """Where a defect of one orientation may be, a priori.

    Args:
        pose: (6,) x, y of the patch's origin in px; xx, xy, yx, yy in px per angstrom.
        lattice: What the prior of origin and orientation is taken from.
        camera: Its pixels.
        placed: The defect in this orientation.

    Returns:
        (k, 2) in px, the site A of each cell that the defect may be in; the weight of each.
    """
    numbers = np.asarray(pose, dtype=np.float64)
    own, matrix = numbers[:2], numbers[2:].reshape(2, 2)
    a = CRYSTALS[lattice.crystal].a
    basis = matrix @ np.array([[a, 0.5 * a], [0.0, 0.5 * math.sqrt(3) * a]])
    side = camera.n_pixels - 2 * lattice.margin_angstrom / camera.pixel_angstrom
    if lattice.spread_angstrom is not None:
        side = lattice.spread_angstrom / camera.pixel_angstrom
    middle = 0.5 * (camera.n_pixels - 1)
    shift = matrix @ placed.origin
    # Cells that may lie in the square: those of the parallelogram about it.
    corners = middle + 0.5 * abs(side) * np.array([[-1, -1, 1, 1], [-1, 1, -1, 1]])
    cells = np.linalg.solve(basis, corners - (own + shift)[:, None])
    low = np.floor(cells.min(axis=1)).astype(np.int64)
    high = np.ceil(cells.max(axis=1)).astype(np.int64)
    m, n = (part.ravel() for part in np.mgrid[low[0] : high[0] + 1, low[1] : high[1] + 1])
    at = own + np.stack([m, n], axis=1) @ basis.T
    # The pose is told in float32; where the origin is, it may be.
    inside = (np.abs(at + shift - middle) <= 0.5 * abs(side) + 1e-4).all(axis=1)
    if placed.turn_deg == 0:
        inside |= (m == 0) & (n == 0)
    turn = math.degrees(math.atan2(matrix[1, 0] - matrix[0, 1], matrix[0, 0] + matrix[1, 1]))
    ways = _ways_to_turn(turn + placed.turn_deg, lattice.turn_deg)
    if placed.turn_deg == 0:
        ways = max(ways, 1)
    return (at[inside], float(ways)) if ways else (at[:0], 0.0)


def log_changes(
    clean: npt.ArrayLike, at: Floats, matrix: Floats, placed: Placed, sigmas: Floats, shares: Floats
) -> tuple[npt.NDArray[np.float32], Floats]:
    """How a defect at each of some places changes what pixels expect.

    Args:
        clean: (n, n): what the perfect patch expects, for one electron of each carbon atom.
        at: (k, 2) in px: the site A of the cells.
        matrix: (2, 2) in px per angstrom.
        placed: The defect.
        sigmas: Standard deviations of the probe's Gaussians in px.
        shares: Their shares of its mass.

    Returns:
        (k, n, n) float32: the logarithm of the expected electrons over those of the perfect patch;
        (k,): the electrons that come in addition.
    """
    expected = np.asarray(clean, dtype=np.float32)
    n = expected.shape[0]
    grid = np.arange(n, dtype=np.float32)
    half = len(placed.places) // 2
    moved = np.hypot(*(placed.places[half:] - placed.places[:half]).T)
    same = placed.weights[:half] + placed.weights[half:] == 0
    change = np.zeros((len(at), n, n), dtype=np.float32)
    for sigma, share in zip(sigmas, shares, strict=True):
        # What an atom brings by moving falls with the third power of the Gaussian's width.
        seen = ~same | (moved * (sigmas.min() / sigma) ** 3 > LEAST_MOVE)
        if not seen.any():
            continue
        used = np.tile(seen, 2)
        spots = at[:, None, :] + placed.places[used] @ matrix.T  # (k, sites, 2)
        scale = np.float32(math.sqrt(0.5) / sigma)
        height = (share / (2 * math.pi * sigma**2) * placed.weights[used]).astype(np.float32)
        profiles = np.exp(-np.square(scale * (spots.astype(np.float32)[..., None] - grid)))
        down = (height[:, None] * profiles[:, :, 1]).transpose(0, 2, 1)
        for first in range(0, spots.shape[1], MOST_INNER):
            part = slice(first, first + MOST_INNER)
            change += down[:, :, part] @ profiles[:, part, 0]
    added = change.sum(axis=(1, 2), dtype=np.float64)
    ratio = np.maximum(change / expected, np.float32(LEAST_RATIO - 1))
    return np.log1p(ratio), added


@dataclass(frozen=True, eq=False)
class Oracle:
    """Knows a patch's nuisances and the kinds of defects, but not whether, where, or which.

    Attributes:
        lattice: The lattice with defects.
        camera: What sees it.
        reliefs: The values of relief that are averaged over.
    """

    lattice: Lattice
    camera: DarkField
    reliefs: tuple[float, ...]

    def log_ratios(
        self,
        views: npt.ArrayLike,
        counts: npt.ArrayLike,
        clean: npt.ArrayLike,
        pose: npt.ArrayLike,
        imaging: npt.ArrayLike,
    ) -> Floats:
        """Log p(view | a defect) / p(view | none), for views of one specimen at several doses.

        Args:
            views: (d, n, n) electrons.
            counts: (d,): electrons of each carbon atom.
            clean: (n, n): what the perfect patch expects, for one electron of each carbon atom.
            pose: (6,), as a `Lattice` tells it.
            imaging: (8,), as a `Lattice` tells it.

        Returns:
            (d,).
        """
        rows = np.asarray(views, dtype=np.float32).transpose(1, 2, 0)  # row, column, dose
        electrons = np.asarray(counts, dtype=np.float64)
        n_terms = len(self.camera.probe.shares)
        widths = np.asarray(imaging, dtype=np.float64)[1 : 1 + n_terms]
        sigmas = widths / self.camera.pixel_angstrom
        matrix = np.asarray(pose, dtype=np.float64)[2:].reshape(2, 2)
        kinds = [one for one in self.lattice.kinds if one.share > 0]
        all_shares = sum(one.share for one in kinds)
        terms = []
        for one in kinds:
            parts, mass = [], 0.0
            for relief in self._reliefs_of(one.kind):
                for placed in orientations(one.kind, self.lattice, self.camera, relief):
                    at, weight = origins(pose, self.lattice, self.camera, placed)
                    if not len(at):
                        continue
                    ratios = self._ratios(clean, at, matrix, placed, sigmas, rows, electrons)
                    parts.append(ratios + math.log(weight))
                    mass += weight * len(at)
            terms.append(np.concatenate(parts) + math.log(one.share / all_shares / mass))
        return np.asarray(np.logaddexp.reduce(np.concatenate(terms), axis=0), dtype=np.float64)

    def _ratios(
        self,
        clean: npt.ArrayLike,
        at: Floats,
        matrix: Floats,
        placed: Placed,
        sigmas: Floats,
        rows: npt.NDArray[np.float32],
        electrons: Floats,
    ) -> Floats:
        """(k, d) log likelihood ratios of a defect at each of k places."""
        shares = np.array(self.camera.probe.shares) / sum(self.camera.probe.shares)
        at_once = max(1, MOST_PIXELS_AT_ONCE // rows.shape[0] ** 2)
        found = []
        for first in range(0, len(at), at_once):
            some = at[first : first + at_once]
            change, added = log_changes(clean, some, matrix, placed, sigmas, shares)
            # Row by row: small products, and sums of many in float64.
            products = change.transpose(1, 0, 2) @ rows
            found.append(products.sum(axis=0, dtype=np.float64) - added[:, None] * electrons)
        return np.concatenate(found)

    def _reliefs_of(self, kind: str) -> tuple[float, ...]:
        found = table(kind, self.lattice.crystal)
        return self.reliefs if found.dx.any() or found.dy.any() else self.reliefs[:1]


def _ways_to_turn(turn_deg: float, bounds: tuple[float, float]) -> int:
    """How many angles within the bounds are this one modulo a whole turn."""
    least, most = bounds
    first = math.ceil((least - TURN_TOLERANCE_DEG - turn_deg) / 360)
    last = math.floor((most + TURN_TOLERANCE_DEG - turn_deg) / 360)
    return max(last - first + 1, 0)
