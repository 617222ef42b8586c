"""Does a Difference Model keep what its encoder learned from true angles?

The encoder is trained on true angles first, then inside a Difference Model that knows nothing but
the angle between two images.

    nanotilt run square-pretrained --budget full

Expected: fast network std 0.28 deg, 100.0 % within 1 deg in 2 min 31 s, quick budget; paper's
network std 0.50 deg, 95.3 % within 1 deg in 3 min 09 s, quick budget.
"""

from __future__ import annotations

from nanotilt.orientation.experiment import OrientationExperiment
from nanotilt.recipes.laurie_2024 import square

EXPERIMENT = OrientationExperiment(
    name="square-pretrained",
    question="Does a Difference Model keep what its encoder learned from true angles?",
    recipe_factory=square,
    symmetry=4,
    method="pretrained",
    paper_text="trains",
)
