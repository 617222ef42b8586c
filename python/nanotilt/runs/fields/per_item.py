"""Numbers of each video, or each field, of a test, kept among the arrays of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from nanotilt._base.checks import received

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

T = TypeVar("T", bound="PerItem")

_KINDS = {"Floats": np.float64, "Integers": np.int64}


@dataclass(frozen=True)
class PerItem:
    """n items, each tested at a dose; a subclass adds arrays of as many numbers.

    Attributes:
        dose: (n,) electrons per pixel of background; NaN: no noise.
        prefix: What the names of the arrays begin with in a file.
    """

    prefix: ClassVar[str]

    dose: Floats

    @classmethod
    def from_arrays(cls: type[T], arrays: Mapping[str, Any]) -> T | None:
        """Reads what `to_arrays` gave among other arrays; None if there is nothing of it.

        Raises:
            ValueError: an array is missing, or their lengths disagree.
        """
        if f"{cls.prefix}dose" not in arrays:
            return None
        values: dict[str, Any] = {}
        for field in fields(cls):
            name = cls.prefix + field.name
            if name not in arrays:
                raise ValueError(f"{name} is missing. Received: {', '.join(sorted(arrays))}")
            values[field.name] = np.asarray(arrays[name], dtype=_KINDS[str(field.type)])
            if values[field.name].shape != np.shape(arrays[f"{cls.prefix}dose"]):
                shape = received(name, values[field.name].shape)
                raise ValueError(f"{name} must have the shape of {cls.prefix}dose. {shape}")
        return cls(**values)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name; names begin with the prefix."""
        return {self.prefix + field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def doses(self) -> list[float]:
        """The different doses; NaN: no noise."""
        return [float(dose) for dose in np.unique(self.dose)]

    def of_dose(self, dose: float) -> npt.NDArray[np.bool_]:
        """(n,) which items have a dose; NaN: no noise."""
        return np.isnan(self.dose) if np.isnan(dose) else np.asarray(self.dose == dose)
