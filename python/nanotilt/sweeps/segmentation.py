"""How a sweep runs a network that finds particles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nanotilt._base import checks as check
from nanotilt.experiments.experiment import Experiment
from nanotilt.runs.fields.configuration import FieldRequest, FieldSettings
from nanotilt.sweeps import requested, variation
from nanotilt.sweeps.cells import Cell, Sweep
from nanotilt.sweeps.requested import check_resumable, resume
from nanotilt.tasks.segmentation import SegmentationTask
from nanotilt.training import Watcher

__all__ = ["begin", "check_resumable", "checked", "resume"]

BATCH_SIZE, STEPS = 16, 50
EPOCHS = {"quick": 15, "full": 120}
"""12,000 images of 64 x 64 pixels, some 4 minutes on one core; eight times as many."""

TEST_FIELDS = {"quick": 24, "full": 48}
"""At each dose."""

TEST_VIDEOS = {"quick": 12, "full": 24}
"""At each dose: MOTA differs by 0.06 from video to video."""

SAMPLES = "samples"
"""Training images, which every experiment can vary."""

_WHOLE = {
    "samples": (BATCH_SIZE, 2**40),
    "frames": (1, 9),
    "images": (0, 2**20),
    "pretrained": (0, 1),
}
_WITHIN = {"fraction": (1e-3, 1.0), "step": (0.0, 100.0)}
"""Least and most of what can be varied."""


def checked(
    vary: Mapping[str, Sequence[float]], experiment: Experiment
) -> dict[str, tuple[float, ...]]:
    """The values to vary, if they fit.

    Raises:
        TypeError: a value is not a number.
        ValueError: a name or value does not fit.
    """
    allowed = (*_task_of(experiment).varied, SAMPLES)
    fine = variation.checked_by_name(vary, allowed, _check_value)
    if 0 in fine.get("images", ()) and 0 in fine.get("pretrained", ()):
        raise ValueError(
            "vary['images'] must be above 0 without a first part: the network would learn nothing. "
            f"{check.received('images', fine['images'])}, pretrained={fine['pretrained']}"
        )
    return fine


def _check_value(field: str, name: str, number: float) -> None:
    told = check.received(field, number)
    if name in _WITHIN:
        low, high = _WITHIN[name]
        if not low <= number <= high:
            raise ValueError(f"{field} must be in [{low:g}, {high:g}]. {told}")
        return
    variation.check_whole(field, number, *_WHOLE[name])
    if name == "frames" and not number % 2:
        raise ValueError(f"{field} must be odd: particles of the middle frame are found. {told}")


def begin(sweep: Sweep, cell: Cell, watcher: Watcher, command: str | None) -> bool:
    """Runs one run from the beginning; tells whether the user stopped it."""
    return requested.begin(_request(sweep, cell, command), cell, watcher)


def _task_of(experiment: Experiment) -> SegmentationTask:
    task = experiment.asked()
    assert isinstance(task, SegmentationTask)
    return task


def _request(sweep: Sweep, cell: Cell, command: str | None) -> FieldRequest:
    from nanotilt.training.methods.field_images import at_each_dose

    experiment, varied = cell.experiment, cell.variation
    task = _task_of(experiment)
    assert experiment.recipe_factory is not None
    assert experiment.test_recipe is not None
    options: dict[str, float] = {}
    for name, option in (("fraction", "fraction"), ("step", "step_px")):
        if name in varied:
            options[option] = varied[name]
    tested = experiment.test_recipe(**options)
    doses = at_each_dose(tested, task.test_doses)
    each = (TEST_FIELDS if tested.n_views == 1 else TEST_VIDEOS)[sweep.budget]
    epochs = EPOCHS[sweep.budget]
    samples = int(varied.get(SAMPLES, epochs * STEPS * BATCH_SIZE))
    images = varied.get("images", task.images)
    pretrained = task.source is not None and varied.get("pretrained", 1) == 1
    settings = FieldSettings(
        model=task.network,
        epochs=min(epochs, max(1, samples // BATCH_SIZE)),
        steps_per_epoch=max(1, samples // (BATCH_SIZE * epochs)),
        batch_size=BATCH_SIZE,
        seed=cell.seed,
        validation_samples=32,
        test_samples=each * len(doses),
        n_threads=sweep.n_threads,
        images=None if images is None else int(images),
        frames=int(varied.get("frames", task.frames)),
        test_doses=task.test_doses,
    )
    return FieldRequest(
        experiment.recipe_factory(**options),
        experiment.name,
        settings,
        command,
        {"name": experiment.name, "budget": sweep.budget, "variation": dict(varied)},
        tested,
        task.source() if pretrained and task.source is not None else None,
    )
