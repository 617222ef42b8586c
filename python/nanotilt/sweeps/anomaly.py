"""How a sweep runs a network that learns patches of lattices: perfect ones alone, or defects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nanotilt._base import checks as check
from nanotilt.experiments.experiment import Experiment
from nanotilt.runs.fields import configuration as field_configuration
from nanotilt.runs.fields.configuration import FieldRequest, FieldSettings
from nanotilt.runs.folder import RunFolder
from nanotilt.sweeps import variation
from nanotilt.sweeps.cells import Cell, Sweep
from nanotilt.tasks.anomaly import AnomalyTask
from nanotilt.tasks.detection import DetectionTask
from nanotilt.training import Watcher

SAMPLES = "samples"
"""Training patches, which every experiment can vary."""

TEST_PATCHES = {"quick": 20_000, "full": 100_000}
VALIDATION_PATCHES = 1024


def checked(
    vary: Mapping[str, Sequence[float]], experiment: Experiment
) -> dict[str, tuple[float, ...]]:
    """The values to vary, if they fit.

    Raises:
        TypeError: a value is not a number.
        ValueError: a name or value does not fit.
    """
    fine = {}
    for name, values in vary.items():
        field = f"vary[{name!r}]"
        if name != SAMPLES:
            raise ValueError(f"vary must name {SAMPLES}. {check.received('vary', name)}")
        fine[name] = variation.different_numbers(field, values)
        for number in fine[name]:
            if number != int(number) or not 128 <= number <= 2**40:
                told = check.received(field, number)
                raise ValueError(f"{field} must be a whole number >= 128. {told}")
    return fine


def check_resumable(folder: RunFolder) -> None:
    """Raises ValueError unless a run that was stopped can go on."""
    field_configuration.read(folder)


def begin(sweep: Sweep, cell: Cell, watcher: Watcher, command: str | None) -> bool:
    """Runs one run from the beginning; tells whether the user stopped it."""
    from nanotilt.training.methods.patches.by_kind import RUNS

    folder = RunFolder.create(cell.folder, overwrite=True)
    request = _request(sweep, cell, command)
    return RUNS[request.kind].begin(request, folder, watcher).interrupted


def resume(sweep: Sweep, cell: Cell, watcher: Watcher) -> bool:
    """Goes on with a run that was stopped; tells whether the user stopped it again."""
    from nanotilt.training.methods.patches.by_kind import RUNS

    kind = cell.experiment.asked().kind
    folder = RunFolder.reopen(cell.folder)
    return RUNS[kind].resume(folder, watcher, sweep.n_threads).interrupted


def _request(sweep: Sweep, cell: Cell, command: str | None) -> FieldRequest:
    from nanotilt.training.methods.patches.patch_networks import plan_of

    experiment, task = cell.experiment, cell.experiment.asked()
    assert isinstance(task, (AnomalyTask, DetectionTask))
    recipe = experiment.recipe()
    plan = plan_of(task.network, recipe, sweep.budget)
    samples = int(cell.variation.get(SAMPLES, plan.epochs * plan.samples_per_epoch))
    settings = FieldSettings(
        model=task.network,
        epochs=min(plan.epochs, max(1, samples // plan.batch_size)),
        steps_per_epoch=max(1, samples // (plan.batch_size * plan.epochs)),
        batch_size=plan.batch_size,
        seed=cell.seed,
        validation_samples=VALIDATION_PATCHES,
        test_samples=TEST_PATCHES[sweep.budget],
        n_threads=sweep.n_threads,
        test_doses=task.test_doses,
    )
    return FieldRequest(
        recipe, experiment.name, settings, command,
        {"name": experiment.name, "budget": sweep.budget, "variation": dict(cell.variation)},
    )  # fmt: skip
