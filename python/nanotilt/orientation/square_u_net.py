"""Does a U-Net that makes the second image from the first learn the orientation?

The image goes through (S, C) to an angle, the stereo angle is added, and a decoder draws the second
image. Skip connections let the image past the angle, which may then be ignored.

    nanotilt run square-u-net --budget full

Expected: not measured yet.
"""

from __future__ import annotations

from nanotilt._orientation_recipes import square
from nanotilt.orientation.experiment import OrientationExperiment

EXPERIMENT = OrientationExperiment(
    name="square-u-net",
    question="Does a U-Net that makes the second image from the first learn the orientation?",
    recipe_factory=square,
    symmetry=4,
    method="u_net",
    paper_text="did not learn orientations",
)
