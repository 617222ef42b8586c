"""What a network is asked that finds particles: where they are, and how large each is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from nanotilt.tasks.kinds import SEGMENTATION


@dataclass(frozen=True)
class SegmentationTask:
    """Which pixels show a particle, and which particle? Scored by `nanotilt.segmentation.scores`.

    Of videos, particles are followed from frame to frame, too, and scored by
    `nanotilt.tracking.scores`.

    Attributes:
        network: The network that is trained, one of `nanotilt.runs.settings.FIELD_NETWORKS`.
        frames: Frames of a video that it sees at a time, an odd number.
        images: Images that it learns from, again and again; None: fresh ones.
        source: Makes a recipe of other images, which it learns from before, or None.
        test_doses: Doses of the test; None: those of 1, 3, 10, 30, ... that the recipe has.
        varied: What can be varied besides the number of training images.
    """

    kind: ClassVar[str] = SEGMENTATION

    network: str = "unet"
    frames: int = 1
    images: int | None = None
    source: Callable[..., Any] | None = None
    test_doses: tuple[float, ...] | None = None
    varied: tuple[str, ...] = ()
