"""Has it a hole of radius 0.1, told from two views?

Two views of 32 bins at right angles. What one view shows must agree with what the other shows; the
paper's network averaged its views instead of joining them, and still scored 78.0 % with the first
view fed twice.

    nanotilt run hole-stereo --budget full

Expected: fast network 93.0 ± 0.1 % in 8 min 00 s, mean of 3 seeds; paper's network 86.8 ± 1.6 % in
4 min 00 s, mean of 3 seeds.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import Experiment
from nanotilt.runs.published import Published

EXPERIMENT = Experiment(
    name="hole-stereo",
    question="Has it a hole of radius 0.1, told from two views?",
    recipe_name="hole-stereo",
    published=Published(0.87, "Sullivan 2020, section 4.2", same_view_accuracy=0.78),
    target=0.935,
)
