"""Training on a terminal: a line per epoch, and a live bar below."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from nanotilt._base.optional import needed_for
from nanotilt.runs.records import EpochRecord
from nanotilt.runs.words import duration
from nanotilt.training.watcher import (
    STOPPING,
    Advance,
    LineWatcher,
    RunStart,
    Step,
    Watcher,
    headline,
)

with needed_for("Showing how it goes"):
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.live import Live
    from rich.progress_bar import ProgressBar
    from rich.spinner import Spinner
    from rich.table import Table
    from rich.text import Text

REFRESHES_PER_SECOND = 8
_NARROWEST_BAR, _WIDEST_BAR = 12, 30

_Column = tuple[str, int]
_WIDE: tuple[_Column, ...] = (
    ("epoch", 8),
    ("loss", 9),
    ("accuracy", 10),
    ("val. loss", 11),
    ("val. accuracy", 15),
    ("samples/s", 11),
    ("time", 12),
)
_NARROW: tuple[_Column, ...] = (("epoch", 8), ("loss", 9), ("accuracy", 10), ("validated", 11))


@contextmanager
def watcher_for_stdout() -> Iterator[Watcher]:
    """A live display if standard output is a terminal, else plain lines."""
    console = Console(highlight=False)
    if not console.is_terminal or console.is_dumb_terminal or not sys.stdout.isatty():
        yield LineWatcher()
        return
    watcher = LiveWatcher(console)
    try:
        yield watcher
    finally:
        watcher.close()


class LiveWatcher(Watcher):
    """Shows a run on a terminal.

    Args:
        console: The terminal.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._bar = _EpochBar(1, 1)

    @contextmanager
    def stage(self, text: str) -> Iterator[Advance]:
        """Shows a spinner, and how much is done once that is known."""
        self.close()
        line = _StageLine(text)
        self._show(line)
        try:
            yield line.advance
        finally:
            self.close()

    def started(self, start: RunStart) -> None:
        """Shows what is trained, and the head of the table of epochs."""
        self._bar = _EpochBar(start.settings.epochs, start.settings.steps_per_epoch)
        first, *others = headline(start)
        self._console.print(Text(first, style="bold"))
        for line in others:
            self._console.print(Text(line, style="dim"))
        self._console.print()
        columns = self._columns()
        head = "".join(f"{name:>{width}}" for name, width in columns)
        self._console.print(Text(head, style="bold"), no_wrap=True, crop=True)
        for record in start.history:
            self._print_row(record)

    def epoch_started(self, epoch: int) -> None:
        """Starts the bar anew."""
        self.close()
        self._bar.begin(epoch)
        self._show(self._bar)

    def stepped(self, step: Step) -> None:
        """Moves the bar."""
        self._bar.step = step

    def epoch_ended(self, record: EpochRecord) -> None:
        """Turns the bar into a line of the table."""
        self.close()
        self._print_row(record)

    def stopping(self) -> None:
        """Says that the run stops and what follows."""
        self.note(STOPPING)

    def note(self, text: str) -> None:
        """Says it, above the bar."""
        self._console.print(Text(text, style="yellow"))

    def line(self, text: str) -> None:
        """Says it, above the bar."""
        self._console.print(Text(text))

    def close(self) -> None:
        """Takes the bar or spinner away."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _show(self, line: _EpochBar | _StageLine) -> None:
        self._live = Live(
            line,
            console=self._console,
            transient=True,
            refresh_per_second=REFRESHES_PER_SECOND,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start(refresh=True)

    def _columns(self) -> tuple[_Column, ...]:
        fits = self._console.width >= sum(width for _, width in _WIDE)
        return _WIDE if fits else _NARROW

    def _print_row(self, record: EpochRecord) -> None:
        cells = {
            "epoch": f"{record.epoch}/{self._bar.n_epochs}",
            "loss": f"{record.loss:.4f}",
            "accuracy": f"{100 * record.accuracy:.2f} %",
            "val. loss": f"{record.val_loss:.4f}",
            "val. accuracy": f"{100 * record.val_accuracy:.2f} %",
            "validated": f"{100 * record.val_accuracy:.2f} %",
            "samples/s": f"{record.samples_per_second:,.0f}",
            "time": duration(record.seconds),
        }
        row = Text()
        for name, width in self._columns():
            row.append(f"{cells[name]:>{width}}", style="bold" if name.startswith("val. a") else "")
        self._console.print(row, no_wrap=True, crop=True)


class _StageLine:
    """A spinner, what is being done, and a bar once it is known how much is done."""

    def __init__(self, text: str) -> None:
        self._spinner = Spinner("dots")
        self._text = text
        self._share: float | None = None

    def advance(self, share: float) -> None:
        self._share = share

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        parts: list[Spinner | Text | ProgressBar] = [self._spinner, Text(self._text, no_wrap=True)]
        room = options.max_width - len(self._text) - 5
        if self._share is not None and room >= _NARROWEST_BAR:
            parts.append(ProgressBar(1.0, self._share, width=min(room, _WIDEST_BAR)))
        yield _in_one_line(parts)


class _EpochBar:
    """The line below the table: how far the epoch is, and how it goes."""

    def __init__(self, n_epochs: int, n_steps: int) -> None:
        self.n_epochs = n_epochs
        self.step: Step | None = None
        self._n_steps = n_steps
        self._epoch = 1
        self._spinner = Spinner("dots")

    def begin(self, epoch: int) -> None:
        self._epoch, self.step = epoch, None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        number = Text(f"{f'{self._epoch}/{self.n_epochs}':>8}", style="cyan")
        step = self.step
        if step is None:
            what = "compiling the network" if self._epoch == 1 else "starting"
            yield _in_one_line([number, self._spinner, Text(what, style="dim", no_wrap=True)])
            return
        count = f"{step.step}/{self._n_steps}"
        room = options.max_width - len(number) - len(count) - 3
        shown: list[Text] = []
        for part in _facts(step, self._n_steps):
            if room - len(part) - 2 < _NARROWEST_BAR:
                break
            room -= len(part) + 2
            shown.append(Text(part, no_wrap=True))
        bar = ProgressBar(self._n_steps, step.step, width=max(1, min(room, _WIDEST_BAR)))
        yield _in_one_line([number, bar, Text(count, no_wrap=True), *shown])


def _facts(step: Step, n_steps: int) -> list[str]:
    """What there is to say of a step, the most wanted first."""
    if step.step >= n_steps:
        return [f"loss {step.loss:.4f}", "validating"]
    facts = [f"loss {step.loss:.4f}", f"acc. {100 * step.accuracy:.1f} %"]
    if step.seconds_left is not None:
        facts.insert(0, f"{_clock(step.seconds_left)} left")
    if step.samples_per_second is not None:
        facts.append(f"{step.samples_per_second:,.0f}/s")
    return facts


def _clock(seconds: float) -> str:
    """A time in little room: 0:37, 2:05, 3:07:00."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _in_one_line(parts: list[Spinner | Text | ProgressBar] | list[Text | ProgressBar]) -> Table:
    line = Table.grid(padding=(0, 1))
    for _ in parts:
        line.add_column(no_wrap=True)
    line.add_row(*parts)
    return line
