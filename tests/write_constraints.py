"""Writes constraints.txt: the versions of all packages in this environment, tested together.

    nox -s constraints            # in a fresh environment, at the newest versions

A package whose version asks for a newer Python than the oldest that nanotilt runs on is pinned for
Pythons that have it only; pip chooses for the others.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
NOT_PINNED = {"nanotilt", "pip", "setuptools"}  # the last two come with the environment

HEADER = """\
# The versions that nanotilt was tested with, together: `pip install -c constraints.txt '.[test]'`.
# Made by `nox -s constraints`; `nox -s newest` tests the newest ones instead.
"""


def marker(wanted: str | None) -> str:
    """For which Pythons a version is pinned; empty: all."""
    allowed = [python for python in PYTHONS if f"{python}.99" in SpecifierSet(wanted or "")]
    if len(allowed) == len(PYTHONS):
        return ""
    if not allowed:
        sys.exit(f"no Python of {PYTHONS} fits {wanted}")
    return f' ; python_version >= "{allowed[0]}"'


def pins() -> list[str]:
    """A line for each installed package, in the order of their names."""
    lines = {}
    for package in metadata.distributions():
        name = re.sub(r"[-_.]+", "-", package.metadata["Name"]).lower()
        if name not in NOT_PINNED:
            version = package.version.partition("+")[0]
            lines[name] = f"{name}=={version}{marker(package.metadata['Requires-Python'])}"
    return [lines[name] for name in sorted(lines)]


if __name__ == "__main__":
    (ROOT / "constraints.txt").write_text(HEADER + "\n".join(pins()) + "\n", encoding="utf-8")
