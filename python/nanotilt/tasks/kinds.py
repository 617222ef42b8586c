"""What a network is asked, in a word: the kind of a task, of an experiment, of a run."""

from __future__ import annotations

KINDS = CLASSIFICATION, ORIENTATION, SEGMENTATION, ANOMALY, DETECTION, TAGGING = (
    "classification",
    "orientation",
    "segmentation",
    "anomaly",
    "detection",
    "tagging",
)
"""All of them. Each task has its own as `kind`; what is done for a kind is found by this word."""
