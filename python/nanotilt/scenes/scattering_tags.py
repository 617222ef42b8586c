"""The tags that x-ray scattering images are given, in their order."""

from __future__ import annotations

TAGS = (
    "low-q", "high-q", "halo", "higher orders", "ring", "symmetry halo", "symmetry ring", "2-fold",
    "4-fold", "6-fold",
)  # fmt: skip
"""Those of Lashley et al. 2017 (2D x-ray scattering, ten of its labels)."""
