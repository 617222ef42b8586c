"""``nanotilt bench``: how fast nanotilt is on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nanotilt._base.files import write_text
from nanotilt._base.optional import check_installed, needed_for
from nanotilt.cli import outputs
from nanotilt.cli.errors import UsageError
from nanotilt.cli.recipe_argument import HELP, load_recipe

if TYPE_CHECKING:
    from nanotilt.benchmarking.effort import Effort
    from nanotilt.benchmarking.results import Record
    from nanotilt.benchmarking.suite import Plan

STDOUT = "-"

_EXAMPLES = """\
examples:
  nanotilt bench                            about a minute on two cores
  nanotilt bench --quick --recipe hole      a first look
  nanotilt bench --json before.json         keep the figures ...
  nanotilt bench --compare before.json      ... and see what a change did to them
  nanotilt bench --full --plot cost.svg     for publication
  NANOTILT_SIMD=v3 nanotilt bench           as on a processor without AVX-512

Every goal is a ratio of two times taken in turns, so it can be compared between machines; the
figures that it is made of can not. Leave the machine alone while it is measured.
"""


def add_to(commands: Any) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "bench",
        help="how fast nanotilt is on this machine",
        description="Measures samples per second through NumPy and tf.data, what a sample costs\n"
        "by corners, views, bins and threads, and a list of ratios with goals.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_scope(parser)
    _add_outputs(parser)
    parser.set_defaults(run=run)


def _add_scope(parser: argparse.ArgumentParser) -> None:
    """What is measured, and how thoroughly."""
    effort = parser.add_mutually_exclusive_group()
    effort.add_argument(
        "--quick",
        dest="effort",
        action="store_const",
        const="QUICK",
        default="DEFAULT",
        help="under 20 seconds on two cores; figures are within some 10 %%",
    )
    effort.add_argument(
        "--full",
        dest="effort",
        action="store_const",
        const="FULL",
        help="three to four minutes on two cores: what is to be published",
    )
    parser.add_argument(
        "--recipe",
        metavar="RECIPE",
        action="append",
        dest="recipes",
        help=f"table of samples per second: for this recipe only; may be repeated. {HELP}",
    )
    parser.add_argument(
        "--threads",
        metavar="N",
        type=int,
        nargs="+",
        help="numbers of threads (default: 1, 2, 4, ... and the number of processors)",
    )
    parser.add_argument(
        "--batch-sizes",
        metavar="B",
        type=int,
        nargs="+",
        help="samples per batch in the table of samples per second (default: 64 256 1024)",
    )


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    """Where the figures go."""
    parser.add_argument(
        "--json",
        metavar="FILE",
        nargs="?",
        const=STDOUT,
        help="write all figures as JSON; without FILE or with -, to standard output instead of the "
        "tables",
    )
    parser.add_argument(
        "--compare",
        metavar="FILE",
        type=Path,
        help="show the change of every figure since this JSON file was written",
    )
    parser.add_argument(
        "--plot",
        metavar="FILE",
        type=Path,
        help="draw cost against corners, views, bins and threads: .png or .svg",
    )


def run(arguments: argparse.Namespace) -> int:
    """Measures, shows and writes."""
    from nanotilt.benchmarking import suite
    from nanotilt.cli.bench_progress import progress_on_stderr

    plan, effort = _plan(arguments), _effort(arguments.effort)
    _check_outputs(arguments)
    earlier = None if arguments.compare is None else _read(arguments.compare)
    with progress_on_stderr() as progress:
        record = suite.measure(plan, effort, progress)
    try:
        _show(arguments, record, earlier)
    finally:  # neither takes away the other: tables that nobody reads, files that can't be written
        _write(arguments, record)
    return 0


def _write(arguments: argparse.Namespace, record: Record) -> None:
    """Figures as JSON, and the picture."""
    from nanotilt.benchmarking import record as records

    try:
        if arguments.json == STDOUT:
            print(records.to_json(record), end="")
        elif arguments.json is not None:
            with outputs.writing(Path(arguments.json)):
                write_text(Path(arguments.json), records.to_json(record))
    finally:
        if arguments.plot is not None:
            from nanotilt.benchmarking import plot

            with outputs.writing(arguments.plot):
                plot.save(record, arguments.plot)


def _show(arguments: argparse.Namespace, record: Record, earlier: Record | None) -> None:
    """Tables to standard output; to standard error what is asked for beside JSON there."""
    to_stderr = arguments.json == STDOUT
    if to_stderr and earlier is None:
        return
    with needed_for("The table"):
        from rich.console import Console

    from nanotilt.benchmarking import comparison, tables

    console = Console(highlight=False, stderr=to_stderr)
    if not to_stderr:
        tables.print_record(record, console)
    if earlier is not None:
        compared = comparison.compare(earlier, record, str(arguments.compare))
        tables.print_comparison(compared, console)


def _plan(arguments: argparse.Namespace) -> Plan:
    """What to measure.

    Raises:
        UsageError: something was asked wrongly.
    """
    import dataclasses

    from nanotilt.benchmarking.suite import default_plan

    plan = default_plan()
    if arguments.recipes is not None:
        plan = dataclasses.replace(plan, recipes=dict(map(load_recipe, arguments.recipes)))
    if arguments.threads is not None:
        numbers = _numbers("threads", arguments.threads, 1024)
        plan = dataclasses.replace(plan, threads=numbers)
    if arguments.batch_sizes is not None:
        numbers = _numbers("batch-sizes", arguments.batch_sizes, 2**20)
        plan = dataclasses.replace(plan, batch_sizes=numbers)
    return plan


def _numbers(option: str, numbers: list[int], limit: int) -> tuple[int, ...]:
    """The numbers in order, each once."""
    for number in numbers:
        if not 1 <= number <= limit:
            raise UsageError(f"--{option} must be in 1 ... {limit:,}. Received: {option}={number}")
    return tuple(sorted(set(numbers)))


def _effort(name: str) -> Effort:
    from nanotilt.benchmarking import effort

    chosen: Effort = getattr(effort, name)
    return chosen


def _check_outputs(arguments: argparse.Namespace) -> None:
    """Finds out what can't be written or shown before minutes are spent on it."""
    if arguments.json != STDOUT or arguments.compare is not None:
        check_installed("The table", "rich")
    if arguments.json not in (None, STDOUT):
        _check_folder("json", Path(arguments.json))
    if arguments.plot is not None:
        from nanotilt.benchmarking.plot import FORMATS

        if arguments.plot.suffix.lower() not in FORMATS:
            formats = " or ".join(FORMATS)
            raise UsageError(f"--plot must end in {formats}. Received: plot={arguments.plot}")
        _check_folder("plot", arguments.plot)
    outputs.check(
        None if arguments.json in (None, STDOUT) else Path(arguments.json), arguments.plot
    )


def _check_folder(option: str, path: Path) -> None:
    if path.is_dir():
        raise UsageError(f"--{option} must be a file, not a folder. Received: {option}={path}")
    if not path.parent.is_dir():
        raise UsageError(f"--{option} must lie in a folder that exists. Received: {option}={path}")


def _read(path: Path) -> Record:
    from nanotilt.benchmarking import record

    try:
        return record.read(path)
    except (OSError, ValueError) as error:
        raise UsageError(str(error)) from error
