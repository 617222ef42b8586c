"""What a network is asked that finds defects: their kinds and places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from nanotilt.tasks.kinds import DETECTION


@dataclass(frozen=True)
class DetectionTask:
    """Which kinds of defects are where? Scored by `nanotilt.runs.lattices.places`.

    Attributes:
        varied: What can be varied besides the number of samples: nothing.
        elsewhere: What else it is tested on: nothing.
        network: The network that is trained, one of `nanotilt.runs.settings.PATCH_FINDERS`.
        test_doses: Electrons counted of each carbon atom, at which it is tested; None: as the
            recipe draws them.
    """

    kind: ClassVar[str] = DETECTION

    varied: ClassVar[tuple[str, ...]] = ()
    elsewhere: ClassVar[Mapping[str, Any]] = MappingProxyType({})

    network: str = "finder"
    test_doses: tuple[float, ...] | None = None
