"""Does a network that knows chirality learn holes better?

Transfer learning (section 4.4): a network trained on chirality is trained further on holes of
radius 0.1, two views of 64 bins. All weights are taken over but those of the output layer. To be
compared with hole-64, which starts from first weights.

    nanotilt run hole-after-chirality --budget full

Expected: fast network 96.0 % in 6 min 54 s, quick budget.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import Experiment

EXPERIMENT = Experiment(
    name="hole-after-chirality",
    question="Does a network that knows chirality learn holes better?",
    recipe_name="hole-stereo-64",
    pretrained_on="chirality",
    paper_text="no gain",
)
