"""Exit codes, and the error for what the user asked wrongly."""

from __future__ import annotations

FAILURE = 1
USAGE = 2
INTERRUPTED = 130
"""128 + SIGINT's number, as shells have it."""


class UsageError(Exception):
    """Something was asked wrongly; the text tells what, in one line."""
