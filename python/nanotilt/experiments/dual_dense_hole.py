"""Does dual learning work if the hole is extra material, too?

Further work (section 5): the paper supposed that a hole, a lack of material, and a spiral, extra
material, are too different to help each other. Here the hole is a denser spot.

    nanotilt run dual-dense-hole --budget full

Expected: fast network hole 89.6 %, chirality 95.8 % in 3 min 06 s, quick budget.
"""

from __future__ import annotations

from nanotilt.experiments import tasks
from nanotilt.experiments.experiment import Experiment

EXPERIMENT = Experiment(
    name="dual-dense-hole",
    question="Does dual learning work if the hole is extra material, too?",
    recipe_name="dense-hole-and-spiral",
    task=tasks.BOTH,
    paper_text="proposed, not done",
)
