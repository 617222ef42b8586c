"""What Laurie 2024 printed on orientations of squares: the rows of its figure 4.4."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PaperRow:
    """One stereo angle's row of the paper's table.

    Unseen binary squares, the arbitrary offset removed as read off at the true angle 0. Errors
    beyond 10 degrees were left out there as artefacts of a modulus.

    Attributes:
        stereo_deg: Angle between the images of a pair, degrees.
        within: Share of samples, in [0, 1], with an error of at most 0.5, 1, 2 and 3 degrees.
        mean_deg: Mean error, degrees.
        std_deg: Standard deviation of the errors, degrees.
    """

    stereo_deg: float
    within: tuple[float, float, float, float]
    mean_deg: float
    std_deg: float


PAPER_ROWS = (
    PaperRow(3, (0.6000, 0.8680, 0.9921, 0.9990), -0.017, 0.649),
    PaperRow(4, (0.6739, 0.9281, 0.9990, 1.0), 0.039, 0.552),
    PaperRow(5, (0.7770, 0.9745, 0.9980, 1.0), -0.066, 0.431),
    PaperRow(10, (0.7544, 0.9705, 1.0, 1.0), 0.038, 0.441),
    PaperRow(15, (0.4897, 0.8387, 0.9990, 1.0), 0.459, 0.552),
    PaperRow(20, (0.5221, 0.8626, 0.9990, 1.0), -0.443, 0.494),
    PaperRow(35, (0.7394, 0.9558, 0.9971, 1.0), 0.192, 0.460),
)


def paper_row(stereo_deg: float) -> PaperRow | None:
    """The paper's row of a stereo angle in degrees, or None if it has none."""
    for row in PAPER_ROWS:
        if row.stereo_deg == stereo_deg:
            return row
    return None
