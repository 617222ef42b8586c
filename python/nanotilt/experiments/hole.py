"""Has it a hole of radius 0.1, told from one view?

One view of 32 bins. A hole as deep as a few corners' roughness looks like roughness, so nobody
gets near 100 %: an oracle that is told everything but the corners' roughness and the noise would be
right on 89 %.

    nanotilt run hole --budget full

Expected: fast network 82.9 ± 0.1 % in 3 min 36 s, mean of 3 seeds; paper's network 79.8 ± 1.2 % in
2 min 18 s, mean of 3 seeds.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import Experiment
from nanotilt.runs.published import Published

EXPERIMENT = Experiment(
    name="hole",
    question="Has it a hole of radius 0.1, told from one view?",
    recipe_name="hole",
    published=Published(0.811, "Sullivan 2020, section 4.1"),
    target=0.835,
)
