"""The histories of runs that tell which patches have defects, or where."""

from __future__ import annotations

from dataclasses import dataclass

from nanotilt.runs.words import duration


@dataclass(frozen=True)
class PatchRecord:
    """One line of the history of a run that finds defects in patches.

    Attributes:
        phase: What was trained on.
        epoch: Counted from 1.
        samples_seen: Patches seen since the beginning of the run.
        loss: Mean training loss over the epoch.
        error: Mean squared difference of perfect validation patches and their drawings; of a
            network that classifies, the cross-entropy of validation patches, in nats.
        auc: How well the largest residual of validation patches, or the network's answer, tells
            defects; for the history alone, nothing is chosen by it.
        seconds: Time that the epoch took, with its validation.
    """

    phase: str
    epoch: int
    samples_seen: int
    loss: float
    error: float
    auc: float
    seconds: float

    def scores_in_words(self) -> str:
        """The scores of the validation, and the time, for the terminal."""
        return f"error {self.error:.4f}, AUC {self.auc:.3f}, {duration(self.seconds)}"


@dataclass(frozen=True)
class PlaceRecord:
    """One line of the history of a run that finds defects.

    Attributes:
        phase: What was trained on.
        epoch: Counted from 1.
        samples_seen: Patches seen since the beginning of the run.
        loss: Mean training loss over the epoch.
        right: Share of the defects of validation patches whose kind and place were found.
        precision: Share of what was found that is right.
        seconds: Time that the epoch took, with its validation.
    """

    phase: str
    epoch: int
    samples_seen: int
    loss: float
    right: float
    precision: float
    seconds: float

    def scores_in_words(self) -> str:
        """The scores of the validation, and the time, for the terminal."""
        return (
            f"{100 * self.right:.1f} % of the defects right, precision "
            f"{100 * self.precision:.1f} %, {duration(self.seconds)}"
        )
