"""A dictionary that stays as it was made."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class ReadOnlyDict(dict[K, V]):
    """A dictionary whose entries can't be set, removed or replaced.

    Unlike types.MappingProxyType it can be copied deeply, pickled, and turned into plain values by
    dataclasses.asdict. Its own `copy` gives a dictionary that can be changed.
    """

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError(
            "a recipe's mapping can't be changed; make another recipe, such as "
            "dataclasses.replace(recipe, classes={**recipe.classes, ...})"
        )

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (dict(self),))
