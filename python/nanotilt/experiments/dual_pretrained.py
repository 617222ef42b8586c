"""Does it help dual learning to start from chirality?

Dual learning (section 4.5) by a network that was trained on chirality first. All weights are taken
over but those of the output layers.

    nanotilt run dual-pretrained --budget full

Expected: fast network hole 88.5 %, chirality 96.0 % in 7 min 00 s, quick budget.
"""

from __future__ import annotations

from nanotilt.experiments import tasks
from nanotilt.experiments.experiment import Experiment

EXPERIMENT = Experiment(
    name="dual-pretrained",
    question="Does it help dual learning to start from chirality?",
    recipe_name="hole-and-spiral",
    task=tasks.BOTH,
    pretrained_on="chirality",
    paper_text="trains more reliably, no better",
)
