"""How a sweep runs a network that learns patches of lattices: which have defects, or where."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from nanotilt._base import checks as check
from nanotilt.experiments.experiment import Experiment
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.fields.configuration import FieldRequest, FieldSettings
from nanotilt.sweeps import requested, variation
from nanotilt.sweeps.cells import Cell, Sweep
from nanotilt.sweeps.requested import check_resumable, resume
from nanotilt.tasks.anomaly import AnomalyTask
from nanotilt.tasks.detection import DetectionTask
from nanotilt.training import Watcher

__all__ = ["begin", "check_resumable", "checked", "resume"]

SAMPLES = "samples"
"""Training patches, each seen again in every epoch if they are fixed; every experiment can vary
them."""

_WHOLE = {SAMPLES: (128, 2**40), "patches": (0, 2**24), "weighted": (0, 1), "augmented": (0, 1)}
"""Least and most of what is a whole number: patches 0 are fresh ones, the others no and yes."""

_SHARE = "share"
"""Of patches with a defect, in training."""

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
    known = (SAMPLES, *_task_of(experiment).varied)
    fine = variation.checked_by_name(vary, known, _check_value)
    if 1 in fine.get("augmented", ()) and 0 in fine.get("patches", (0,)):
        raise ValueError(
            "vary['augmented'] must be 0 where patches are fresh, which are turned at random "
            f"anyway. {check.received('augmented', fine['augmented'])}, "
            f"patches={fine.get('patches', (0,))}"
        )
    return fine


def _check_value(field: str, name: str, number: float) -> None:
    if name == _SHARE:
        if not 0 < number < 1:
            raise ValueError(f"{field} must be in (0, 1). {check.received(field, number)}")
        return
    variation.check_whole(field, number, *_WHOLE[name])


def begin(sweep: Sweep, cell: Cell, watcher: Watcher, command: str | None) -> bool:
    """Runs one run from the beginning; tells whether the user stopped it."""
    return requested.begin(_request(sweep, cell, command), cell, watcher)


def _task_of(experiment: Experiment) -> AnomalyTask | DetectionTask:
    task = experiment.asked()
    assert isinstance(task, (AnomalyTask, DetectionTask))
    return task


def _request(sweep: Sweep, cell: Cell, command: str | None) -> FieldRequest:
    from nanotilt.training.methods.patches.patch_networks import plan_of

    experiment, varied = cell.experiment, cell.variation
    task, recipe = _task_of(experiment), experiment.recipe()
    plan = plan_of(task.network, recipe, sweep.budget)
    samples = int(varied.get(SAMPLES, plan.epochs * plan.samples_per_epoch))
    epochs = min(plan.epochs, max(1, samples // plan.batch_size))
    settings = FieldSettings(
        model=task.network,
        epochs=epochs,
        steps_per_epoch=max(1, samples // (plan.batch_size * epochs)),
        batch_size=plan.batch_size,
        seed=cell.seed,
        validation_samples=VALIDATION_PATCHES,
        test_samples=TEST_PATCHES[sweep.budget],
        n_threads=sweep.n_threads,
        images=int(varied.get("patches", 0)) or None,
        test_doses=task.test_doses,
        weighted=bool(varied.get("weighted", 0)),
        augmented=bool(varied.get("augmented", 0)),
    )
    return FieldRequest(
        _with_share(recipe, varied.get(_SHARE)), experiment.name, settings, command,
        {"name": experiment.name, "budget": sweep.budget, "variation": dict(varied)},
        recipe,
        elsewhere={name: (one.recipe(), one.doses) for name, one in task.elsewhere.items()},
    )  # fmt: skip


def _with_share(recipe: Recipe, share: float | None) -> Recipe:
    """The recipe with another share of patches with defects, which are its second class."""
    if share is None:
        return recipe
    return dataclasses.replace(recipe, weights=(1 - share, share))
