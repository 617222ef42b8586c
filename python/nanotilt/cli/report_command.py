"""``nanotilt report``: one page over many runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from nanotilt._base.files import write_text
from nanotilt.cli import outputs
from nanotilt.cli.errors import FAILURE, UsageError
from nanotilt.cli.streams import say_error

_EXAMPLES = """\
examples:
  nanotilt report runs                         all runs in a folder, however deep
  nanotilt report runs more-runs -o all.html --title "Both machines"
  nanotilt report runs --csv runs.csv          and a table for your own figures
"""


def add_to(commands: Any) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "report",
        help="one page over many runs",
        description="Gathers the runs in folders on one HTML page: the paper's results\n"
        "beside theirs, curves, controls, what makes samples hard, and varied parameters.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "folders",
        metavar="DIR",
        type=Path,
        nargs="+",
        help="folder of a run, or one that holds runs at any depth",
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        type=Path,
        default=Path("report.html"),
        help="page to write (default: report.html)",
    )
    parser.add_argument("--title", default="All runs", help="heading of the page")
    parser.add_argument(
        "--csv", metavar="FILE", type=Path, help="also write a row for each run and question"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Collects the runs and writes the page."""
    from nanotilt.report import overview

    _check_out(arguments.out)
    outputs.check(arguments.out, arguments.csv)
    try:
        collection = overview.collect(arguments.folders)
    except overview.NoRunsError as error:
        raise UsageError(str(error)) from error
    for one in collection.unfinished:
        say_error(f"note: not counted: {one.folder}: {one.why}")
    if arguments.csv is not None:
        _write(arguments.csv, overview.to_csv(collection.runs))
    page = overview.overview_page(collection, out=arguments.out, title=arguments.title)
    _write(arguments.out, page)
    if not collection.runs:
        say_error("nanotilt: error: no run could be counted")
        return FAILURE
    return 0


def _check_out(path: Path) -> None:
    """Keeps the page from replacing a run's own report."""
    if path.name == "report.html" and (path.parent / "training.json").exists():
        raise UsageError(f"{path} is the report of one run; choose another file with -o")


def _write(path: Path, text: str) -> None:
    with outputs.writing(path):
        write_text(path, text)
    outputs.say_written(path)
