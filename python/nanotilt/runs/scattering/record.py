"""The history of a run whose network tags scattering images."""

from __future__ import annotations

from dataclasses import dataclass

from nanotilt.runs.words import duration


@dataclass(frozen=True)
class TagRecord:
    """One line of the history of a run that tags images.

    Attributes:
        phase: What was trained on.
        epoch: Counted from 1 within the phase.
        samples_seen: Images seen since the beginning of the run.
        loss: Mean training loss over the epoch, nats a tag.
        val_loss: The loss of validation images.
        mean_precision: Their mean average precision, over the tags that any of them carries.
        seconds: Time that the epoch took, with its validation.
    """

    phase: str
    epoch: int
    samples_seen: int
    loss: float
    val_loss: float
    mean_precision: float
    seconds: float

    def scores_in_words(self) -> str:
        """The scores of the validation, and the time, for the terminal."""
        return (
            f"validation {self.val_loss:.5f}, mean average precision {self.mean_precision:.3f}, "
            f"{duration(self.seconds)}"
        )
