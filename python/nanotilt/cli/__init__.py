"""The command line: ``nanotilt train``, ``preview``, ``recipes``, ``report`` ...

Loading it is cheap; TensorFlow and Matplotlib are loaded by the commands that need them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from nanotilt.cli import streams
from nanotilt.cli.errors import FAILURE, INTERRUPTED, USAGE, UsageError
from nanotilt.cli.parser import build_parser

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        argv: The words after ``nanotilt``. None: those of this process.

    Returns:
        The exit code: 0 done, 1 failed, 2 wrong arguments, 130 stopped by Ctrl-C. Output that can't
        be written, because its reader is gone or its disk is full, counts as failed; output that
        was closed beforehand, as by ``>&-``, does not.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    with streams.steady():
        code = _run(words)
        try:
            sys.stdout.flush()
        except BrokenPipeError:  # whoever read our output has seen enough
            streams.silence_stdout()
            return code or FAILURE
        except (OSError, ValueError) as error:
            streams.silence_stdout()
            return _fail(error, code or FAILURE)
        return code


def _run(words: list[str]) -> int:
    """Runs one command; says what went wrong, if anything did."""
    try:
        arguments = build_parser().parse_args(words)
        if arguments.run is None:
            build_parser().print_help()
            return USAGE
        arguments.command = ("nanotilt", *words)
        code: int = arguments.run(arguments)
    except SystemExit as end:  # argparse has said what there is to say
        return end.code if isinstance(end.code, int) else FAILURE
    except UsageError as error:
        return _fail(error, USAGE)
    except BrokenPipeError:  # as above, in the midst of the command
        streams.silence_stdout()
        return FAILURE
    except MemoryError as error:
        return _fail(MemoryError(str(error) or "there is not enough memory"), FAILURE)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        return _fail(error, FAILURE)
    except KeyboardInterrupt:
        streams.say_error("\nnanotilt: stopped")
        return INTERRUPTED
    return code


def _fail(error: Exception, code: int) -> int:
    words = str(error)
    if isinstance(error, OSError) and error.errno is not None and error.filename is None:
        # Opening a file names it; what has no name failed while it was written to.
        words = f"output can't be written: {error.strerror}"
    streams.say_error(f"nanotilt: error: {' '.join(words.split())}")
    return code
