"""What one sample holds of one thing: its name, kind of number, shape and unit."""

from __future__ import annotations

import keyword
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from nanotilt._base import checks as check

DTYPES = ("float32", "uint8", "int16", "int32", "int64")
"""Kinds of numbers that the core and TensorFlow both have room for."""


@dataclass(frozen=True)
class Output:
    """One output of a sample: what is drawn under this name, and in which form.

    The shape is fixed, as TensorFlow needs it. A list whose length differs from sample to sample is
    padded with zeros along its first axis, and how many of its entries count is an output of its
    own: that of ``boxes`` is ``n_boxes``.

    Args:
        name: What the output is asked for by; a Python name.
        dtype: "float32", "uint8", "int16", "int32" or "int64".
        shape: Of one sample; () of a single number.
        unit: Such as "rad"; empty of numbers without one.
        meaning: What it is, in a sentence.
        length: Of a padded list, the name of the output that counts its entries: n_<name>. None of
            anything else.

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    unit: str
    meaning: str
    length: str | None = None

    def __post_init__(self) -> None:
        name = check.words("name", self.name)
        if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
            raise ValueError(
                f"name must be a Python name that is public. {check.received('name', self.name)}"
            )
        check.choice("dtype", self.dtype, DTYPES)
        shape = check.integers("shape", self.shape, at_least=1)
        object.__setattr__(self, "shape", tuple(shape))
        if self.length is not None and (self.length != f"n_{name}" or not shape):
            raise ValueError(
                f"length must be n_{name}, and the shape that of a list. "
                f"{check.received('length', self.length)}, shape={self.shape!r}"
            )

    @property
    def n_bytes(self) -> int:
        """Of one sample."""
        return math.prod(self.shape) * int(np.dtype(self.dtype).itemsize)

    def __str__(self) -> str:
        unit = f" in {self.unit}" if self.unit else ""
        return f"{self.name} {self.shape} {self.dtype}{unit}"

    def empty(self, count: int) -> np.ndarray[Any, Any]:
        """Room for `count` samples, not yet written to: (count, *shape)."""
        return np.empty((count, *self.shape), self.dtype)
