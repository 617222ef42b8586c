"""What a network is asked that finds defects: their kinds and places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from nanotilt.tasks.anomaly import Elsewhere
from nanotilt.tasks.kinds import DETECTION


@dataclass(frozen=True)
class DetectionTask:
    """Which kinds of defects are where? Scored by `nanotilt.runs.lattices.places`.

    Attributes:
        network: The network that is trained, one of `nanotilt.runs.settings.PATCH_FINDERS`.
        test_doses: Electrons counted of each carbon atom, at which it is tested; None: as the
            recipe draws them.
        elsewhere: Patches of other kinds that it is tested on as well, by name: none.
        varied: What can be varied besides the number of training patches: nothing.
    """

    kind: ClassVar[str] = DETECTION

    network: str = "finder"
    test_doses: tuple[float, ...] | None = None
    elsewhere: Mapping[str, Elsewhere] = field(default_factory=dict)
    varied: tuple[str, ...] = ()
