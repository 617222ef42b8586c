"""How a sweep runs a network that tags scattering images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nanotilt import recipes
from nanotilt.experiments.experiment import Experiment
from nanotilt.instruments.area_detector import AreaDetector
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.fields.configuration import FieldRequest, FieldSettings
from nanotilt.scenes.scattering import Scattering
from nanotilt.scenes.scattering_terms import FEWEST_AREA_PIXELS, MOST_AREA_PIXELS
from nanotilt.sweeps import requested, variation
from nanotilt.sweeps.cells import Cell, Sweep
from nanotilt.sweeps.requested import check_resumable, resume
from nanotilt.tasks.tagging import TaggingTask
from nanotilt.training import Watcher

__all__ = ["begin", "check_resumable", "checked", "resume"]

SAMPLES = "samples"
"""Training images, each seen again in every epoch if they are fixed; every experiment can vary
them."""

N_PIXELS, WIDE, LEGACY, IMAGES = "n_pixels", "wide", "legacy", "images"
"""Pixels on a side; whether they are of 75 um rather than of the same field; whether tags are those
of 2017; images that are seen again and again, 0: fresh ones."""

_WHOLE = {
    SAMPLES: (64, 2**40),
    N_PIXELS: (FEWEST_AREA_PIXELS, MOST_AREA_PIXELS),
    WIDE: (0, 1),
    LEGACY: (0, 1),
    IMAGES: (0, 2**24),
}
"""Least and most of each."""

TEST_IMAGES = {"quick": 1000, "full": 5000}
VALIDATION_IMAGES = {"quick": 200, "full": 1000}


def checked(
    vary: Mapping[str, Sequence[float]], experiment: Experiment
) -> dict[str, tuple[float, ...]]:
    """The values to vary, if they fit.

    Raises:
        TypeError: a value is not a number.
        ValueError: a name or value does not fit.
    """
    known = (SAMPLES, *_task_of(experiment).varied)
    return variation.checked_by_name(
        vary, known, lambda field, name, number: variation.check_whole(field, number, *_WHOLE[name])
    )


def begin(sweep: Sweep, cell: Cell, watcher: Watcher, command: str | None) -> bool:
    """Runs one run from the beginning; tells whether the user stopped it."""
    return requested.begin(_request(sweep, cell, command), cell, watcher)


def _task_of(experiment: Experiment) -> TaggingTask:
    task = experiment.asked()
    assert isinstance(task, TaggingTask)
    return task


def _request(sweep: Sweep, cell: Cell, command: str | None) -> FieldRequest:
    from nanotilt.training.methods.scattering.tagging_networks import learned_recipe, plan_of

    experiment, varied = cell.experiment, cell.variation
    task = _task_of(experiment)
    recipe = _varied_recipe(experiment.recipe(), varied)
    plan = plan_of(task.network, recipe, sweep.budget, task.size)
    samples = int(varied.get(SAMPLES, task.samples[sweep.budget]))
    epochs = min(task.epochs[sweep.budget], max(1, samples // plan.batch_size))
    images = int(varied.get(IMAGES, task.images.get(sweep.budget, 0))) or None
    settings = FieldSettings(
        model=task.network,
        epochs=epochs,
        steps_per_epoch=max(1, samples // (plan.batch_size * epochs)),
        batch_size=plan.batch_size,
        seed=cell.seed,
        validation_samples=VALIDATION_IMAGES[sweep.budget],
        test_samples=TEST_IMAGES[sweep.budget],
        n_threads=sweep.n_threads,
        images=images,
        size=task.size,
        held_out=0 if images is None else task.held_out,
        tag_weights=task.tag_weights,
    )
    return FieldRequest(
        learned_recipe(recipe, task.network), experiment.name, settings, command,
        {"name": experiment.name, "budget": sweep.budget, "variation": dict(varied)},
    )  # fmt: skip


def _varied_recipe(recipe: Recipe, varied: Mapping[str, float]) -> Recipe:
    """The recipe with other pixels, another field, or other tags."""
    if not {N_PIXELS, WIDE, LEGACY} & set(varied):
        return recipe
    (scene,), detector = recipe.classes.values(), recipe.detector
    assert isinstance(scene, Scattering)
    assert isinstance(detector, AreaDetector)
    legacy = varied.get(LEGACY, float(scene.tags == "legacy"))
    return recipes.scattering(
        int(varied.get(N_PIXELS, detector.n_pixels)),
        "wide" if varied.get(WIDE) else "equal",
        "legacy" if legacy else "visible",
        targets=recipe.targets,
    )
