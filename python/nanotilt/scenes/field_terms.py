"""Terms of fields of particles: kinds, columns, limits, in the core's order."""

from __future__ import annotations

PLACINGS = ("apart", "free", "clusters", "lattice")
"""How particles are placed, in the core's order."""

SOLIDS = (
    "cube",
    "octahedron",
    "truncated_octahedron",
    "tetrahedron",
    "icosahedron",
    "decahedron",
    "hexagonal_prism",
    "triangular_prism",
)
"""The polyhedra, in the core's order."""

KINDS = ("ellipsoid", "rod", "polyhedron", "rough")
"""What the table's column ``kind`` numbers from 0, and the target ``semantic`` from 1."""

COLUMNS: dict[str, str] = {
    "id": "",
    "kind": "",
    "x": "px",
    "y": "px",
    "area": "px^2",
    "diameter": "px",
    "major": "px",
    "minor": "px",
    "orientation": "rad",
    "aspect": "",
    "perimeter": "px",
    "circularity": "",
    "feret_max": "px",
    "feret_min": "px",
    "volume": "px^3",
    "contrast": "",
    "visible": "",
    "touches_rim": "",
    "gap": "px",
}
"""The columns of the target ``table`` with their units, in order."""

MOST_PARTICLES = 4096
FEWEST_PIXELS, MOST_PIXELS = 32, 2048
"""Of a scanned image's sides."""

N_RAYS, STAR_GRID = 32, 2
"""Distances of the target ``rays``, and pixels between the places that have them."""

LARGEST_COVERED_SHARE = 0.5
"""Of an image, by outlines that must not touch: random places of discs jam at 0.547 (Feder 1980),
and long before that most attempts to place one fail."""

LARGEST = 1e6
SHARE, LENGTH = (0.0, 1.0), (0.0, LARGEST)
RANGES: dict[str, tuple[float, float]] = {
    "gap_px": LENGTH,
    "cluster_size": (1.0, MOST_PARTICLES),
    "cluster_spread_px": (0.0, 1000.0),
    "lattice_jitter": SHARE,
    "radius_px": (0.5, LARGEST),
    "radius_log_std": (0.0, 3.0),
    **dict.fromkeys(("ellipsoids", "rods", "polyhedra", "rough"), (0.0, LARGEST)),
    "axis_log_std": SHARE,
    "roughness": SHARE,
    "rough_thickness_px": LENGTH,
    "contrast": (-100.0, 100.0),
    "contrast_log_std": (0.0, 3.0),
    "ramp_std": (0.0, 10.0),
    "texture_rms": (0.0, 10.0),
    "texture_px": (0.1, LARGEST),
    "step_px": LENGTH,
    "stage_step_px": LENGTH,
    "growth_px3": (-LARGEST, LARGEST),
    **dict.fromkeys(("births", "death", "blinking"), SHARE),
}
"""What each number of a `nanotilt.Field` must be within."""
