"""Particles in images: instances from a network's maps, and scores against the truth.

`instances` makes label images of a network's maps, and `scores` compares them with true ones.
"""

from nanotilt.segmentation.scoring import SegmentationScores, scores
from nanotilt.segmentation.watershed import instances

__all__ = [
    "SegmentationScores",
    "instances",
    "scores",
]
