"""Has it a hole of radius 0.1, told from two views of 64 bins?

What hole-after-chirality is to be compared with: the same recipe and network, from first weights.

    nanotilt run hole-64 --budget full

Expected: fast network 96.1 % in 7 min 12 s, quick budget.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import Experiment

EXPERIMENT = Experiment(
    name="hole-64",
    question="Has it a hole of radius 0.1, told from two views of 64 bins?",
    recipe_name="hole-stereo-64",
    paper_text="no gain from transfer",
)
