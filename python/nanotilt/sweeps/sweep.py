"""Runs of an experiment over seeds and varied values; what is finished is never done again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nanotilt._base import backend
from nanotilt._base import checks as check
from nanotilt._base.decoding import member
from nanotilt._base.files import write_text
from nanotilt._base.text_files import damaged
from nanotilt.experiments import registry, variation
from nanotilt.experiments.experiment import BUDGETS, Experiment
from nanotilt.runs import configuration
from nanotilt.runs.configuration import Request
from nanotilt.runs.folder import METRICS, MODEL, TRAINING, RunFolder
from nanotilt.runs.settings import MODEL_NAMES, Options
from nanotilt.sweeps.progress import Clock, ResultsWriter
from nanotilt.tasks.task import Task
from nanotilt.training import Watcher, start

REPEATS = {"quick": 1, "full": 3}
"""Seeds per combination of values, unless the user decides."""

TEST_SAMPLES = {"quick": 20_000, "full": 100_000}

RESULTS, REPORT = "results.csv", "report.html"


@dataclass(frozen=True)
class Cell:
    """One run of a sweep.

    Attributes:
        experiment: What is run.
        variation: Varied values.
        seed: Seed of stream and weights.
        folder: Its out folder.
        start_from: The run whose network it starts from, or None.
    """

    experiment: Experiment
    variation: Mapping[str, float]
    seed: int
    folder: Path
    start_from: Cell | None = None


@dataclass(frozen=True)
class Sweep:
    """All runs that were asked for.

    Attributes:
        experiment: What is run.
        model: The network.
        budget: How much to spend on each run.
        out: Where everything goes.
        cells: The runs, in their order; one that starts from another comes after it.
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

    The folder gets a run folder for each run, results.csv and report.html over all of them. Called
    again with the same folder, it goes on: finished runs stay, an interrupted one is resumed from
    its last complete epoch.

    Args:
        experiment: An experiment or its name.
        model: "fast" or "paper".
        budget: "quick": a first impression, 20,000 test samples. "full": what published figures are
            made with, 100,000 test samples.
        repeats: Number of seeds: seed, seed + 1, ... None: 1 quick, 3 full.
        seed: The first seed.
        vary: Values to vary, see `nanotilt.experiments.variation`; all combinations are run.
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
    found = registry.by_name(experiment) if isinstance(experiment, str) else experiment
    sweep = plan(found, model, budget, repeats, seed, vary or {}, out, n_threads)
    backend.check_installed()
    _check_folder(sweep)
    told = watcher or Watcher()
    with told.stage("Loading TensorFlow"):
        backend.load(n_threads)
    n_left = sum(not is_finished(cell.folder) for cell in sweep.cells)
    clock = Clock(len(sweep.cells), n_left, told)
    results = ResultsWriter(sweep.out, write_results, told)
    for cell in sweep.cells:
        if not is_finished(cell.folder):
            clock.begins(cell.experiment.name, cell.variation, cell.seed)
            stopped = _run_cell(sweep, cell, told, command)
            clock.ended()
            if stopped:
                break
        results.write()
    results.check()
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
    values = variation.checked(vary, experiment.recipe())
    folder = Path("runs") / f"{experiment.name}-{model}-{budget}" if out is None else Path(out)
    cells: list[Cell] = []
    for varied in variation.combinations(values):
        for s in range(seed, seed + n):
            cells += _with_pretraining(experiment, varied, s, folder)
    return Sweep(experiment, model, budget, folder, tuple(cells), n_threads)


def is_finished(folder: Path) -> bool:
    """Whether a run's folder holds a finished run."""
    return _status(folder) == "finished"


def without_report(sweep: Sweep) -> tuple[Path, ...]:
    """Folders of the runs that are trained and tested, but what should follow failed."""
    return tuple(cell.folder for cell in sweep.cells if _status(cell.folder) == "trained")


def write_results(out: Path) -> None:
    """Writes results.csv and report.html over all runs in a folder."""
    from nanotilt.report import overview

    collection = overview.collect([out])
    table = overview.to_csv(collection.runs)
    write_text(out / RESULTS, table)
    page = overview.overview_page(collection, out=out / REPORT, title=out.name)
    write_text(out / REPORT, page)


