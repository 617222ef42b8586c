"""How well can a network tell a square's orientation when it is told the true ones?

The encoder alone, on (sin n theta, cos n theta) of true angles theta, n = 4: what the paper calls
cheat training. The paper trains on angles up to 60 degrees first, then on all.

    nanotilt run square-ground-truth --budget full

Expected: fast network std 0.28 deg, 100.0 % within 1 deg in 1 min 28 s, quick budget; paper's
network std 0.54 deg, 93.2 % within 1 deg in 1 min 02 s, quick budget.
"""

from __future__ import annotations

from nanotilt.orientation.experiment import OrientationExperiment
from nanotilt.recipes.laurie_2024 import square

EXPERIMENT = OrientationExperiment(
    name="square-ground-truth",
    question="How well can a network tell a square's orientation when it is told the true ones?",
    recipe_factory=square,
    symmetry=4,
    method="ground_truth",
    paper_text="trains; the data of its table's other rows build on it",
)
