"""How well is an S put together from noisy projections whose angles nobody knows?

Projections with noise of one count, 3 % of the brightest. `nanotilt.pose.recover` finds the angles
of 2,000 stereo pairs from nothing but the angle between their views, and teaches a network, which
reads unseen single projections. By true, predicted and recovered angles the S is put together with
filtered back-projection and compared with the true image, in decibels.

    nanotilt run s-reconstruction --budget full

Expected: fast network std 1.11 deg, 67.6 % within 1 deg in 37 s, quick budget, mean of 3 seeds.
"""

from __future__ import annotations

from functools import partial

from nanotilt.orientation.experiment import OrientationExperiment
from nanotilt.recipes.laurie_2024 import s_projection

EXPERIMENT = OrientationExperiment(
    name="s-reconstruction",
    question="How well is an S put together from noisy projections whose angles nobody knows?",
    recipe_factory=partial(s_projection, noise_std=1.0),
    symmetry=1,
    method="recovered",
    paper_text="back-projection with true angles only",
)
