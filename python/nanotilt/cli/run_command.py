"""``nanotilt run`` and ``nanotilt experiments``: the papers' experiments by name."""

from __future__ import annotations

import argparse
import dataclasses
import difflib
import json
import shlex
import warnings
from pathlib import Path
from typing import Any

import nanotilt
from nanotilt import experiments
from nanotilt._base import backend
from nanotilt.cli.errors import FAILURE, INTERRUPTED, UsageError
from nanotilt.cli.experiment_table import all_result_lines
from nanotilt.runs.settings import MODEL_NAMES
from nanotilt.sweeps import Sweep, variation
from nanotilt.sweeps import sweep as sweeps
from nanotilt.tasks.kinds import CLASSIFICATION
from nanotilt.training import RunStopped
from nanotilt.training.own_name import NotANetworkError, look_in_current_folder

_EPILOG = f"""\
what can be varied:
  samples   training samples (fast: all of a run's; paper: the fixed set's)
  width     a factor on the units of all layers (fast only)
  {", ".join(variation.SHORT)}
  or any number in the recipe's JSON, such as classes.hole.features.0.radius_std
  of orientation experiments: samples (pairs), stereo_deg (degrees), binary (0 or 1: whether
  pixels are inside or outside), paper_network (0 or 1)

your own network:
  Experiments that classify take it as nanotilt train does (see: nanotilt train --help), with the
  samples and epochs of fast: a function of the recipe that returns a keras.Model with an output
  for each answer. Its module is looked for in the current folder, too. Experiments on
  orientations or particles, those that start from another experiment's network, those about an
  option of nanotilt's networks, and --vary width take nanotilt's networks only.

stopping:
  Ctrl-C stops after the step at hand, and the exit code is 130. Give the same command again to go
  on: runs that are finished stay, an interrupted one is resumed from its last complete epoch.

examples:
  nanotilt run hole-stereo                            one run, a few minutes
  nanotilt run hole-stereo --model paper --budget full   what the paper did, three times
  nanotilt run chirality --vary noise=0,0.001,0.01 --repeats 2
  nanotilt run hole-stereo --model my_networks:build --repeats 3   your own network
  nanotilt run square-label-free --vary stereo_deg=3,4,5,10,15,20,35
  nanotilt report runs -o report.html                 all runs on one page

exit codes: 0 done, 1 failed, 2 wrong arguments, 130 stopped by Ctrl-C
"""


def add_to(commands: Any) -> None:
    """Adds both commands to the parser."""
    parser = commands.add_parser(
        "run",
        help="run one of the papers' experiments, over several seeds if asked for",
        description="Runs an experiment: trains, tests, explains, and writes one page over all "
        "its runs.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", metavar="NAME", help="see: nanotilt experiments")
    parser.add_argument(
        "--model",
        metavar="NETWORK",
        default="fast",
        help="the network and its training: fast, or paper as published, or your own network, as "
        "package.module:function (default: fast)",
    )
    parser.add_argument(
        "--budget",
        choices=experiments.BUDGETS,
        default="quick",
        help="quick: a first impression; full: what published figures are made with "
        "(default: quick)",
    )
    _number(parser, "--repeats", "N", "seeds per combination of values (default: 1; full: 3)")
    _number(parser, "--seed", "S", "the first seed (default: 0)")
    parser.add_argument(
        "--vary",
        metavar="NAME=VALUE,VALUE,...",
        action="append",
        default=[],
        help="vary a number; may be given several times, all combinations are run",
    )
    _number(parser, "--threads", "N", "threads to use (default: all that may be used)")
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        help="folder of the runs (default: runs/NAME-MODEL-BUDGET, with the function of your own "
        "network for MODEL); an earlier sweep in it goes on",
    )
    parser.set_defaults(run=run)
    listing = commands.add_parser(
        "experiments",
        help="which experiments there are, and what they should score",
        description="Lists the experiments: question, the paper's result, the expected one, the "
        "time of a run with one thread.",
    )
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.set_defaults(run=list_all)


def _number(parser: Any, flag: str, metavar: str, text: str) -> None:
    parser.add_argument(flag, metavar=metavar, type=int, help=text)


