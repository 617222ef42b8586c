"""Has it a hole of radius 0.05, told from one view?

As deep as the corners' roughness. The paper's network never got away from chance.

    nanotilt run small-hole --budget full

Expected: fast network 58.0 ± 0.2 % in 6 min 00 s, mean of 3 seeds; paper's network 52.2 ± 3.1 % in
18 min 06 s, mean of 2 seeds.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import Experiment
from nanotilt.runs.published import Published

EXPERIMENT = Experiment(
    name="small-hole",
    question="Has it a hole of radius 0.05, told from one view?",
    recipe_name="small-hole",
    published=Published(0.5, "Sullivan 2020, section 4.1", "no training succeeded"),
    target=0.59,
)
