"""What a network is asked that tells how a shape is turned, and what its answers score."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from nanotilt._base.symmetry import checked_order
from nanotilt.pose.scores import LIMITS_DEG, angle_errors_rad, orientation_scores
from nanotilt.tasks.kinds import ORIENTATION
from nanotilt.tasks.metrics import Metric

LARGEST_TRAINED_STD_DEG = 5.0
"""A network counts as trained below. One that answers anything has 90 / sqrt(12) = 26 degrees on
squares; the fast network has less than 1 with the quick budget, the paper printed 0.43 to 0.65."""

STD, MEAN, MEAN_ABSOLUTE = "std_deg", "mean_deg", "mean_absolute_deg"
MEAN_AT_ZERO = "mean_deg_offset_at_zero"
"""Names of scores: of the errors, in degrees; the last one as the paper took it."""

WITHIN = tuple(f"within_{limit:g}_deg" for limit in LIMITS_DEG)
"""Names of the shares of samples with an error of at most 0.5, 1, 2 and 3 degrees."""

Scores = Mapping[str, Metric]


@dataclass(frozen=True)
class OrientationTask:
    """How is the shape turned, told from one view?

    Attributes:
        symmetry: The rotational order of the shape as it is seen: orientations are told apart up to
            360 / symmetry degrees.

    Raises:
        TypeError: The order is not an integer.
        ValueError: It is below 1.
    """

    kind: ClassVar[str] = ORIENTATION

    symmetry: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "symmetry", checked_order(self.symmetry))

    @property
    def period_deg(self) -> float:
        """Orientations that differ by so many degrees look alike."""
        return 360 / self.symmetry

    def score(
        self,
        predicted_rad: npt.ArrayLike,
        true_rad: npt.ArrayLike,
        limit_deg: float | None = None,
    ) -> dict[str, Metric]:
        """A row of figure 4.4 of Laurie 2024, each number with its uncertainty and its chance.

        Args:
            predicted_rad: (n,) angles in radians, any multiple of the period added. The one offset
                that they all share is removed.
            true_rad: (n,) angles in radians.
            limit_deg: The smallest standard deviation that is possible, in degrees, or None.

        Returns:
            `WITHIN` (shares in [0, 1]), `MEAN`, `STD`, `MEAN_ABSOLUTE` and `MEAN_AT_ZERO` (degrees)
            by name. Chance is that of a network whose errors are spread evenly over the period.

        Raises:
            TypeError: An argument is of the wrong kind.
            ValueError: An argument has a wrong value.
        """
        found = orientation_scores(predicted_rad, true_rad, self.symmetry)
        as_the_paper = orientation_scores(predicted_rad, true_rad, self.symmetry, offset="at_zero")
        errors = np.rad2deg(angle_errors_rad(predicted_rad, true_rad, self.symmetry))
        n, period = found.n_samples, self.period_deg
        shares = {
            name: Metric(
                share, math.sqrt(share * (1 - share) / n), chance=min(1.0, 2 * at / period)
            )
            for name, at, share in zip(WITHIN, LIMITS_DEG, found.within, strict=True)
        }
        spread_of_absolute = float(np.abs(errors).std())
        return {
            **shares,
            MEAN: _degrees(found.mean_deg, found.std_deg / math.sqrt(n)),
            STD: _degrees(found.std_deg, _error_of_std(errors), period / math.sqrt(12), limit_deg),
            MEAN_ABSOLUTE: _degrees(
                found.mean_absolute_deg, spread_of_absolute / math.sqrt(n), period / 4
            ),
            # Read off at one sample, whose own error nobody knows.
            MEAN_AT_ZERO: _degrees(as_the_paper.mean_deg, None),
        }

    def trained(self, scores: Scores) -> bool:
        """Whether a network with these scores has learned anything."""
        return scores[STD].value < LARGEST_TRAINED_STD_DEG


def _degrees(
    value: float,
    standard_error: float | None,
    chance: float | None = None,
    limit: float | None = None,
) -> Metric:
    return Metric(value, standard_error, "deg", "lower", chance, limit)


def _error_of_std(errors: npt.NDArray[Any]) -> float:
    """Standard error of the standard deviation, whatever the distribution of the errors."""
    squares = (errors - errors.mean()) ** 2
    variance = float(squares.mean())
    if variance == 0:
        return 0.0
    return float(squares.std()) / math.sqrt(len(errors)) / (2 * math.sqrt(variance))
