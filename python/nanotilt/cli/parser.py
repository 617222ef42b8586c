"""What can be typed, and the help for it."""

from __future__ import annotations

import argparse
import sys
from typing import Any, NoReturn

import nanotilt
from nanotilt.cli import (
    bench_command,
    info_command,
    limit_command,
    preview_command,
    recipes_command,
    report_command,
    run_command,
    train_command,
)
from nanotilt.cli.errors import USAGE
from nanotilt.cli.streams import say_error

_EXAMPLES = """\
examples:
  nanotilt train chirality             train, test, and write a report
  nanotilt run hole-stereo             one of the papers' experiments
  nanotilt preview chirality           draw particles beside their views
  nanotilt report runs                 one page over many runs
  nanotilt recipes                     what can be trained
  nanotilt recipes chirality > my.json start a recipe of your own
  nanotilt train my.json               and train on it
  nanotilt limit chirality             the best accuracy that is possible
  nanotilt bench                       how fast it is on this machine

exit codes: 0 done, 1 failed, 2 wrong arguments, 130 stopped by Ctrl-C
"""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Says what was wrong and where help is, and ends."""
        say_error(f"{self.prog}: error: {message} (see: {self.prog} --help)")
        raise SystemExit(USAGE)

    def _print_message(self, message: str, file: Any = None) -> None:
        """Writes help and versions; errors of writing are told, unlike those of argparse's own."""
        (file or sys.stdout).write(message)


def build_parser() -> Parser:
    """The parser of the whole command line; `run` of what it gives is the command's function."""
    parser = Parser(
        prog="nanotilt",
        description="Labelled, simulated electron-microscopy data, streamed straight into Keras.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"nanotilt {nanotilt.__version__}")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    for command in (
        train_command,
        run_command,
        preview_command,
        recipes_command,
        report_command,
        limit_command,
        bench_command,
        info_command,
    ):
        command.add_to(commands)
    return parser
