"""How a sweep runs a network that classifies."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

from nanotilt.experiments.experiment import Experiment
from nanotilt.runs import configuration
from nanotilt.runs.configuration import Request
from nanotilt.runs.folder import MODEL, RunFolder
from nanotilt.runs.settings import MODEL_NAMES, Options, is_own
from nanotilt.sweeps import variation
from nanotilt.sweeps.cells import Cell, Sweep
from nanotilt.tasks.task import Task
from nanotilt.training import Watcher, start

TEST_SAMPLES = {"quick": 20_000, "full": 100_000}


def checked(
    vary: Mapping[str, Sequence[float]], experiment: Experiment
) -> dict[str, tuple[float, ...]]:
    """The values to vary, if they and the task fit; see `nanotilt.sweeps.variation.checked`."""
    recipe = experiment.recipe()
    _task(experiment).checked(recipe)
    return variation.checked(vary, recipe)


def check_resumable(folder: RunFolder) -> None:
    """Raises ValueError unless a run that was stopped can go on."""
    configuration.read(folder)


def begin(sweep: Sweep, cell: Cell, watcher: Watcher, command: str | None) -> bool:
    """Runs one run from the beginning; tells whether the user stopped it."""
    folder = RunFolder.create(cell.folder, overwrite=True)
    request, options = asked(sweep, cell, command)
    return start.begin(request, options, folder, watcher).interrupted


def resume(sweep: Sweep, cell: Cell, watcher: Watcher) -> bool:
    """Goes on with a run that was stopped; tells whether the user stopped it again."""
    resumed = start.resume(
        cell.folder, n_threads=sweep.n_threads, watcher=watcher, model=sweep.build
    )
    return resumed is not None and resumed.interrupted


def asked(sweep: Sweep, cell: Cell, command: str | None) -> tuple[Request, Options]:
    """What one run is asked for.

    Args:
        sweep: All runs.
        cell: The run.
        command: The command line, for the record.
    """
    return _request(sweep, cell, command), _options(sweep, cell)


def _request(sweep: Sweep, cell: Cell, command: str | None) -> Request:
    from nanotilt import models

    experiment = cell.experiment
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
        task=_task(experiment),
        network=network,
        budget=sweep.budget,
        start_from=start_from,
        paper=experiment.published,
        experiment={
            "name": experiment.name,
            "budget": sweep.budget,
            "variation": dict(cell.variation),
        },
        build=sweep.build,
    )


def _task(experiment: Experiment) -> Task:
    task = experiment.asked()
    assert isinstance(task, Task)
    return task


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
    # Networks of the user's own have the plan of nanotilt's first.
    name = MODEL_NAMES[0] if is_own(sweep.model) else sweep.model
    usual = models.by_name(name).training_plan(cell.experiment.recipe(), sweep.budget)
    # A fixed set is what the network learns from in all its epochs; fresh samples are spread over
    # the plan's epochs, so that learning rate schedules keep their shape.
    epochs = 1 if usual.fixed_set else usual.epochs
    steps = max(1, round(cell.variation["samples"] / (epochs * usual.batch_size)))
    return replace(options, steps_per_epoch=steps)
