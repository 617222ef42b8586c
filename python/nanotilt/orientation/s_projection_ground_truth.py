"""Can a network told true angles see from its projection how an S is turned?

Views are 64 sums along columns. The S looks the same after half a turn (n = 2), and no two of its
other orientations project alike.

    nanotilt run s-projection-ground-truth --budget full

Expected: fast network std 0.26 deg, 100.0 % within 1 deg in 38 s, quick budget; paper's network std
1.61 deg, 51.1 % within 1 deg in 20 s, quick budget, one run of seed 0 on a machine at work on other
things.
"""

from __future__ import annotations

from nanotilt._orientation_recipes import s_projection
from nanotilt.orientation.experiment import OrientationExperiment

EXPERIMENT = OrientationExperiment(
    name="s-projection-ground-truth",
    question="Can a network told true angles see from its projection how an S is turned?",
    recipe_factory=s_projection,
    symmetry=2,
    method="ground_truth",
    paper_text="trains with ground truth only, loss ten times the square's",
)
