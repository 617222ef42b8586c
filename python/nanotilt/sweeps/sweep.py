"""Runs of an experiment over seeds and varied values; what is finished is never done again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from nanotilt._base import backend
from nanotilt._base import checks as check
from nanotilt._base.files import write_text
from nanotilt.experiments import registry
from nanotilt.experiments.experiment import BUDGETS, Experiment
from nanotilt.runs.collect import run_folders
from nanotilt.runs.folder import TRAINING, RunFolder
from nanotilt.runs.reading import belongs_to, status
from nanotilt.runs.settings import MODEL_NAMES, OWN_NETWORK, is_own
from nanotilt.sweeps import (
    anomaly,
    classification,
    orientation,
    own,
    segmentation,
    tagging,
    variation,
)
from nanotilt.sweeps.cells import Cell, Sweep
from nanotilt.sweeps.progress import Clock, ResultsWriter
from nanotilt.tasks.kinds import (
    ANOMALY,
    CLASSIFICATION,
    DETECTION,
    ORIENTATION,
    SEGMENTATION,
    TAGGING,
)
from nanotilt.training import Watcher
from nanotilt.training.own_name import Build, named, short_name

REPEATS = {"quick": 1, "full": 3}
"""Seeds per combination of values, unless the user decides."""

RESULTS, REPORT = "results.csv", "report.html"


class Kind(Protocol):
    """How runs of one kind of experiment are checked, begun and resumed: a module of this folder.

    `begin` and `resume` tell whether the user stopped the run.
    """

    def checked(
        self, vary: Mapping[str, Sequence[float]], experiment: Experiment
    ) -> dict[str, tuple[float, ...]]:
        """The values to vary, if they fit."""

    def check_resumable(self, folder: RunFolder) -> None:
        """Raises ValueError unless a run that was stopped can go on."""

    def begin(self, sweep: Sweep, cell: Cell, watcher: Watcher, command: str | None) -> bool:
        """Runs one run from the beginning."""

    def resume(self, sweep: Sweep, cell: Cell, watcher: Watcher) -> bool:
        """Goes on with a run that was stopped."""


_KINDS: Mapping[str, Kind] = {
    CLASSIFICATION: classification,
    ORIENTATION: orientation,
    SEGMENTATION: segmentation,
    ANOMALY: anomaly,
    DETECTION: anomaly,
    TAGGING: tagging,
}

_OWN_NETWORKS = (SEGMENTATION, ANOMALY, DETECTION, TAGGING)


def run(
    experiment: Experiment | str,
    *,
    model: str | Build = "fast",
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
    its last complete epoch, bit for bit.

    Args:
        experiment: An experiment or its name.
        model: "fast" or "paper": the network and its training. In experiments that classify also
            your own network: a function of the recipe, or its name, "package.module:function", as
            for `nanotilt.training.train`. It has an output for each answer that is asked for, and
            the training plan of "fast".
        budget: "quick": a first impression. "full": what published figures are made with. The tests
            take 20,000 and 100,000 samples, of orientations 4,000 and 20,000 pairs.
        repeats: Number of seeds: seed, seed + 1, ... None: 1 quick, 3 full.
        seed: The first seed.
        vary: Values to vary, see `nanotilt.sweeps.variation` and, for orientations,
            `nanotilt.sweeps.orientation.VARIED`; all combinations are run. None: the experiment's
            own variations, if it has any.
        out: The folder. None: runs/<experiment>-<model>-<budget>; <model> is the function's name
            alone, if the network is your own.
        n_threads: Threads for simulation and TensorFlow. None: all that may be used.
        watcher: A `nanotilt.training.Watcher` that is called as training proceeds.
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
    import nanotilt.report.overview.page  # noqa: F401  what can't be drawn is known before training

    _check_folder(sweep)
    told = watcher or Watcher()
    with told.stage("Loading TensorFlow"):
        backend.load(n_threads)
    left = [cell for cell in sweep.cells if not is_finished(cell.folder)]
    if is_own(sweep.model):
        own.check_fits(sweep, left, told)
    clock = Clock(len(sweep.cells), len(left), told)
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
    model: str | Build,
    budget: str,
    repeats: int | None,
    seed: int,
    vary: Mapping[str, Sequence[float]],
    out: str | os.PathLike[str] | None,
    n_threads: int | None,
) -> Sweep:
    """Lays out the runs; see `run` for the arguments and what is raised."""
    model, build = named(model)
    if is_own(model):
        own.check_taken(experiment, model, vary)
    else:
        model = check.choice("model", model, (*MODEL_NAMES, OWN_NETWORK))
    if experiment.kind in _OWN_NETWORKS and model != "fast":
        raise ValueError(
            "model must be fast: each experiment on fields, patches or scattering has its own "
            "network. "
            f"{check.received('model', model)}"
        )
    if model == "paper":
        variation.check_width_is_free(vary)
    budget = check.choice("budget", budget, BUDGETS)
    n = REPEATS[budget] if repeats is None else check.integer("repeats", repeats, at_least=1)
    seed = check.seed_number(seed)
    check.seed_number(seed + n - 1)
    if n_threads is not None:
        n_threads = check.integer("n_threads", n_threads, at_least=1)
    if experiment.parts and vary:
        raise ValueError(
            f"vary must be empty: {experiment.name} lays runs of other experiments side by side. "
            f"{check.received('vary', dict(vary))}"
        )
    values = _KINDS[experiment.kind].checked(vary, experiment)
    usual = Path("runs") / f"{experiment.name}-{short_name(model)}-{budget}"
    folder = usual if out is None else Path(out)
    cells: list[Cell] = []
    for name in experiment.parts:
        part = registry.by_name(name)
        cells += [Cell(part, {}, s, folder / name / f"seed{s}") for s in range(seed, seed + n)]
    usual_values: Iterable[Mapping[str, float]] = () if experiment.parts else ({},)
    if experiment.variations and not values:
        usual_values = experiment.variations
    for varied in variation.combinations(values) if values else usual_values:
        for s in range(seed, seed + n):
            cells += _with_pretraining(experiment, varied, s, folder)
    return Sweep(experiment, model, budget, folder, tuple(cells), n_threads, build)


def is_finished(folder: Path) -> bool:
    """Whether a run's folder holds a finished run."""
    return status(folder) == "finished"


