"""What networks of lattices are asked in experiments: which patches have a defect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from nanotilt.tasks.kinds import ANOMALY


@dataclass(frozen=True)
class Elsewhere:
    """Patches of another kind, on which a network is tested that never saw them.

    Attributes:
        recipe: Makes their recipe.
        doses: Electrons at which they are tested, as the recipe's instrument counts them.
    """

    recipe: Callable[[], Any]
    doses: tuple[float, ...]


@dataclass(frozen=True)
class AnomalyTask:
    """Which patches have a defect? Scored by AUC, by kind of defect and electrons counted.

    Attributes:
        network: The network that is trained: one of `nanotilt.runs.settings.PATCH_AUTOENCODERS`
            learns perfect patches alone, one of `PATCH_CLASSIFIERS` both classes.
        test_doses: Electrons counted of each carbon atom, at which it is tested; None: as the
            recipe draws them.
        elsewhere: Patches of other kinds that it is tested on as well, by name.
        varied: What can be varied besides the number of training patches.
    """

    kind: ClassVar[str] = ANOMALY

    network: str = "dense-ae"
    test_doses: tuple[float, ...] | None = None
    elsewhere: Mapping[str, Elsewhere] = field(default_factory=dict)
    varied: tuple[str, ...] = ()
