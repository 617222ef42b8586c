"""X-ray scattering: names of contributions and tags, and what the columns of parameters hold."""

from __future__ import annotations

#: What a sample may consist of, with the share that each has of all of them; numbers are places.
CONTRIBUTIONS = {
    "ring": 0.05,
    "halo": 0.05,
    "rings": 0.1,
    "spheres": 0.2,
    "lattice": 0.2,
    "distorted lattice": 0.02,
    "ad hoc rings": 0.2,
    "speckled rings": 0.2,
    "coherent halo": 0.2,
    "mesostructure": 0.1,
}

#: What an image is tagged with; numbers are places.
TAGS = (
    "low-q",
    "high-q",
    "halo",
    "higher orders",
    "ring",
    "symmetry halo",
    "symmetry ring",
    "2-fold",
    "4-fold",
    "6-fold",
)

COEFFICIENTS = (40, 11)
"""Radial functions n = 1 ... 40 and orders m = 0, 2, ... 20 of the target ``coefficients``."""

LEAST_SNR = 5.0
"""What is seen has this signal-to-noise ratio at least."""

#: Rows of the target ``parameters``: the contributions, then these.
KINDS = (
    *CONTRIBUTIONS,
    "silver behenate",
    "power law",
    "ornstein-zernike",
    "debye-bueche",
    "guinier",
    "high-q",
    "constant",
    "smooth background",
    "square window",
    "round window",
    "streak",
    "zingers",
    "beam",
    "linear stop",
    "round stop",
    "wedge stop",
    "edge",
)

#: Columns of the target ``parameters``. Lengths on the detector are in pixels of 75 um.
COLUMNS = (
    "kind",
    "amplitude",
    "q0",
    "dq",
    "m",
    "eta",
    "chi",
    "s",
    "length",
    "stretch",
    "number",
    "scale",
    "x",
    "y",
)

MOST_CONTRIBUTIONS = 6
MOST_PARAMETERS = 32
"""Rows of the target ``parameters``."""

REFERENCE_PIXEL_UM = 75.0
"""Lengths on the detector that belong to the set-up count in pixels of this size."""

FEWEST_AREA_PIXELS = 32
MOST_AREA_PIXELS = 2048
MOST_SIDE_MM = 153.6
"""Of an area detector: 2048 pixels of 75 um."""