def without_report(sweep: Sweep) -> tuple[Path, ...]:
    """Folders of the runs that are trained and tested, but what should follow failed."""
    return tuple(cell.folder for cell in sweep.cells if status(cell.folder) == "trained")


def write_results(out: Path) -> None:
    """Writes results.csv and report.html over all runs in a folder."""
    from nanotilt.report import overview

    collection = overview.collect([out])
    table = overview.to_csv(collection.runs)
    write_text(out / RESULTS, table)
    page = overview.overview_page(collection, out=out / REPORT, title=out.name)
    write_text(out / REPORT, page)


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
    kind = _KINDS[cell.experiment.kind]
    if (cell.folder / TRAINING).is_file():
        return kind.resume(sweep, cell, watcher)
    return kind.begin(sweep, cell, watcher, command)


def _check_folder(sweep: Sweep) -> None:
    """Refuses a folder that holds runs of something else, or runs that can't go on.

    Raises:
        FileExistsError: it holds something else.
        ValueError: files of a run are damaged.
    """
    names = {cell.experiment.name for cell in sweep.cells} | {
        sweep.experiment.name, sweep.experiment.pretrained_on
    }  # fmt: skip
    for run_folder in run_folders(sweep.out):
        name, budget, model = belongs_to(run_folder)
        fixed = sweep.experiment.kind in _OWN_NETWORKS  # each experiment has its own network
        if name not in names or budget != sweep.budget or (model != sweep.model and not fixed):
            raise FileExistsError(
                f"{run_folder} holds a run that is not one of {sweep.experiment.name} with the "
                f"{sweep.model} network and the {sweep.budget} budget; choose another folder"
            )

    for cell in sweep.cells:
        if (cell.folder / TRAINING).is_file() and not is_finished(cell.folder):
            _KINDS[cell.experiment.kind].check_resumable(RunFolder.reopen(cell.folder))
