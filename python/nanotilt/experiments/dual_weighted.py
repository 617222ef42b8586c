"""Does it help dual learning to weigh the questions?

Dual learning (section 4.5) with fixed weights: the hole's cross-entropy counts four times as much
as chirality's.

    nanotilt run dual-weighted --budget full

Expected: not measured yet.
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
