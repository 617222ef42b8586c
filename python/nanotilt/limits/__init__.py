"""How far is any classifier from the best accuracy that is possible on a recipe?

`estimate_limit` bounds it from both sides, `measured` gives what was found for known recipes.
"""

from nanotilt.limits.estimate import BUDGETS, Budget, estimate_limit
from nanotilt.limits.measured import measured
from nanotilt.limits.results import Accuracy, Limit, Point

__all__ = ["BUDGETS", "Accuracy", "Budget", "Limit", "Point", "estimate_limit", "measured"]
