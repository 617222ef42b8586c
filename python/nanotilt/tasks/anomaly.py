"""What a network is asked that learned perfect patches alone: which ones are unlike these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nanotilt.tasks.kinds import ANOMALY


@dataclass(frozen=True)
class AnomalyTask:
    """Which patches are unlike those that the network learned? Scored by `nanotilt.anomaly`.

    Attributes:
        network: The network that is trained, one of `nanotilt.runs.settings.PATCH_AUTOENCODERS`.
        test_doses: Electrons counted of each carbon atom, at which it is tested; None: as the
            recipe draws them.
    """

    kind: ClassVar[str] = ANOMALY

    network: str = "dense-ae"
    test_doses: tuple[float, ...] | None = None
