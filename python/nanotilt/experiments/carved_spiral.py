"""Which way does a spiral turn that is cut out of the particle?

Further work (section 5): chirality with spirals that remove material, alone; what
dual-carved-spiral is to be compared with.

    nanotilt run carved-spiral --budget full

Expected: fast network 97.1 % in 5 min 18 s, quick budget.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import Experiment

EXPERIMENT = Experiment(
    name="carved-spiral",
    question="Which way does a spiral turn that is cut out of the particle?",
    recipe_name="carved-spiral",
    paper_text="proposed, not done",
)
