"""Particles through the frames of a video: linked into tracks, and scored against the truth.

`link` makes tracks of tables of detections, and finds merges; `filled` closes their gaps; `scores`
and `merge_scores` compare with the truth; `continued` numbers merged particles as trackers do that
know no merges.
"""

from nanotilt.tracking.filling import FILLED_IN, filled
from nanotilt.tracking.linking import Tracks, link
from nanotilt.tracking.merging import continued
from nanotilt.tracking.scoring import MergeScores, TrackingScores, merge_scores, scores

__all__ = [
    "FILLED_IN",
    "MergeScores",
    "TrackingScores",
    "Tracks",
    "continued",
    "filled",
    "link",
    "merge_scores",
    "scores",
]
