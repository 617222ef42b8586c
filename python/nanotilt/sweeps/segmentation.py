"""How a sweep runs a network that finds particles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nanotilt._base import checks as check
from nanotilt.experiments.experiment import Experiment
from nanotilt.runs.fields import configuration as field_configuration
from nanotilt.runs.fields.configuration import FieldRequest, FieldSettings
from nanotilt.runs.folder import RunFolder
from nanotilt.sweeps import variation
from nanotilt.sweeps.cells import Cell, Sweep
from nanotilt.tasks.segmentation import SegmentationTask
from nanotilt.training import Watcher

VARIED = ("fraction", "samples")
"""What can be varied: of scans that leave pixels out the share that is visited; training images."""

BATCH_SIZE, STEPS = 16, 50
EPOCHS = {"quick": 15, "full": 120}
"""12,000 images of 64 x 64 pixels, some 4 minutes on one core; eight times as many."""

TEST_FIELDS = {"quick": 24, "full": 48}
"""At each dose."""


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
        if name not in VARIED or (name == "fraction" and "subsampled" not in experiment.name):
            allowed = VARIED if "subsampled" in experiment.name else VARIED[1:]
            raise ValueError(
                f"vary must name one of {', '.join(allowed)}. {check.received('vary', name)}"
            )
        fine[name] = variation.different_numbers(field, values)
        for number in fine[name]:
            if name == "fraction" and not 1e-3 <= number <= 1:
                raise ValueError(f"{field} must be in [0.001, 1]. {check.received(field, number)}")
            if name == "samples" and (number < BATCH_SIZE or number != int(number)):
                raise ValueError(
                    f"{field} must be a whole number >= {BATCH_SIZE}. "
                    f"{check.received(field, number)}"
                )
    return fine


def check_resumable(folder: RunFolder) -> None:
    """Raises ValueError unless a run that was stopped can go on."""
    field_configuration.read(folder)


def begin(sweep: Sweep, cell: Cell, watcher: Watcher, command: str | None) -> bool:
    """Runs one run from the beginning; tells whether the user stopped it."""
    from nanotilt.training.methods import field_run

    folder = RunFolder.create(cell.folder, overwrite=True)
    return field_run.begin(_request(sweep, cell, command), folder, watcher).interrupted


def resume(sweep: Sweep, cell: Cell, watcher: Watcher) -> bool:
    """Goes on with a run that was stopped; tells whether the user stopped it again."""
    from nanotilt.training.methods import field_run

    return field_run.resume(RunFolder.reopen(cell.folder), watcher, sweep.n_threads).interrupted


def _request(sweep: Sweep, cell: Cell, command: str | None) -> FieldRequest:
    experiment, varied = cell.experiment, cell.variation
    task = experiment.asked()
    assert isinstance(task, SegmentationTask)
    assert experiment.recipe_factory is not None
    assert experiment.test_recipe is not None
    options = {"fraction": varied["fraction"]} if "fraction" in varied else {}
    epochs = EPOCHS[sweep.budget]
    samples = int(varied.get("samples", epochs * STEPS * BATCH_SIZE))
    settings = FieldSettings(
        model=task.network,
        epochs=min(epochs, max(1, samples // BATCH_SIZE)),
        steps_per_epoch=max(1, samples // (BATCH_SIZE * epochs)),
        batch_size=BATCH_SIZE,
        seed=cell.seed,
        validation_samples=32,
        test_samples=TEST_FIELDS[sweep.budget] * (1 if "subsampled" in experiment.name else 6),
        n_threads=sweep.n_threads,
    )
    return FieldRequest(
        experiment.recipe_factory(**options),
        experiment.name,
        settings,
        command,
        {"name": experiment.name, "budget": sweep.budget, "variation": dict(varied)},
        experiment.test_recipe(**options),
    )
