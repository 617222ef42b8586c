"""Does a third output that is never right help training?

Chirality with a third class that has no samples. Section 4.3.1 found that networks trained which
failed with two outputs, that the third output falls to about 1e-4, and that all three are sometimes
equally likely. The share of tries that train, beside that of chirality, tells whether it helps.

    nanotilt run chirality-third-class --budget full

Expected: fast network 96.9 % in 7 min 06 s, quick budget.
"""

from __future__ import annotations

from nanotilt.experiments import tasks
from nanotilt.experiments.experiment import Experiment

EXPERIMENT = Experiment(
    name="chirality-third-class",
    question="Does a third output that is never right help training?",
    recipe_name="chirality",
    task=tasks.UNUSED_THIRD,
    paper_text="trains where two classes failed",
)
