"""Fails when a C++ file is not as .clang-format wants it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Runs clang-format in its checking mode over all C++ sources."""
    folders = (ROOT / "cpp", ROOT / "tests" / "cpp")
    files = [f for folder in folders for f in folder.rglob("*") if f.suffix in {".cpp", ".hpp"}]
    command = ["clang-format", "--dry-run", "--Werror", *map(str, sorted(files))]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
