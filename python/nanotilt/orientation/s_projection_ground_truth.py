"""Can a network told true angles see from its projection how an S is turned?

Views are 64 sums along columns. The arms of this S differ, so that no two orientations project
alike, and angles are told apart over the whole turn.

    nanotilt run s-projection-ground-truth --budget full

Expected: fast network std 0.18 deg, 100.0 % within 1 deg in 15 s, quick budget; paper's network std
8.33 deg, 10.6 % within 1 deg in 11 s, 0 % of 1 runs trained, quick budget.
"""

from __future__ import annotations

from nanotilt.orientation.experiment import OrientationExperiment
from nanotilt.recipes.laurie_2024 import s_projection

EXPERIMENT = OrientationExperiment(
    name="s-projection-ground-truth",
    question="Can a network told true angles see from its projection how an S is turned?",
    recipe_factory=s_projection,
    symmetry=1,
    method="ground_truth",
    paper_text="trains with ground truth only, loss ten times the square's",
)
