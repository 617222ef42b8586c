"""Which way does the spiral turn, told from one view seen twice?

The control for chirality: the mirror image of a particle with a clockwise spiral is one with an
anticlockwise spiral, and one of its two views is the same. So one view alone says nothing, and the
score must be chance.

    nanotilt run chirality-same-view --budget full

Expected: fast network 50.0 % in 6 min 42 s, quick budget.
"""

from __future__ import annotations

from nanotilt.experiments.experiment import Experiment

EXPERIMENT = Experiment(
    name="chirality-same-view",
    question="Which way does the spiral turn, told from one view seen twice?",
    recipe_name="chirality",
    network={"first_view_only": True},
    paper_text="chance expected",
)
