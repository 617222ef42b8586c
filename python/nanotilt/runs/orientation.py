"""What is known of finished orientation runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.pose.scores import angle_errors_rad
from nanotilt.runs.run import Run
from nanotilt.runs.words import duration
from nanotilt.tasks.metrics import Metric
from nanotilt.tasks.orientation import STD, WITHIN

KINDS_OF_ANGLES = ("true", "predicted", "recovered")
"""By which a shape is put together from its projections."""

Angles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PhaseRecord:
    """One line of the history of a run that trains in phases.

    Attributes:
        phase: What was trained on.
        epoch: Counted from 1 within the phase.
        samples_seen: Views or pairs seen since the beginning of the run, as the phase counts them.
        loss: Mean training loss over the epoch.
        std_deg: Standard deviation of the errors on validation images, degrees.
        within_1_deg: Share of them within 1 degree, in [0, 1].
        seconds: Time that the epoch took, with its validation.
    """

    phase: str
    epoch: int
    samples_seen: int
    loss: float
    std_deg: float
    within_1_deg: float
    seconds: float

    def scores_in_words(self) -> str:
        """The scores of the validation, and the time, for the terminal."""
        return (
            f"std of the error {self.std_deg:.3f} deg, within 1 deg "
            f"{100 * self.within_1_deg:.1f} %, {duration(self.seconds)}"
        )


@dataclass(frozen=True)
class OrientationRun(Run):
    """A finished run whose network tells how a shape is turned.

    Attributes:
        symmetry: The shape's rotational order.
        stereo_deg: Angle from the first to the second view of a pair, degrees.
        metrics: The scores by name, see `nanotilt.tasks.orientation`.
        n_test: Number of test pairs.
        trained: Whether the network counts as trained.
        history: The epochs, phase after phase.
        samples_seen: Views or pairs seen.
        decibels: Of the shape put together, by each of `KINDS_OF_ANGLES`; empty for images.
        resultant_length: How well provisional angles agreed with the stereo angle, or None.
        true_rad: (n,) true angles of the test.
        predicted_rad: (n,) predicted ones.
        map_rad: (n,) true angles of the curriculum's images, or None without a curriculum.
        std_of_difference: (n,) how unlike the picked image they are, or None.
        pictures: "truth" (n, n) and for each kind of angle "<kind>_image" (n, n) and
            "<kind>_sinogram" (n_angles, n_bins); empty for images.
    """

    symmetry: int
    stereo_deg: float
    metrics: Mapping[str, Metric]
    n_test: int
    trained: bool
    history: tuple[PhaseRecord, ...]
    samples_seen: int
    decibels: Mapping[str, float]
    resultant_length: float | None
    true_rad: Angles
    predicted_rad: Angles
    map_rad: Angles | None
    std_of_difference: Angles | None
    pictures: Mapping[str, npt.NDArray[Any]]

    @property
    def scores(self) -> Mapping[str, Metric]:
        """What it scored; the standard deviation of the errors comes first."""
        return {STD: self.metrics[STD], **self.metrics}

    @property
    def std_deg(self) -> float:
        """Standard deviation of the errors, degrees."""
        return self.metrics[STD].value

    @property
    def within(self) -> tuple[float, ...]:
        """Share of the test set within 0.5, 1, 2 and 3 degrees, each in [0, 1]."""
        return tuple(self.metrics[name].value for name in WITHIN)

    @property
    def period_deg(self) -> float:
        """Orientations that differ by so many degrees look alike."""
        return 360 / self.symmetry

    def errors_deg(self) -> tuple[Angles, Angles]:
        """True angles and errors of the test set, (n,) degrees each.

        The true angles are taken within one period, the errors the shorter way round, the offset
        removed.
        """
        errors = angle_errors_rad(self.predicted_rad, self.true_rad, self.symmetry)
        return self._within_period(self.true_rad), np.rad2deg(errors)

    def curriculum(self) -> tuple[Angles, Angles] | None:
        """True angles in degrees within one period, and standard deviations of the difference.

        None where the run has no curriculum.
        """
        if self.map_rad is None or self.std_of_difference is None:
            return None
        return self._within_period(self.map_rad), self.std_of_difference

    def _within_period(self, angles_rad: Angles) -> Angles:
        return np.rad2deg(np.mod(angles_rad, 2 * np.pi / self.symmetry))
