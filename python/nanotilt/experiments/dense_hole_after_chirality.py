"""Does a network that knows chirality learn dense spots better?

Further work (section 5): transfer learning to a hole that is denser material, as the spiral is. To
be compared with dense-hole.

    nanotilt run dense-hole-after-chirality --budget full

Expected: fast network 97.0 % in 2 min 06 s, quick budget.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import Experiment

EXPERIMENT = Experiment(
    name="dense-hole-after-chirality",
    question="Does a network that knows chirality learn dense spots better?",
    recipe_name="dense-hole-64",
    pretrained_on="chirality",
    paper_text="proposed, not done",
)
