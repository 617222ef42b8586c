"""``nanotilt train``: from a recipe to a tested network and a report."""

from __future__ import annotations

import argparse
import shlex
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import nanotilt
from nanotilt._base import backend
from nanotilt.cli.errors import FAILURE, INTERRUPTED, UsageError
from nanotilt.cli.recipe_argument import load_recipe
from nanotilt.cli.train_options import NOT_WITH_RESUME, add_parser
from nanotilt.runs.settings import Options
from nanotilt.training import RunStopped, resume, train
from nanotilt.training.own_name import NotANetworkError, look_in_current_folder

if TYPE_CHECKING:
    from nanotilt.training import PhasedResult, TrainingResult, Watcher


def add_to(commands: Any) -> None:
    """Adds the command to the parser."""
    add_parser(commands).set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Trains, or resumes."""
    backend.check_installed("rich")
    look_in_current_folder()  # the user's own network may lie here
    if arguments.resume is not None:
        return _resume(arguments)
    if arguments.recipe is None:
        raise UsageError("train needs a RECIPE, or --resume DIR (see: nanotilt train --help)")
    if arguments.overwrite and arguments.out is None:
        raise UsageError("--overwrite needs --out DIR")
    name, recipe = load_recipe(arguments.recipe)
    options = _checked_options(arguments)

    def start(watcher: Watcher) -> Any:
        return train(
            recipe,
            **options,
            out=arguments.out,
            overwrite=bool(arguments.overwrite),
            name=name,
            watcher=watcher,
            command=shlex.join(arguments.command),
        )

    try:
        return _watched(start)
    except FileExistsError as error:
        raise UsageError(
            f"{error}; go on with its run (--resume), write over it (--overwrite), "
            "or choose another (--out)"
        ) from error


def _resume(arguments: argparse.Namespace) -> int:
    given = [name for name in NOT_WITH_RESUME if getattr(arguments, name) is not None]
    if given:
        raise UsageError(
            "--resume takes everything but --threads from the run's folder. "
            f"Received: {', '.join(name.replace('_', '-') for name in given)}"
        )
    _checked_options(arguments)

    def start(watcher: Watcher) -> Any:
        return resume(arguments.resume, n_threads=arguments.n_threads, watcher=watcher)

    try:
        return _watched(start)
    except FileNotFoundError as error:
        raise UsageError(str(error)) from error


def _checked_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """The options that are given, and the number of threads that may be used if none is.

    Raises:
        UsageError: one is wrong.
    """
    given = {name: getattr(arguments, name) for name in Options.__dataclass_fields__}
    given = {name: value for name, value in given.items() if value is not None}
    try:
        Options(**given)
    except ValueError as error:
        raise UsageError(str(error)) from error
    # TensorFlow would take every processor that it sees, whatever share of them it may use.
    return {"n_threads": nanotilt.build_info()["threads"], **given}


def _watched(start: Callable[[Watcher], TrainingResult | PhasedResult | None]) -> int:
    """Runs a training with a display, and says how it ended."""
    try:
        with _watching() as watcher:
            result = start(watcher)
    except RunStopped as stopped:
        _say_stopped(stopped)
        return INTERRUPTED
    except NotANetworkError as error:
        raise UsageError(str(error)) from error
    if result is None:
        print("The run is finished: there is nothing to resume.")
        return 0
    _say_finished(result)
    if result.interrupted:
        return INTERRUPTED
    return FAILURE if result.failed else 0


@contextmanager
def _watching() -> Iterator[Watcher]:
    """A live display on a terminal, plain lines elsewhere; Python's warnings become notes."""
    from nanotilt.cli.live import watcher_for_stdout

    with watcher_for_stdout() as watcher, warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: watcher.note(str(message))
        yield watcher


def _say_finished(result: TrainingResult | PhasedResult) -> None:
    from nanotilt.runs.words import duration
    from nanotilt.training import TrainingResult

    if isinstance(result, TrainingResult):
        _say_scores(result)  # the others' were told as they were found
    trained = result.folder / "model.keras"
    if trained.is_file():
        print(f"model     {trained}")
    if "report" not in result.failed and (result.folder / "report.html").is_file():
        print(f"report    {result.folder / 'report.html'}")
    print(f"time      {duration(result.seconds)}")
    for what in result.failed:
        again = f"nanotilt train --resume {shlex.quote(str(result.folder))}"
        print(f"The network is trained and tested, but its {what} failed. To try again: {again}")
    if result.interrupted:
        print(f"Stopped early. To go on: nanotilt train --resume {shlex.quote(str(result.folder))}")


def _say_scores(result: TrainingResult) -> None:
    test, paper = result.metrics.test, result.metrics.paper
    line = (
        f"accuracy  {100 * test.accuracy:.2f} % ± {100 * test.standard_error:.2f} % "
        f"on {test.n_samples:,} unseen samples"
    )
    if paper is not None:
        line += f"; the paper: {100 * paper.accuracy:.1f} %"
    print(line)
    if result.metrics.same_view is not None:
        control = result.metrics.same_view.accuracy
        print(f"control   {100 * control:.2f} % with the first view in place of all")


def _say_stopped(stopped: RunStopped) -> None:
    if stopped.folder is None:
        print("Stopped before the first epoch was complete; nothing is kept.")
        return
    print(f"Stopped. To go on: nanotilt train --resume {shlex.quote(str(stopped.folder))}")
