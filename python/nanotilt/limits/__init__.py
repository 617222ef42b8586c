"""How far is any classifier from the best accuracy that is possible on a recipe?

`estimate_limit` bounds it from both sides, `measured` gives what was found for known recipes.
`angle_limit` tells how well an angle can be read from one view, `lattice_limit` how well defects of
crystals can be seen; `measured_lattice` gives that of known recipes.
"""

from nanotilt.limits.angles import AngleLimit, angle_limit
from nanotilt.limits.estimate import BUDGETS, Budget, estimate_limit
from nanotilt.limits.lattices import LatticeLimit, LatticePoint, lattice_limit
from nanotilt.limits.measured import measured, measured_lattice
from nanotilt.limits.results import Accuracy, Limit, Point

__all__ = [
    "BUDGETS",
    "Accuracy",
    "AngleLimit",
    "Budget",
    "LatticeLimit",
    "LatticePoint",
    "Limit",
    "Point",
    "angle_limit",
    "estimate_limit",
    "lattice_limit",
    "measured",
    "measured_lattice",
]
