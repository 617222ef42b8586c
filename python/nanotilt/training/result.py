"""What a run gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nanotilt.runs.records import EpochRecord, Metrics
from nanotilt.runs.settings import Settings

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class PhasedResult:
    """What a run came to whose network is no classifier.

    Attributes:
        folder: The out folder: network, scores, report.
        lines: The scores in words, a line each; none if it was stopped before the test.
        interrupted: Whether Ctrl-C stopped it early.
        seconds: Time that the run took, all in all; for a resumed run, since it was resumed.
        failed: What failed after the test, such as "report", and why, in words.
    """

    folder: Path
    lines: tuple[str, ...]
    interrupted: bool
    seconds: float
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainingResult:
    """A trained network and how well it does.

    Attributes:
        folder: The out folder.
        model: The network, with the weights that were tested.
        settings: How it was trained.
        history: One record per epoch.
        metrics: Scores, throughput, timings.
        interrupted: Whether Ctrl-C stopped it early.
        seconds: Time that the run took, all in all; for a resumed run, since it was resumed.
        failed: What failed after the test ("insight", "report"), and why, in words; usually empty.
            `resume` does it again.
    """

    folder: Path
    model: keras.Model
    settings: Settings
    history: tuple[EpochRecord, ...]
    metrics: Metrics
    interrupted: bool
    seconds: float
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def accuracy(self) -> float:
        """Share of the test samples that the network got right."""
        return self.metrics.test.accuracy

    @property
    def standard_error(self) -> float:
        """Standard error of the accuracy."""
        return self.metrics.test.standard_error
