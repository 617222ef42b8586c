"""How far is any classifier from the best accuracy that is possible on a recipe?

`estimate_limit` bounds it from both sides, `measured` gives what was found for known recipes.
`angle_limit` tells how well an angle can be read from one view.
"""

from nanotilt.limits.angles import AngleLimit, angle_limit
from nanotilt.limits.estimate import BUDGETS, Budget, estimate_limit
from nanotilt.limits.measured import measured
from nanotilt.limits.results import Accuracy, Limit, Point

__all__ = [
    "BUDGETS",
    "Accuracy",
    "AngleLimit",
    "Budget",
    "Limit",
    "Point",
    "angle_limit",
    "estimate_limit",
    "measured",
]