def _status(folder: Path) -> str | None:
    """What a run's training.json says of it; None without scores: those are written before."""
    if not (folder / TRAINING).is_file() or not (folder / METRICS).is_file():
        return None
    status: str | None = RunFolder(folder).read_json(TRAINING).get("status")
    return status


def _with_pretraining(
    experiment: Experiment, varied: Mapping[str, float], seed: int, folder: Path
) -> list[Cell]:
    """A run, after the one that it starts from if there is one."""
    place = folder / variation.folder_name(varied) / f"seed{seed}"
    if experiment.pretrained_on is None:
        return [Cell(experiment, varied, seed, place)]
    # Both networks must be alike; what is varied in a recipe, though, is not in every recipe.
    alike = {name: value for name, value in varied.items() if name in variation.TRAINING}
    first = Cell(
        registry.by_name(experiment.pretrained_on),
        alike,
        seed,
        folder / "pretraining" / variation.folder_name(alike) / f"seed{seed}",
    )
    return [first, Cell(experiment, varied, seed, place, first)]


def _run_cell(sweep: Sweep, cell: Cell, watcher: Watcher, command: str | None) -> bool:
    """Runs or resumes one run; tells whether the user stopped it."""
    if (cell.folder / TRAINING).is_file():
        resumed = start.resume(cell.folder, n_threads=sweep.n_threads, watcher=watcher)
        return resumed is not None and resumed.interrupted
    folder = RunFolder.create(cell.folder, overwrite=True)
    request, options = _request(sweep, cell, command), _options(sweep, cell)
    return start.begin(request, options, folder, watcher).interrupted


def _request(sweep: Sweep, cell: Cell, command: str | None) -> Request:
    from nanotilt import models

    experiment, task = cell.experiment, cell.experiment.asked()
    assert isinstance(task, Task)
    network = dict(experiment.network)
    if "width" in cell.variation:
        usual = models.by_name(sweep.model).network_options()
        network |= variation.widened(usual, cell.variation["width"])
    start_from = None
    if cell.start_from is not None:
        start_from = os.path.relpath(cell.start_from.folder / MODEL, cell.folder)
    return Request(
        variation.varied_recipe(experiment.recipe(), cell.variation),
        experiment.name,
        command,
        task=task,
        network=network,
        budget=sweep.budget,
        start_from=start_from,
        paper=experiment.published,
        experiment={
            "name": experiment.name,
            "budget": sweep.budget,
            "variation": dict(cell.variation),
        },
    )


def _options(sweep: Sweep, cell: Cell) -> Options:
    from nanotilt import models

    options = Options(
        model=sweep.model,
        seed=cell.seed,
        test_samples=TEST_SAMPLES[sweep.budget],
        n_threads=sweep.n_threads,
    )
    if "samples" not in cell.variation:
        return options
    usual = models.by_name(sweep.model).training_plan(cell.experiment.recipe(), sweep.budget)
    # A fixed set is what the network learns from in all its epochs; fresh samples are spread over
    # the plan's epochs, so that learning rate schedules keep their shape.
    epochs = 1 if usual.fixed_set else usual.epochs
    steps = max(1, round(cell.variation["samples"] / (epochs * usual.batch_size)))
    return replace(options, steps_per_epoch=steps)


def _check_folder(sweep: Sweep) -> None:
    """Refuses a folder that holds runs of something else, or runs that can't go on.

    Raises:
        FileExistsError: it holds something else.
        ValueError: files of a run are damaged.
    """
    names = (sweep.experiment.name, sweep.experiment.pretrained_on)
    for run_folder in _run_folders(sweep.out):
        described = RunFolder(run_folder).read_json(TRAINING)
        try:
            name, budget, model = (
                member(described, key, str, None)
                for key in ("experiment.name", "experiment.budget", "model.name")
            )
        except ValueError as error:
            raise damaged(run_folder / TRAINING, error) from error
        if name not in names or budget != sweep.budget or model != sweep.model:
            raise FileExistsError(
                f"{run_folder} holds a run that is not one of {sweep.experiment.name} with the "
                f"{sweep.model} network and the {sweep.budget} budget; choose another folder"
            )

    for cell in sweep.cells:
        if (cell.folder / TRAINING).is_file() and not is_finished(cell.folder):
            configuration.read(RunFolder.reopen(cell.folder))


def _run_folders(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob(TRAINING)):
        yield path.parent
