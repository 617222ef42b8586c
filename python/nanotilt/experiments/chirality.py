"""Which way does the spiral turn?

Two views of 64 bins at right angles, centred particles. A question that one view cannot answer at
all.

    nanotilt run chirality --budget full

Expected: fast network 97.0 ± 0.0 % in 11 min 54 s, mean of 3 seeds; paper's network 50.0 % in 48
min 48 s.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import Experiment
from nanotilt.runs.published import Published

EXPERIMENT = Experiment(
    name="chirality",
    question="Which way does the spiral turn?",
    recipe_name="chirality",
    published=Published(0.907, "Sullivan 2020, section 4.3"),
    target=0.975,
)
