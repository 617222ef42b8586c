"""Which way does the spiral turn, wherever the particle sits?

Chirality with particles off the centre by 0.3 (standard deviation, each axis). The paper's network
did not train. The fast one first moves each view so that its centre of mass sits in the middle.

    nanotilt run chirality-off-centre --budget full

Expected: fast network 97.0 ± 0.0 % in 11 min 36 s, mean of 3 seeds.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import Experiment
from nanotilt.runs.published import Published

EXPERIMENT = Experiment(
    name="chirality-off-centre",
    question="Which way does the spiral turn, wherever the particle sits?",
    recipe_name="chirality-off-centre",
    published=Published(0.5, "Sullivan 2020, section 4.3", "would not train"),
    target=0.965,
)
