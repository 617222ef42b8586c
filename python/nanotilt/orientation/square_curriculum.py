"""Can a network do without labels when it sees images that look alike first?

The paper's way without labels: one image is picked at random; the standard deviation of every
image's difference to it tells how alike they are. Training goes over the pairs of the closest 2,
10, 25, 33 and 100 % for five epochs each, then five more over all: 4,096 images, batches of 64.
--model fast goes on with fresh pairs.

    nanotilt run square-curriculum --budget full

Expected: fast network std 0.28 deg, 100.0 % within 1 deg in 4 min 26 s, quick budget; paper's
network std 23.77 deg, 3.3 % within 1 deg in 1 min 42 s, 0 % of 3 runs trained, quick budget, mean
of 3 seeds.
"""

from __future__ import annotations

from nanotilt.orientation.experiment import OrientationExperiment
from nanotilt.recipes.laurie_2024 import square

EXPERIMENT = OrientationExperiment(
    name="square-curriculum",
    question="Can a network do without labels when it sees images that look alike first?",
    recipe_factory=square,
    symmetry=4,
    method="curriculum",
    paper_text="std 0.43 to 0.65 deg where it trained; often failed below 5 and above 15 deg",
)
