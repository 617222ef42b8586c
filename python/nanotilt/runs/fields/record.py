"""The history of a run whose network finds particles."""

from __future__ import annotations

from dataclasses import dataclass

from nanotilt.runs.words import duration


@dataclass(frozen=True)
class FieldRecord:
    """One line of the history of a run whose network finds particles.

    Attributes:
        phase: What was trained on.
        epoch: Counted from 1.
        samples_seen: Images seen since the beginning of the run.
        loss: Mean training loss over the epoch.
        dice: Of the validation images.
        f1: Likewise.
        seconds: Time that the epoch took, with its validation.
    """

    phase: str
    epoch: int
    samples_seen: int
    loss: float
    dice: float
    f1: float
    seconds: float

    def scores_in_words(self) -> str:
        """The scores of the validation, and the time, for the terminal."""
        return f"Dice {self.dice:.3f}, F1 {self.f1:.3f}, {duration(self.seconds)}"
