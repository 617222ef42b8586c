"""What is a second look at the same view worth, for a hole of radius 0.05?

The control for small-hole-stereo: the two-view network, which sees the first view twice from the
start.

    nanotilt run small-hole-same-view --budget full

Expected: fast network 58.2 % in 6 min 00 s, quick budget.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import Experiment

EXPERIMENT = Experiment(
    name="small-hole-same-view",
    question="What is a second look at the same view worth, for a hole of radius 0.05?",
    recipe_name="small-hole-stereo",
    network={"first_view_only": True},
)
