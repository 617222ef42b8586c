"""How runs other than of classifiers begin and go on, by what their networks are asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nanotilt._base.checks import received
from nanotilt._base.text_files import damaged
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs import configuration
from nanotilt.runs.compatibility import (
    ANOMALY,
    DETECTION,
    ORIENTATION,
    SEGMENTATION,
    TAGGING,
    kind_of,
)
from nanotilt.runs.fields.configuration import FieldRequest, FieldSettings
from nanotilt.runs.folder import TRAINING, RunFolder
from nanotilt.runs.settings import Options
from nanotilt.scenes.shapes import PolygonOutline
from nanotilt.training.result import PhasedResult
from nanotilt.training.watcher import Watcher

TEST_FIELDS = 144
"""Of a test at six doses, 24 each; at one dose 24."""

VALIDATION_FIELDS = 32

TEST_SCATTERING = 3000
"""Images of 30 runs, unless a run has other numbers of them."""

FRAMES_SEEN = 3
"""Frames of a video that a network sees to find the particles of the middle one."""


def begin(
    kind: str,
    recipe: Recipe,
    name: str,
    options: Options,
    given: Mapping[str, Any],
    folder: RunFolder,
    watcher: Watcher,
    command: str | None,
) -> PhasedResult:
    """Begins a run that is none of a classifier.

    Args:
        kind: What `kind_asked` gave.
        recipe: What to train on.
        name: What it is called.
        options: What the user asked for; its model is a checked name.
        given: Which of the options the user gave.
        folder: Where its files go.
        watcher: Is told how it goes.
        command: The command line, for the record.

    Raises:
        ValueError: an option has no meaning for this kind of run.
    """
    if kind in (ANOMALY, DETECTION, TAGGING):
        return _begin_requested(kind, recipe, name, options, given, folder, watcher, command)
    if kind == SEGMENTATION:
        return _begin_field(recipe, name, options, given, folder, watcher, command)
    return _begin_orientation(recipe, name, options, given, folder, watcher, command)


def kind_of_folder(folder: RunFolder) -> str:
    """What the run of a folder asks of its network.

    Raises:
        ValueError: training.json is damaged.
    """
    try:
        return kind_of(folder.read_json(TRAINING))
    except ValueError as error:
        raise damaged(folder.file(TRAINING), error) from error


def resume(
    kind: str, folder: RunFolder, watcher: Watcher, n_threads: int | None
) -> PhasedResult | None:
    """Goes on with a run that is none of a classifier; None if it is finished."""
    described = folder.read_json(TRAINING)
    if str(described.get("repeat", "")).startswith("nanotilt run"):
        configuration.read(folder)  # which says that this command goes on with it
    if described.get("status") == "finished":
        return None
    if kind in (SEGMENTATION, ANOMALY, DETECTION, TAGGING):
        with watcher.stage("Loading TensorFlow"):
            from nanotilt.training.methods.by_kind import RUNS

        return RUNS[kind].resume(folder, watcher, n_threads)
    from nanotilt.training.methods import orientation_run

    return orientation_run.resume_alone(folder, watcher, n_threads)


def _refuse(kind: str, given: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for option in names:
        if given.get(option) is not None:
            raise ValueError(
                f"{option} has no meaning where the recipe asks for {kind}. "
                f"{received(option, given[option])}"
            )


def _begin_field(
    recipe: Recipe,
    name: str,
    options: Options,
    given: Mapping[str, Any],
    folder: RunFolder,
    watcher: Watcher,
    command: str | None,
) -> PhasedResult:
    _refuse(SEGMENTATION, given, ("tries",))
    with watcher.stage("Loading TensorFlow"):
        from nanotilt._base import backend

        backend.load(options.n_threads)
        from nanotilt.training.methods import field_images, field_networks, field_run
    frames = FRAMES_SEEN if recipe.n_views > FRAMES_SEEN else 1
    trained = field_networks.trained_recipe(recipe, options.model, frames)
    plan = field_networks.new_model(options.model, trained).training_plan(trained)
    each = max(2, TEST_FIELDS // 6 // recipe.n_views)
    settings = _settings(
        options,
        plan,
        validation_samples=options.validation_samples or VALIDATION_FIELDS,
        test_samples=given.get("test_samples") or each * len(field_images.at_each_dose(recipe)),
        frames=frames,
    )
    request = FieldRequest(recipe, name, settings, command)
    return field_run.FieldTraining.begin(request, folder, watcher)


def _begin_requested(
    kind: str,
    recipe: Recipe,
    name: str,
    options: Options,
    given: Mapping[str, Any],
    folder: RunFolder,
    watcher: Watcher,
    command: str | None,
) -> PhasedResult:
    _refuse(kind, given, ("tries",))
    with watcher.stage("Loading TensorFlow"):
        from nanotilt._base import backend

        backend.load(options.n_threads)
        from nanotilt.training.methods.by_kind import RUNS
        from nanotilt.training.methods.patches import patch_networks
        from nanotilt.training.methods.scattering import tagging_networks
    if kind == TAGGING:
        plan = tagging_networks.plan_of(options.model, recipe)
        recipe = tagging_networks.learned_recipe(recipe, options.model)
        validation, test_samples = 2000, given.get("test_samples") or TEST_SCATTERING
    else:
        plan = patch_networks.plan_of(options.model, recipe)
        validation, test_samples = 1024, options.test_samples
    settings = _settings(
        options,
        plan,
        validation_samples=options.validation_samples or plan.validation_samples or validation,
        test_samples=test_samples,
    )
    request = FieldRequest(recipe, name, settings, command)
    return RUNS[kind].begin(request, folder, watcher)


def _settings(
    options: Options, plan: Any, *, validation_samples: int, test_samples: int, frames: int = 1
) -> FieldSettings:
    """What the user asked for, and else the network's own plan."""
    return FieldSettings(
        model=options.model,
        epochs=options.epochs or plan.epochs,
        steps_per_epoch=options.steps_per_epoch or plan.steps_per_epoch,
        batch_size=options.batch_size or plan.batch_size,
        seed=options.seed,
        validation_samples=validation_samples,
        test_samples=test_samples,
        n_threads=options.n_threads,
        frames=frames,
    )


def _begin_orientation(
    recipe: Recipe,
    name: str,
    options: Options,
    given: Mapping[str, Any],
    folder: RunFolder,
    watcher: Watcher,
    command: str | None,
) -> PhasedResult:
    meaningless = ("epochs", "steps_per_epoch", "tries", "validation_samples")
    _refuse(ORIENTATION, given, meaningless)
    import dataclasses

    from nanotilt.runs.orientation_configuration import OrientationRequest, OrientationSettings
    from nanotilt.tasks.orientation import OrientationTask
    from nanotilt.training.methods.spending import spending

    (scene,) = recipe.particles.values()
    assert isinstance(scene.outline, PolygonOutline)
    first, second = recipe.detector.angles_deg
    size = spending(options.model, "quick")
    size = dataclasses.replace(
        size,
        batch_size=options.batch_size or size.batch_size,
        test_pairs=given.get("test_samples") or size.test_pairs,
    )
    settings = OrientationSettings(
        options.model, options.model == "paper", "ground_truth", second - first, options.seed,
        options.n_threads, size,
    )  # fmt: skip
    task = OrientationTask(scene.outline.symmetry)
    request = OrientationRequest(recipe, task, settings, name, "", {}, command)
    with watcher.stage("Loading TensorFlow"):
        from nanotilt._base import backend

        backend.load(options.n_threads)
        from nanotilt.training.methods import orientation_run
    return orientation_run.begin_alone(request, folder, watcher)
