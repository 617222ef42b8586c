"""Has it a hole of radius 0.05, told from two views?

As deep as the corners' roughness, at right angles. The paper's network never got away from
chance.

    nanotilt run small-hole-stereo --budget full

Expected: fast network 64.3 ± 0.2 % in 8 min 18 s, mean of 3 seeds; paper's network 56.6 % in 18 min
54 s.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import Experiment
from nanotilt.runs.published import Published

EXPERIMENT = Experiment(
    name="small-hole-stereo",
    question="Has it a hole of radius 0.05, told from two views?",
    recipe_name="small-hole-stereo",
    published=Published(0.5, "Sullivan 2020, section 4.2", "no training succeeded"),
    target=0.645,
)
