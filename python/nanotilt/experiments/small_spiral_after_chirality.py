"""Does a network that knows chirality find small clockwise spirals better?

Further work (section 5): small-spiral by a network that was trained on chirality first, a task more
alike than holes are.

    nanotilt run small-spiral-after-chirality --budget full

Expected: fast network 84.5 % in 4 min 30 s, quick budget.
"""

from __future__ import annotations

from nanotilt.experiments import tasks
from nanotilt.experiments.experiment import Experiment

EXPERIMENT = Experiment(
    name="small-spiral-after-chirality",
    question="Does a network that knows chirality find small clockwise spirals better?",
    recipe_name="small-spiral",
    task=tasks.CLOCKWISE_OR_NOT,
    pretrained_on="chirality",
    paper_text="proposed, not done",
)
