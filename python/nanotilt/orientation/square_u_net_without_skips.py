"""Does the U-Net learn the orientation when its skip connections are taken away?

As square-u-net, but an autoencoder: all that the decoder knows is one angle. The paper suggests
it (section 5).

    nanotilt run square-u-net-without-skips --budget full

Expected: fast network std 22.99 deg, 2.3 % within 1 deg in 58 s, 0 % of 1 runs trained, quick
budget; paper's network std 25.15 deg, 2.2 % within 1 deg in 1 min 17 s, 0 % of 1 runs trained,
quick budget.
"""

from __future__ import annotations

from nanotilt.orientation.experiment import OrientationExperiment
from nanotilt.recipes.laurie_2024 import square

EXPERIMENT = OrientationExperiment(
    name="square-u-net-without-skips",
    question="Does the U-Net learn the orientation when its skip connections are taken away?",
    recipe_factory=square,
    symmetry=4,
    method="u_net_without_skips",
    paper_text="suggested as a mend, not done",
)
