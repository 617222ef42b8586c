"""Does it help dual learning to weigh the questions?

Dual learning (section 4.5) with fixed weights: the hole's cross-entropy counts four times as much
as chirality's.

    nanotilt run dual-weighted --budget full

Expected: fast network hole 89.4 %, chirality 95.4 % in 5 min 48 s, quick budget.
"""

from __future__ import annotations

from nanotilt.experiments import tasks
from nanotilt.experiments.experiment import Experiment

EXPERIMENT = Experiment(
    name="dual-weighted",
    question="Does it help dual learning to weigh the questions?",
    recipe_name="hole-and-spiral",
    task=tasks.MOSTLY_HOLE,
    paper_text="never better than single",
)
