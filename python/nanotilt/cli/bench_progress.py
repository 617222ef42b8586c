"""What is being measured, on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nanotilt._base.optional import missing, needed_for
from nanotilt.cli.streams import say_error


@contextmanager
def progress_on_stderr() -> Iterator[Callable[[str, float], None]]:
    """Gives a function to tell what is measured next, and the share that is done.

    A bar on a terminal, else a line each. The bar moves only when it is told to: a thread that kept
    it moving would take part in what is measured.
    """
    if not sys.stderr.isatty() or missing("rich"):
        yield _print_line
        return
    with needed_for("The bar"):
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (BarColumn(24), TaskProgressColumn(), TextColumn("{task.description}"))
    console = Console(stderr=True, highlight=False)
    with Progress(*columns, console=console, auto_refresh=False, transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def show(what: str, share: float) -> None:
            bar.update(task, description=what, completed=share, refresh=True)

        yield show


def _print_line(what: str, share: float) -> None:
    say_error(f"{100 * share:3.0f} % {what}")  # nobody's listening stops no measurement
