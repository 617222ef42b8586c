"""Patches that are unlike those a network learned: scores of what its drawings leave, of its codes.

A network that saw perfect lattices alone redraws a patch. `residuals` gives what it could not draw,
`residual_scores` the largest hole and bump in that, `code_scores` what the distribution of a code
tells. A larger score means: less like the perfect ones.
"""

from nanotilt.anomaly.codes import CodeReference, code_scores
from nanotilt.anomaly.residual import residual_scores, residuals, smoothed_residuals

__all__ = [
    "CodeReference",
    "code_scores",
    "residual_scores",
    "residuals",
    "smoothed_residuals",
]
