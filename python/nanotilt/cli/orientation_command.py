"""``nanotilt run`` and ``nanotilt experiments`` where an orientation experiment is meant."""

from __future__ import annotations

import shlex
import textwrap
import warnings
from collections.abc import Iterable
from typing import Any

from nanotilt import orientation
from nanotilt.cli.errors import INTERRUPTED, UsageError
from nanotilt.orientation import Expectation, OrientationExperiment, results
from nanotilt.orientation import sweep as sweeps
from nanotilt.orientation.experiment import MODEL_NAMES
from nanotilt.runs.words import duration
from nanotilt.sweeps.sweep import REPORT, RESULTS
from nanotilt.training import RunStopped

HEADING = "Orientations from stereo pairs (Laurie 2024, docs/orientation_experiments.md)"
_WIDTH = 100


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
    experiment = orientation.by_name(name)
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


def print_table(experiments: Iterable[OrientationExperiment]) -> None:
    """Prints each experiment: name and question, then the scores below, under a heading."""
    everything = list(experiments)
    width = max(len(experiment.name) for experiment in everything)
    print(f"\n{HEADING}\n")
    for experiment in everything:
        print(f"{experiment.name:<{width}}  {experiment.question}")
        facts = [f"paper: {experiment.paper_text}"]
        for model in MODEL_NAMES:
            expected = experiment.expected(model)
            if expected is not None:
                facts.append(f"{_NETWORKS[model]}: {expected_words(expected)}")
        for line in textwrap.wrap("; ".join(facts), _WIDTH - width - 2):
            print(f"{'':<{width}}  {line}")


_NETWORKS = {"fast": "fast network", "paper": "paper's network here"}


def expected_words(expected: Expectation) -> str:
    """What an experiment should score, and the time."""
    words = (
        f"std {expected.std_deg:.2f} deg, {100 * expected.within_1_deg:.1f} % within 1 deg "
        f"in {duration(60 * expected.minutes)}"
    )
    if expected.trained_share < 1:
        words += f", {100 * expected.trained_share:.0f} % of {expected.runs} runs trained"
    return words + (", quick budget" if expected.budget == "quick" else "")