def run(arguments: argparse.Namespace) -> int:
    """Runs an experiment."""
    backend.check_installed("rich")
    look_in_current_folder()  # the user's own network may lie here
    name = _known(arguments.name)
    options = {
        "model": arguments.model,
        "budget": arguments.budget,
        "repeats": arguments.repeats,
        "seed": arguments.seed or 0,
        "vary": _values(arguments.vary),
        "out": arguments.out,
        # TensorFlow would take every processor that it sees, whatever share of them it may use.
        "n_threads": nanotilt.build_info()["threads"]
        if arguments.threads is None
        else arguments.threads,
    }
    experiment = experiments.by_name(name)
    try:
        sweeps.plan(experiment, **options)
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from error
    from nanotilt.cli.live import watcher_for_stdout

    try:
        with watcher_for_stdout() as watcher, warnings.catch_warnings():
            warnings.showwarning = lambda message, *_, **__: watcher.note(str(message))
            command = shlex.join(arguments.command)
            sweep = sweeps.run(experiment, **options, watcher=watcher, command=command)
    except FileExistsError as error:
        raise UsageError(f"{error} (--out)") from error
    except NotANetworkError as error:
        raise UsageError(str(error)) from error
    except RunStopped:
        print("Stopped. Give the same command again to go on.")
        return INTERRUPTED
    return _say(sweep)


def _say(sweep: Sweep) -> int:
    """Says how a sweep ended."""
    from nanotilt.report import overview

    done = sum(sweeps.is_finished(cell.folder) for cell in sweep.cells)
    runs = overview.collect([sweep.out]).runs
    for line in all_result_lines(runs):
        print(line)
    for what, name in (("table", sweeps.RESULTS), ("report", sweeps.REPORT)):
        if (sweep.out / name).is_file():  # a sweep stopped in its first run has none yet
            print(f"{what:<9} {sweep.out / name}")
    failed = sweeps.without_report(sweep)
    if failed:
        print(
            f"{len(failed)} of {len(sweep.cells)} runs are trained and tested, but without a "
            f"report, such as {failed[0]}. Give the same command again to make it."
        )
    if done + len(failed) < len(sweep.cells):
        print(f"Stopped after {done} of {len(sweep.cells)} runs. Give the command again to go on.")
        return INTERRUPTED
    return FAILURE if failed else 0


def _known(name: str) -> str:
    """The name, if there is an experiment of that name."""
    if name in experiments.names():
        return name
    near = difflib.get_close_matches(name, experiments.names(), n=1)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    raise UsageError(f"there is no experiment {name!r}.{meant} See: nanotilt experiments")


def _values(words: list[str]) -> dict[str, list[float]]:
    """What --vary says."""
    values: dict[str, list[float]] = {}
    for word in words:
        name, equals, listed = word.partition("=")
        try:
            values[name] = [float(number) for number in listed.split(",")]
        except ValueError as error:
            raise UsageError(
                f"--vary must be NAME=VALUE,VALUE,... with numbers. Received: {word!r}"
            ) from error
        if not name or not equals:
            raise UsageError(f"--vary must be NAME=VALUE,VALUE,... Received: {word!r}")
    return values


def list_all(arguments: argparse.Namespace) -> int:
    """Prints the list."""
    everything = [experiments.by_name(name) for name in experiments.names()]
    if arguments.json:
        print(json.dumps([_as_json(experiment) for experiment in everything], indent=2))
        return 0
    from nanotilt.cli.experiment_table import print_table

    print_table(everything)
    return 0


def _as_json(experiment: experiments.Experiment) -> dict[str, Any]:
    expected = {model: experiment.expected(model) for model in MODEL_NAMES}
    return {
        "kind": experiment.kind,
        "name": experiment.name,
        "question": experiment.question,
        "about": experiment.about,
        **_of_its_kind(experiment),
        "target": experiment.target,
        "variations": list(map(dict, experiment.variations)),
        "parts": list(experiment.parts),
        "expected": {m: dataclasses.asdict(value) for m, value in expected.items() if value},
    }


def _of_its_kind(experiment: experiments.Experiment) -> dict[str, Any]:
    if experiment.kind == CLASSIFICATION:
        return {
            "recipe": experiment.recipe_name,
            "paper": experiment.published and dataclasses.asdict(experiment.published),
        }
    asked = dataclasses.asdict(experiment.asked())
    if "elsewhere" in asked:  # recipes by name
        asked["elsewhere"] = list(asked["elsewhere"])
    task = {name: value for name, value in asked.items() if not callable(value)}
    return {"method": experiment.method, **task, "paper": experiment.paper_text}
