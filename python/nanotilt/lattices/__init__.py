"""Atomic lattices in images of counts: a perfect one fitted, and what it does not explain."""

from nanotilt.lattices.fitting import LatticeFit, lattice_fit

__all__ = ["LatticeFit", "lattice_fit"]
