"""Is it better to join the views before the convolutions?

Hole of radius 0.1, two views joined along channels before the convolutions (paper's network), or
as one long view (fast network), instead of after the branch. Section 4.2: slightly less accurate
than joining them late.

    nanotilt run hole-stereo-early --budget full

Expected: fast network 92.6 % in 3 min 00 s, quick budget; paper's network 80.9 % in 8 min 12 s.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import Experiment

EXPERIMENT = Experiment(
    name="hole-stereo-early",
    question="Is it better to join the views before the convolutions?",
    recipe_name="hole-stereo",
    network={"join": "early"},
    paper_text="slightly below 87.0 %",
)
