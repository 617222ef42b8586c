"""Can one network learn holes and chirality at once?

Dual learning (section 4.5): particles that have a spiral and may have a hole, one network with two
heads, both counting alike.

    nanotilt run dual --budget full

Expected: fast network hole 89.0 %, chirality 96.0 % in 5 min 54 s, quick budget.
"""

from __future__ import annotations

from nanotilt.experiments import tasks
from nanotilt.experiments.experiment import Experiment

EXPERIMENT = Experiment(
    name="dual",
    question="Can one network learn holes and chirality at once?",
    recipe_name="hole-and-spiral",
    task=tasks.BOTH,
    paper_text="never better than single",
)
