"""Is it better to join the views before the convolutions, for chirality?

Chirality with the views joined along channels before the convolutions (paper's network), or as one
long view (fast network). The paper tried early joining for holes only.

    nanotilt run chirality-early --budget full

Expected: fast network 96.0 % in 3 min 00 s, quick budget.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import Experiment

EXPERIMENT = Experiment(
    name="chirality-early",
    question="Is it better to join the views before the convolutions, for chirality?",
    recipe_name="chirality",
    network={"join": "early"},
    paper_text="not done",
)
