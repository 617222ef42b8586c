"""Does a range of true angles that grows step by step prepare a Difference Model?

The encoder is trained on true angles up to a quarter of a period, then half, three quarters and all
of it; then inside a Difference Model, without labels.

    nanotilt run square-expanding --budget full

Expected: fast network std 0.28 deg, 100.0 % within 1 deg in 2 min 33 s, quick budget; paper's
network std 0.61 deg, 90.6 % within 1 deg in 2 min 48 s, quick budget.
"""

from __future__ import annotations

from nanotilt.orientation.experiment import OrientationExperiment
from nanotilt.recipes.laurie_2024 import square

EXPERIMENT = OrientationExperiment(
    name="square-expanding",
    question="Does a range of true angles that grows step by step prepare a Difference Model?",
    recipe_factory=square,
    symmetry=4,
    method="expanding",
    paper_text="trains",
)
