"""Can a network see from its projection how an S is turned, without any label?

The teacher is `nanotilt.pose.recover`: it finds the angles of 2,000 stereo pairs from nothing but
the angle between their views. The student, a network, learns these angles, and then reads single
projections, which the teacher cannot. The paper had no way to do without true angles here.

    nanotilt run s-projection-label-free --budget full

Expected: fast network std 0.14 deg, 100.0 % within 1 deg in 37 s, quick budget, mean of 3 seeds;
paper's network std 2.76 deg, 33.1 % within 1 deg in 1 min 13 s, quick budget.
"""

from __future__ import annotations

from nanotilt.orientation.experiment import OrientationExperiment
from nanotilt.recipes.laurie_2024 import s_projection

EXPERIMENT = OrientationExperiment(
    name="s-projection-label-free",
    question="Can a network see from its projection how an S is turned, without any label?",
    recipe_factory=s_projection,
    symmetry=1,
    method="recovered",
    paper_text="never trained",
)
