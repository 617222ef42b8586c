"""Has it a dense spot of radius 0.1?

Further work (section 5): a hole of denser material, two views of 64 bins. What
dense-hole-after-chirality is to be compared with.

    nanotilt run dense-hole --budget full

Expected: fast network 97.1 % in 5 min 36 s, quick budget.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import Experiment

EXPERIMENT = Experiment(
    name="dense-hole",
    question="Has it a dense spot of radius 0.1?",
    recipe_name="dense-hole-64",
    paper_text="proposed, not done",
)
