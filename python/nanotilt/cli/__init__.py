"""The command line: ``nanotilt train``, ``preview``, ``recipes``, ``report`` ...

Loading it is cheap; TensorFlow and Matplotlib are loaded by the commands that need them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from nanotilt.cli.errors import FAILURE, INTERRUPTED, USAGE, UsageError
from nanotilt.cli.parser import build_parser

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        argv: The words after ``nanotilt``. None: those of this process.

    Returns:
        The exit code: 0 done, 1 failed, 2 wrongly asked, 130 stopped by Ctrl-C.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    parser = build_parser()
    try:
        arguments = parser.parse_args(words)
        if arguments.run is None:
            parser.print_help()
            return USAGE
        arguments.command = ("nanotilt", *words)
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except SystemExit as end:  # argparse has said what there is to say
        return end.code if isinstance(end.code, int) else FAILURE
    except UsageError as error:
        return _fail(error, USAGE)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        return _fail(error, FAILURE)
    except KeyboardInterrupt:
        print("\nnanotilt: stopped", file=sys.stderr)
        return INTERRUPTED
    return code


def _fail(error: Exception, code: int) -> int:
    print(f"nanotilt: error: {' '.join(str(error).split())}", file=sys.stderr)
    return code
