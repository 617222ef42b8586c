"""Measures anew what docs/benchmarks.md shows: ``python docs/measure.py``.

Runs ``nanotilt bench --full``, keeps the figures in docs/measurements/bench.json, and makes the
tables and the picture of the page from them. With ``--tables-only`` the figures stay as they are;
other options go to ``nanotilt bench``: ``--quick``, ``--compare FILE``, ``--threads 1 2``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from nanotilt._base.files import write_text
from nanotilt.benchmarking import page, plot, record
from nanotilt.cli import main

DOCS = Path(__file__).resolve().parent
FIGURES = DOCS / "measurements" / "bench.json"
TABLES = DOCS / "measurements" / "tables.md"
PICTURE = DOCS / "figures" / "cost.svg"


def write_page_parts() -> None:
    """Makes tables and picture from the figures."""
    measured = record.read(FIGURES)
    write_text(TABLES, page.markdown(measured))
    plot.save(measured, PICTURE)


def run(options: list[str]) -> int:
    """Measures, unless told not to, and makes the parts of the page."""
    if "--tables-only" not in options:
        effort = [] if {"--quick", "--full"} & set(options) else ["--full"]
        code = main(["bench", "--json", str(FIGURES), *effort, *options])
        if code != 0:
            return code
    write_page_parts()
    for path in (FIGURES, TABLES, PICTURE):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
