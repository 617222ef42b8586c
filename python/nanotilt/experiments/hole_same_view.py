"""What is a second look at the same view worth, for a hole of radius 0.1?

The control for hole-stereo: the two-view network, which sees the first view twice from the start.
It can't be better than the network with one view; what hole-stereo scores above it comes from the
second view. (What hole-stereo's own network scores when the first view replaces the second, as in
the paper, is in that run's report.)

    nanotilt run hole-same-view --budget full

Expected: fast network 82.5 % in 6 min 30 s, quick budget; paper's network 81.2 % in 6 min 24 s.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import Experiment

EXPERIMENT = Experiment(
    name="hole-same-view",
    question="What is a second look at the same view worth, for a hole of radius 0.1?",
    recipe_name="hole-stereo",
    network={"first_view_only": True},
)
