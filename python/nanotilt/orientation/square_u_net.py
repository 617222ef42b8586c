"""Does a U-Net that makes the second image from the first learn the orientation?

The image goes through (S, C) to an angle, the stereo angle is added, and a decoder draws the second
image. Skip connections let the image past the angle, which may then be ignored.

    nanotilt run square-u-net --budget full

Expected: fast network std 25.05 deg, 2.5 % within 1 deg in 1 min 08 s, 0 % of 1 runs trained, quick
budget; paper's network std 25.84 deg, 2.5 % within 1 deg in 1 min 11 s, 0 % of 1 runs trained,
quick budget.
"""

from __future__ import annotations

from nanotilt.orientation.experiment import OrientationExperiment
from nanotilt.recipes.laurie_2024 import square

EXPERIMENT = OrientationExperiment(
    name="square-u-net",
    question="Does a U-Net that makes the second image from the first learn the orientation?",
    recipe_factory=square,
    symmetry=4,
    method="u_net",
    paper_text="did not learn orientations",
)
