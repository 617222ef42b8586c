"""What drawing samples gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, SupportsIndex, overload

import numpy as np
import numpy.typing as npt

from nanotilt._base.arrays import same_contents

Array = npt.NDArray[Any]


class Batch(tuple[Array, ...]):
    """Consecutive samples of a stream: one array for each output of the recipe's spec.

    Arrays are found by attribute (``batch.views``), by name (``batch["views"]``), and by unpacking
    in the order of the spec: ``views, label, angle_rad = batch``. ``dict(batch)`` has them by name.

    Args:
        views: (count, n_views, n_bins) float32; a camera's (count, n_views, n_pixels, n_pixels), or
            (count, n_views, n_pixels) if projected.
        label: (count,) int32, an index into ``Recipe.class_names``.
        angle_rad: (count, n_views) float32, the tilt that each view was really taken at, in
            radians; of a shape such as Square, the angle that it is seen turned by: its orientation
            and the tilt, added up.

    `Batch.of` makes a batch of other outputs.
    """

    # Trees of arrays (tf.nest, Keras, JAX, PyTorch) take it for a named tuple by this, and put one
    # together again as type(batch)(*arrays), hence a class for each set of names.
    _fields: ClassVar[tuple[str, ...]] = ("views", "label", "angle_rad")

    if TYPE_CHECKING:
        views: npt.NDArray[np.float32]
        label: npt.NDArray[np.int32]
        angle_rad: npt.NDArray[np.float32]

    def __new__(cls, views: Array, label: Array, angle_rad: Array) -> Batch:  # noqa: D102
        return tuple.__new__(cls, (views, label, angle_rad))

    @staticmethod
    def of(arrays: Mapping[str, Array]) -> Batch:
        """A batch of any outputs.

        Args:
            arrays: The arrays by name, in the order of the spec.
        """
        made: Batch = _kind(tuple(arrays))(*arrays.values())
        return made

    def keys(self) -> tuple[str, ...]:
        """Names of the outputs, in order."""
        return self._fields

    @overload
    def __getitem__(self, which: str | SupportsIndex, /) -> Array: ...
    @overload
    def __getitem__(self, which: slice, /) -> tuple[Array, ...]: ...
    def __getitem__(self, which: str | SupportsIndex | slice, /) -> Any:
        if not isinstance(which, str):
            return super().__getitem__(which)
        if which not in self._fields:
            raise KeyError(f"a batch of {', '.join(self._fields)} has no output {which!r}")
        return super().__getitem__(self._fields.index(which))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._fields:
            raise AttributeError(f"a batch of {', '.join(self._fields)} has no output {name!r}")
        return self[name]

    def __contains__(self, name: object) -> bool:
        return name in self._fields if isinstance(name, str) else super().__contains__(name)

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self._fields]

    def __repr__(self) -> str:
        parts = ", ".join(
            f"{name} {getattr(array, 'shape', '')} {getattr(array, 'dtype', type(array).__name__)}"
            for name, array in zip(self._fields, self, strict=True)
        )
        return f"Batch({parts})"

    def _asdict(self) -> dict[str, Array]:
        return dict(zip(self._fields, self, strict=True))

    def _replace(self, **arrays: Array) -> Batch:
        unknown = [name for name in arrays if name not in self._fields]
        if unknown:
            raise ValueError(f"a batch of {', '.join(self._fields)} has no output {unknown[0]!r}")
        return Batch.of({**self._asdict(), **arrays})

    def __reduce__(self) -> tuple[Any, ...]:
        return (Batch.of, (self._asdict(),))

    def __eq__(self, other: object) -> bool:
        return same_contents(self, other)

    def __ne__(self, other: object) -> bool:
        return not same_contents(self, other)

    def __hash__(self) -> int:
        raise TypeError("a Batch can't be hashed: its arrays can change")


@lru_cache(maxsize=256)
def _kind(names: tuple[str, ...]) -> Any:
    """The class of batches that have these outputs."""
    if names == Batch._fields:
        return Batch

    def new(cls: type[Batch], *arrays: Array) -> Batch:
        if len(arrays) != len(names):
            raise TypeError(f"a batch of {', '.join(names)} needs {len(names)} arrays, one of each")
        return tuple.__new__(cls, arrays)

    return type("Batch", (Batch,), {"_fields": names, "__new__": new, "__doc__": Batch.__doc__})
