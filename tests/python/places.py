"""Where the tests find what they read: the checkout, its pages, and what earlier releases wrote."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

TESTS = Path(__file__).parent
ROOT = TESTS.parents[1]
DOCS = ROOT / "docs"
KNOWN_ANSWERS = ROOT / "tests" / "known_answers"

PROGRAMS = TESTS / "programs"
"""What tests run in a process of its own."""

IMPORTED_FROM = (TESTS, TESTS / "cases", TESTS / "oracles", PROGRAMS)
"""Folders of the modules that tests import; pyproject.toml names them for this process."""


def script(name: str) -> ModuleType:
    """A module of the folder docs, which may import others from there."""
    if str(DOCS) not in sys.path:
        sys.path.append(str(DOCS))
    return importlib.import_module(name)
