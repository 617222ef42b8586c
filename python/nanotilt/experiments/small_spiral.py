"""Has it a small clockwise spiral?

Further work (section 5): spirals of 0.6 times the size, half of them clockwise; a quarter of the
particles has an anticlockwise one and a quarter none, both in one answer.

    nanotilt run small-spiral --budget full

Expected: fast network 84.4 % in 4 min 30 s, quick budget.
"""

from __future__ import annotations

from nanotilt.experiments import tasks
from nanotilt.experiments.experiment import Experiment

EXPERIMENT = Experiment(
    name="small-spiral",
    question="Has it a small clockwise spiral?",
    recipe_name="small-spiral",
    task=tasks.CLOCKWISE_OR_NOT,
    paper_text="proposed, not done",
)
