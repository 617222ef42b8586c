"""How well is a square's orientation learned from stereo pairs, without any label?

Fast: a Difference Model around an aligned encoder, trained on stereo pairs and nothing else; no
start is needed, as its answers turn along with the image before any training. Paper: a diffusion
map over 1,500 pairs gives provisional angles (`nanotilt.pose.start`), on which the paper's
network is pretrained; then a Difference Model trains it on stereo pairs alone.

    nanotilt run square-label-free --budget full

Expected: fast network std 0.28 deg, 99.9 % within 1 deg in 5 min 05 s, mean of 3 seeds; paper's
network std 0.48 deg, 96.0 % within 1 deg in 2 min 23 s, quick budget.
"""

from __future__ import annotations

from nanotilt.orientation.experiment import OrientationExperiment
from nanotilt.recipes.laurie_2024 import square

EXPERIMENT = OrientationExperiment(
    name="square-label-free",
    question="How well is a square's orientation learned from stereo pairs, without any label?",
    recipe_factory=square,
    symmetry=4,
    method="label_free",
    paper_text="std 0.43 to 0.65 deg, by its curriculum",
    target=0.2,  # 0.12 is the least that the noise allows, were size and place known
)
