"""Parts of nanotilt that are loaded when they are needed, and not before."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_NEEDS_KERAS = ("nanotilt.models", "nanotilt.tasks.losses")
"""Where classes are that Keras must know to read what nanotilt's networks were saved as."""


class LazyModule(ModuleType):
    """Stands for a subpackage until something in it is asked for.

    So the subpackage can be listed, star-imported and looked for without being loaded, and without
    what it needs being installed.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__all__":  # what tools look for in any object
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(self.__name__), name)

    def __dir__(self) -> list[str]:
        return dir(importlib.import_module(self.__name__))


class _AfterKeras:
    """Sees Keras being imported, and has it know our classes at once.

    Keras imports nobody's modules while it reads a file. Without this, a network of nanotilt could
    be read only by who imports nanotilt.models before, and others would get an error of some
    thousand characters.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Finds Keras as without us, and adds what is to happen after it is loaded."""
        if name != "keras":
            return None
        for finder in sys.meta_path:
            found = None if finder is self else finder.find_spec(name, path, target)
            if found is not None:
                _register_after(found)
                return found
        return None


def register_with_keras() -> None:
    """Has Keras know our classes: now if it is loaded, else as soon as it is. Loads nothing."""
    if sys.modules.get("keras"):
        _import_all()
    elif not any(isinstance(finder, _AfterKeras) for finder in sys.meta_path):
        sys.meta_path.insert(0, _AfterKeras())


def _register_after(spec: ModuleSpec) -> None:
    loader: Any = spec.loader
    load = getattr(loader, "exec_module", None)
    if load is None:
        return

    def load_and_register(module: ModuleType) -> None:
        load(module)
        del loader.exec_module
        _import_all()

    loader.exec_module = load_and_register


def _import_all() -> None:
    # Keras may be one that the networks can't work with. That concerns who uses the networks, and
    # is told then; others shall be able to import Keras and nanotilt together.
    with suppress(Exception):
        for name in _NEEDS_KERAS:
            importlib.import_module(name)
