"""Runs of an orientation experiment over seeds and varied values; finished ones stay."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nanotilt._base import backend
from nanotilt._base import checks as check
from nanotilt._base.files import write_text
from nanotilt._base.symmetry import stereo_angle_rad
from nanotilt.experiments import BUDGETS, Experiment, by_name, variation
from nanotilt.orientation import results, single_run
from nanotilt.orientation.single_run import Cell
from nanotilt.runs.settings import MODEL_NAMES
from nanotilt.sweeps.progress import ResultsWriter
from nanotilt.sweeps.sweep import REPEATS, REPORT, RESULTS
from nanotilt.tasks.orientation import OrientationTask
from nanotilt.training import Watcher

SWITCHES = ("binary", "paper_network")
VARIED = ("stereo_deg", "samples", *SWITCHES)
"""What can be varied: the stereo angle in degrees; pairs to train on; 1 or 0, whether pixels are
inside or outside, with nothing between; whether the network is the paper's, in either training."""


@dataclass(frozen=True)
class Sweep:
    """All runs that were asked for.

    Attributes:
        experiment: What is run.
        model: The network.
        budget: How much to spend on each run.
        out: Where everything goes.
        cells: The runs, in their order.
        n_threads: Threads, or None: all that may be used.
    """

    experiment: Experiment
    model: str
    budget: str
    out: Path
    cells: tuple[Cell, ...]
    n_threads: int | None


def run(
    experiment: Experiment | str,
    *,
    model: str = "fast",
    budget: str = "quick",
    repeats: int | None = None,
    seed: int = 0,
    vary: Mapping[str, Sequence[float]] | None = None,
    out: str | os.PathLike[str] | None = None,
    n_threads: int | None = None,
    watcher: Watcher | None = None,
    command: str | None = None,
) -> Sweep:
    """Runs an experiment, over several seeds and varied values if asked for.

    The folder gets a folder for each run (metrics.json, history.csv, model.keras, predictions.npz),
    results.csv and report.html over all of them. Called again with the same folder, it goes on:
    finished runs stay, an interrupted one is begun anew.

    Args:
        experiment: An experiment or its name.
        model: "paper": the paper's network, loss and binary pixels, on a fixed set of 4,096 pairs.
            "fast": a faster-learning network, the circular loss, anti-aliased pixels, fresh pairs.
        budget: "quick": a first impression, 4,000 test pairs. "full": 20,000 test pairs.
        repeats: Number of seeds: seed, seed + 1, ... None: 1 quick, 3 full.
        seed: The first seed.
        vary: Values of "stereo_deg" (degrees), "samples" (pairs), "binary" and "paper_network" (0
            or 1); all combinations are run.
        out: The folder. None: runs/<experiment>-<model>-<budget>.
        n_threads: Threads for simulation and TensorFlow. None: all that may be used.
        watcher: Is told how it goes.
        command: The command line, for the record.

    Raises:
        FileExistsError: the folder holds something else.
        ImportError: TensorFlow or what else training needs is not installed.
        OSError: the folder can't be written to.
        RunStopped: Ctrl-C.
        RuntimeError: all runs are done, but the page over them could not be made.
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    found = by_name(experiment) if isinstance(experiment, str) else experiment
    sweep = plan(found, model, budget, repeats, seed, vary or {}, out, n_threads)
    backend.check_installed()
    import nanotilt.orientation.page  # noqa: F401  what can't be drawn with is known before training

    results.check_folder(sweep.out, found.name, model, budget)
    told = watcher or Watcher()
    with told.stage("Loading TensorFlow"):
        backend.load(n_threads)
    left = [cell for cell in sweep.cells if not cell.is_finished]
    if len(left) < len(sweep.cells):
        told.note(f"{len(sweep.cells) - len(left)} of {len(sweep.cells)} runs are done already")
    written = ResultsWriter(sweep.out, write_results, told)
    for cell in left:
        words = [f"run {sweep.cells.index(cell) + 1} of {len(sweep.cells)}: {found.name}"]
        words += [f"{name} {value:g}" for name, value in cell.variation.items()]
        told.note(", ".join([*words, f"{model} network", f"seed {cell.seed}"]))
        single_run.run_cell(cell, n_threads, told, command)
        written.write()
    if not left:
        written.write()
    written.check()
    return sweep


def plan(
    experiment: Experiment,
    model: str,
    budget: str,
    repeats: int | None,
    seed: int,
    vary: Mapping[str, Sequence[float]],
    out: str | os.PathLike[str] | None,
    n_threads: int | None,
) -> Sweep:
    """Lays out the runs; see `run` for the arguments and what is raised."""
    model = check.choice("model", model, MODEL_NAMES)
    budget = check.choice("budget", budget, BUDGETS)
    n = REPEATS[budget] if repeats is None else check.integer("repeats", repeats, at_least=1)
    seed = check.seed_number(seed)
    check.seed_number(seed + n - 1)
    if n_threads is not None:
        n_threads = check.integer("n_threads", n_threads, at_least=1)
    task = experiment.asked()
    assert isinstance(task, OrientationTask)
    values = checked(vary, task.symmetry)
    folder = Path("runs") / f"{experiment.name}-{model}-{budget}" if out is None else Path(out)
    cells = tuple(
        Cell(
            experiment, model, budget, varied, s,
            folder / variation.folder_name(varied) / f"seed{s}",
        )
        for varied in variation.combinations(values)
        for s in range(seed, seed + n)
    )  # fmt: skip
    return Sweep(experiment, model, budget, folder, cells, n_threads)


def checked(vary: Mapping[str, Sequence[float]], symmetry: int) -> dict[str, tuple[float, ...]]:
    """The values to vary.

    Args:
        vary: Values of any of `VARIED`.
        symmetry: The experiment's rotational order.

    Raises:
        TypeError: a value is not a number.
        ValueError: a name or value does not fit, such as a stereo angle at which both views of a
            pair are the same.
    """
    fine = {}
    for name, values in vary.items():
        field = f"vary[{name!r}]"
        if name not in VARIED:
            raise ValueError(
                f"vary must name one of {', '.join(VARIED)}. {check.received('vary', name)}"
            )
        numbers = tuple(check.real(field, value) for value in values)
        if not numbers or len(set(numbers)) < len(numbers):
            raise ValueError(
                f"{field} must have different values, one at least. "
                f"{check.received('values', values)}"
            )
        for number in numbers:
            if name == "stereo_deg":
                stereo_angle_rad(number, symmetry, field)
            elif name in SWITCHES:
                if number not in (0, 1):
                    raise ValueError(f"{field} must be 0 or 1. {check.received(field, number)}")
            elif number < FEWEST_SAMPLES or number != int(number):
                raise ValueError(
                    f"{field} must be a whole number >= {FEWEST_SAMPLES}. "
                    f"{check.received(field, number)}"
                )
        fine[name] = numbers
    return fine


FEWEST_SAMPLES = 64
"""One batch; provisional angles need 32 pairs."""


def write_results(out: Path) -> None:
    """Writes results.csv and report.html over all finished runs in a folder."""
    from nanotilt.orientation.page import results_page

    runs = results.read_runs(out)
    table = results.to_csv(runs)
    write_text(out / RESULTS, table)
    page = results_page(runs, title=out.name)
    write_text(out / REPORT, page)
