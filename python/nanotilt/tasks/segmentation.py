"""What a network is asked that finds particles: where they are, and how large each is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nanotilt.tasks.kinds import SEGMENTATION


@dataclass(frozen=True)
class SegmentationTask:
    """Which pixels show a particle, and which particle? Scored by `nanotilt.segmentation.scores`.

    Attributes:
        network: The network that is trained, one of `nanotilt.runs.settings.FIELD_NETWORKS`.
    """

    kind: ClassVar[str] = SEGMENTATION

    network: str = "unet"
