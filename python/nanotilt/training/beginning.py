"""Where training begins: first weights, or those of a network that was trained before."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nanotilt import models
from nanotilt._base.optional import needed_for
from nanotilt.models import OUTPUT_PREFIX, TrainingPlan
from nanotilt.runs.configuration import Request
from nanotilt.runs.folder import RunFolder
from nanotilt.runs.records import Try
from nanotilt.runs.settings import MODEL_NAMES, Settings, is_own
from nanotilt.tasks.losses import loss_of
from nanotilt.training import own_network
from nanotilt.training.checkpoint import Checkpoint

with needed_for("Training"):
    import keras


def plan_of(model: str, request: Request) -> TrainingPlan:
    """The recommended training settings of a network; the user's own have those of "fast"."""
    name = MODEL_NAMES[0] if is_own(model) else model
    kind = models.for_views(name, request.recipe.view_shape)
    plan: TrainingPlan = kind.training_plan(request.recipe, request.budget)
    return plan


def new_state(
    request: Request, settings: Settings, folder: RunFolder, failed: tuple[Try, ...] = ()
) -> Checkpoint:
    """Builds and compiles the network with its first weights.

    Args:
        request: What to train.
        settings: How.
        folder: The run's folder, in which a network to start from is looked for.
        failed: Earlier tries, which stayed at chance.

    Raises:
        TypeError: the user's own network is of the wrong kind.
        ValueError: the network can't be had for this recipe, or the network to start from does not
            fit.
    """
    make = _own if is_own(settings.model) else _ours
    model = make(request, settings, folder, settings.seed_of_try(len(failed)))
    return Checkpoint(model, history=(), best=None, seconds={}, failed=failed)


def _own(request: Request, settings: Settings, folder: RunFolder, seed: int) -> keras.Model:
    """The network that the user's function builds, compiled."""
    name, recipe, task = settings.model, request.recipe, request.asked
    model = _with_seed(seed, lambda: own_network.build(name, recipe, request.build, task))
    own_network.compile(
        model,
        recipe,
        plan_of(name, request),
        settings.total_steps,
        settings.steps_per_execution,
        task,
    )
    return model


def _ours(request: Request, settings: Settings, folder: RunFolder, seed: int) -> keras.Model:
    """One of nanotilt's networks, compiled."""
    kind = models.for_views(settings.model, request.recipe.view_shape)
    options = {**_of_task(request), **request.network}
    model = _with_seed(seed, lambda: kind.for_recipe(request.recipe, compile=False, **options))
    model.class_names = request.asked.output_names
    if request.start_from is not None:
        copy_weights(_network_of(folder.file(request.start_from)), model)
    plan_of(settings.model, request).compile(
        model,
        settings.total_steps,
        steps_per_execution=settings.steps_per_execution,
        loss=loss_of(request.asked),
    )
    return model


def _network_of(path: Path) -> keras.Model:
    try:
        return keras.saving.load_model(path)
    except Exception as error:  # Keras, HDF5 and zip each raise what they like
        words = " ".join(str(error).split())
        raise ValueError(f"the network to start from can't be read from {path}: {words}") from error


def copy_weights(source: keras.Model, target: keras.Model) -> None:
    """Copies the weights of all layers but the last, which answer another question.

    Args:
        source: A trained network.
        target: A network of the same architecture, but for its output layers.

    Raises:
        ValueError: a layer is missing in one of them, or has another shape.
    """
    learned = {weight.path: weight for weight in source.weights if not _answers(weight)}
    wanted = {weight.path: weight for weight in target.weights if not _answers(weight)}
    if learned.keys() != wanted.keys():
        names = ", ".join(sorted(learned.keys() ^ wanted.keys())[:4])
        raise ValueError(f"the network to start from must have the same layers. Differing: {names}")
    for path, weight in wanted.items():
        if weight.shape != learned[path].shape:
            raise ValueError(
                f"the network to start from must have the shape {weight.shape} in {path}. "
                f"Received: {learned[path].shape}"
            )
        weight.assign(learned[path])


def _answers(weight: Any) -> bool:
    """Whether a weight belongs to an output layer."""
    return any(part.startswith(OUTPUT_PREFIX) for part in weight.path.split("/"))


def _of_task(request: Request) -> dict[str, Any]:
    """What the task decides of the network."""
    task = request.asked
    options: dict[str, Any] = {"n_classes": task.n_outputs}
    if len(task.questions) > 1:
        options["heads"] = task.n_answers
    return options


def _with_seed(seed: int, build: Callable[[], Any]) -> Any:
    """Builds something while Python's random numbers, Keras's source of seeds, are seeded."""
    state = random.getstate()
    random.seed(seed)
    try:
        return build()
    finally:
        random.setstate(state)
