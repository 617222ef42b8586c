"""``nanotilt info``: how nanotilt was built and what it uses here."""

from __future__ import annotations

import argparse
import json
from typing import Any

import nanotilt


def add_to(commands: Any) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "info",
        help="how nanotilt was built and what it uses on this machine",
        description="Shows version, compiler, OpenMP, SIMD level and threads. The environment "
        "variables NANOTILT_NUM_THREADS and NANOTILT_SIMD change the last two.",
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints it."""
    info = nanotilt.build_info()
    if arguments.json:
        print(json.dumps(info, indent=2))
        return 0
    width = max(len(name) for name in info)
    for name, value in info.items():
        print(f"{name.replace('_', ' '):<{width}}  {_shown(value)}")
    return 0


def _shown(value: object) -> str:
    if value is None:
        return "no"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
