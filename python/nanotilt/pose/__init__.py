"""Orientations without truth: angles, and the shape, from stereo pairs of 1D projections.

`recover` finds both at once. `angle_errors` compares angles with true ones, `cramer_rao_bound` says
how good any estimate of them can be.
"""

from nanotilt.pose.bounds import cramer_rao_bound
from nanotilt.pose.comparison import angle_errors
from nanotilt.pose.recovery import Recovery, recover

__all__ = ["Recovery", "angle_errors", "cramer_rao_bound", "recover"]
