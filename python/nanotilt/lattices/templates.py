"""What a defect adds to a lattice's image and takes from it, atom by atom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base import arrays
from nanotilt._base import checks as check

Row = tuple[int, int, int, float, float, float]
"""Cell along both vectors, sublattice (0: A, 1: B), displacement in bond lengths, factor of the
atom's intensity (0: it is missing)."""

LIMIT_A = 30.0
"""Farthest that an atom of a template may lie from its site, in angstrom."""

TEMPLATES: dict[str, tuple[Row, ...]] = {
    "vacancy": ((0, 0, 0, 0.0, 0.0, 0.0),),
    "vacancy-5-9": (
        (0, 0, 0, 0.0, 0.0, 0.0),
        (-2, 0, 1, 0.097, -0.003, 1.0),
        (-1, 0, 0, 0.131, 0.011, 1.0),
        (-1, 0, 1, 0.197, -0.004, 1.0),
        (0, 0, 1, -0.197, -0.004, 1.0),
        (1, 0, 0, -0.131, 0.011, 1.0),
        (1, 0, 1, -0.097, -0.003, 1.0),
    ),
}
"""Atoms that a defect moves by 0.08 bond lengths or more: those moved less tell nothing that noise
leaves. Displacements are the minimum of Keating's energy of a sheet of graphene in its plane."""


def difference_atoms(rows: Sequence[Row], constant: float) -> npt.NDArray[np.float64]:
    """A table of displaced and missing atoms as atoms to add and to take away.

    Args:
        rows: The table.
        constant: The lattice constant.

    Returns:
        (n, 3): places x and y from the defect's site, in the constant's unit, the lattice's first
        vector along x; amplitude, > 0 for what is added.
    """
    bond = constant / np.sqrt(3)
    atoms = []
    for m, n, sublattice, dx, dy, factor in rows:
        x = np.sqrt(3) * (m + 0.5 * n + 0.5 * sublattice)
        y = 1.5 * n + 0.5 * sublattice
        atoms.append((x * bond, y * bond, -1.0))
        if factor:
            atoms.append(((x + dx) * bond, (y + dy) * bond, factor))
    return np.array(atoms)


def template_atoms(template: Any, constant: float) -> npt.NDArray[np.float64]:
    """A template that a user names or gives, as `difference_atoms` has it, in angstrom.

    Args:
        template: None, a name, or (n, 3) numbers.
        constant: The lattice constant in angstrom.

    Raises:
        TypeError: it is none of these.
        ValueError: the name is unknown, or the numbers are no template.
    """
    if template is None:
        return np.empty((0, 3))
    if isinstance(template, str):
        return difference_atoms(
            TEMPLATES[check.choice("template", template, tuple(TEMPLATES))], constant
        )
    atoms = arrays.finite_array("template", template, np.float64)
    if atoms.ndim != 2 or atoms.shape[1] != 3 or not 1 <= len(atoms) <= 1024:
        raise ValueError(
            "template must have shape (n, 3), 1 <= n <= 1024: x, y and amplitude of atoms. "
            f"Received: shape {atoms.shape}"
        )
    largest = float(np.abs(atoms[:, :2]).max())
    if largest > LIMIT_A:
        raise ValueError(
            f"template must have atoms within {LIMIT_A:g} angstrom of its site. Received: x or y "
            f"up to {largest:g}"
        )
    amplitude = float(np.abs(atoms[:, 2]).max())
    if not 1e-3 <= amplitude <= 1e3:
        raise ValueError(
            "template must have a largest amplitude in [0.001, 1000]. Received: largest amplitude "
            f"{amplitude:g}"
        )
    return atoms
