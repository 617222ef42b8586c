"""``nanotilt run`` and ``nanotilt experiments`` where an orientation experiment is meant."""

from __future__ import annotations

import shlex
import warnings
from collections.abc import Iterable
from typing import Any

from nanotilt import experiments, orientation
from nanotilt.cli.errors import INTERRUPTED, UsageError
from nanotilt.orientation import results
from nanotilt.orientation import sweep as sweeps
from nanotilt.sweeps.sweep import REPORT, RESULTS
from nanotilt.training import RunStopped


def run(name: str, options: dict[str, Any], command: Iterable[str]) -> int:
    """Runs an orientation experiment.

    Args:
        name: Its name.
        options: Those of `nanotilt.orientation.run`.
        command: The words of the command line.

    Returns:
        The exit code.

    Raises:
        UsageError: something was asked wrongly.
    """
    experiment = experiments.by_name(name)
    try:
        sweeps.plan(experiment, **options)
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from error
    from nanotilt.cli.live import watcher_for_stdout

    try:
        with watcher_for_stdout() as watcher, warnings.catch_warnings():
            warnings.showwarning = lambda message, *_, **__: watcher.note(str(message))
            sweep = sweeps.run(experiment, **options, watcher=watcher, command=shlex.join(command))
    except FileExistsError as error:
        raise UsageError(f"{error} (--out)") from error
    except RunStopped:
        print(
            "Stopped. The same command again goes on: finished runs stay, this one is begun anew."
        )
        return INTERRUPTED
    for line in result_lines(name, results.read_runs(sweep.out)):
        print(line)
    print(f"table     {sweep.out / RESULTS}")
    print(f"report    {sweep.out / REPORT}")
    return 0


def result_lines(name: str, runs: Iterable[orientation.FinishedRun]) -> Iterable[str]:
    """What the runs scored: one line for each set of values."""
    for group in results.groups(tuple(runs)):
        counted = group.trained or group.runs
        std = sum(run.metrics["std_deg"] for run in counted) / len(counted)
        share = sum(run.within[1] for run in counted) / len(counted)
        yield (
            f"{name}, {group.name}: std of the error {std:.3f} deg, within 1 deg "
            f"{100 * share:.2f} %; {len(group.trained)} of {len(group.runs)} runs trained"
        )
