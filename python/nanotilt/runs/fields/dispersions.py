"""How particles lie in the fields of a test: as they are found, and in truth."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from nanotilt.runs.fields.per_item import Floats, PerItem

_NAMES = ("number_density", "mean_nearest", "clark_evans")


@dataclass(frozen=True)
class Dispersions(PerItem):
    """How particles lie in n fields; lengths are in pixels; what is undefined is NaN.

    Attributes:
        dose: (n,) electrons per pixel of background; NaN: no noise.
        true_number_density: (n,) particles for each square pixel.
        found_number_density: (n,) the same of what was found.
        true_mean_nearest: (n,) mean distance to the nearest other particle.
        found_mean_nearest: (n,) the same of what was found.
        true_clark_evans: (n,) Clark and Evans' index: 1 at random, more if particles keep apart.
        found_clark_evans: (n,) the same of what was found.
    """

    prefix: ClassVar[str] = "lie_"

    true_number_density: Floats
    found_number_density: Floats
    true_mean_nearest: Floats
    found_mean_nearest: Floats
    true_clark_evans: Floats
    found_clark_evans: Floats

    @classmethod
    def of(
        cls, true: npt.NDArray[Any], found: npt.NDArray[Any], dose: npt.NDArray[Any]
    ) -> Dispersions:
        """Of label images (n, rows, columns), 0 where there is no particle."""
        from nanotilt import segmentation

        columns: dict[str, Floats] = {}
        height, width = true.shape[1:]
        for which, labels in (("true", true), ("found", found)):
            table = segmentation.measure(labels)
            each = [
                segmentation.dispersion(here["x"], here["y"], width=width, height=height)
                for here in (table[table["image"] == i] for i in range(len(labels)))
            ]
            for name in _NAMES:
                columns[f"{which}_{name}"] = np.array([getattr(one, name) for one in each])
        return cls(dose=np.asarray(dose, np.float64), **columns)

    def means(self, dose: float) -> dict[str, float]:
        """The mean of each number over the fields of a dose that have it; NaN: none has."""
        here = self.of_dose(dose)
        found = {}
        for field in dataclasses.fields(self):
            values = getattr(self, field.name)[here]
            known = values[~np.isnan(values)]
            found[field.name] = float(known.mean()) if len(known) else float("nan")
        return found
