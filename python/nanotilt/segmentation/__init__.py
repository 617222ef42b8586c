"""Particles in images: instances from a network's maps, their sizes and places, and scores.

`instances`, `star_instances` and `box_instances` make label images of a network's maps, and `boxes`
boxes; `otsu_watershed` and `forest` do without a network. `scores` compares label images with true
ones. `measure` gives a table of sizes and shapes, `dispersion` tells how particles lie, `overlay`
shows them.
"""

from nanotilt.segmentation.baselines import Forest, forest, otsu_watershed
from nanotilt.segmentation.boxes_found import box_instances, boxes
from nanotilt.segmentation.dispersion import Dispersion, dispersion
from nanotilt.segmentation.morphology import measure
from nanotilt.segmentation.outlines import star_instances
from nanotilt.segmentation.overlay import overlay
from nanotilt.segmentation.scoring import SegmentationScores, scores
from nanotilt.segmentation.watershed import instances

__all__ = [
    "Dispersion",
    "Forest",
    "SegmentationScores",
    "box_instances",
    "boxes",
    "dispersion",
    "forest",
    "instances",
    "measure",
    "otsu_watershed",
    "overlay",
    "scores",
    "star_instances",
]
