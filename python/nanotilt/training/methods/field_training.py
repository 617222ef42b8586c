"""How a network learns to find particles: on fresh images, or on a few again and again."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.models.plan import HIGHEST_RATE, rising_and_falling
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.fields.configuration import FieldRequest
from nanotilt.runs.fields.record import FieldRecord
from nanotilt.runs.fields.results import F1, FieldResults
from nanotilt.runs.settings import TRAINING_START
from nanotilt.training.methods.field_images import drawn, fixed_set
from nanotilt.training.methods.field_networks import new_model, trained_recipe
from nanotilt.training.methods.trainer import Trainer

FINE_TUNING_RATE = 1e-3
"""Highest learning rate of a network that has learned from other images before."""


def trained(request: FieldRequest, recipe: Recipe, trainer: Trainer[FieldRecord]) -> Any:
    """A network that learned from fresh images, each seen once; or from a few.

    Where the request has a source, it learns from fresh images of that first.

    Args:
        request: What is asked for.
        recipe: What `trained_recipe` made of the request's.
        trainer: Who trains it.
    """
    settings = request.settings
    model = new_model(settings.model, recipe)
    if request.source is not None:
        source = trained_recipe(request.source, settings.model, settings.frames)
        _on_fresh(request, source, trainer, model, "fresh images of another kind")
    if settings.images is None:
        _on_fresh(request, recipe, trainer, model, "fresh images")
    elif settings.images > 0:
        _on_few(request, recipe, trainer, model, settings.images)
    return model


def choose_reading(
    model: Any, images: npt.NDArray[np.float32], true: npt.NDArray[np.int32]
) -> None:
    """Of the ways to make particles of a network's maps, takes that of the best F1.

    Args:
        model: The network.
        images: (n, n_channels, rows, columns) of the validation.
        true: (n, rows, columns) instances.
    """
    maps, best = model.maps(images), -1.0
    for reading in model.readings:
        found = model.instances_of(maps, images.shape[2:], **reading)
        f1 = FieldResults.of(true, found, np.zeros(len(true))).scores()[F1].value
        if f1 > best:
            best, model.reading = f1, reading


def _on_fresh(
    request: FieldRequest, recipe: Recipe, trainer: Trainer[FieldRecord], model: Any, phase: str
) -> None:
    settings = request.settings
    _compile(model, rising_and_falling(settings.epochs * settings.steps_per_epoch))

    def data(start: int) -> Any:
        return model.data(
            recipe, settings.seed, settings.batch_size, TRAINING_START + start,
            num_parallel_calls=settings.n_threads,
        )  # fmt: skip

    trainer.fresh(
        phase, model, data, samples=settings.total_samples, batch_size=settings.batch_size,
        epochs=settings.epochs,
    )  # fmt: skip


def _on_few(
    request: FieldRequest, recipe: Recipe, trainer: Trainer[FieldRecord], model: Any, count: int
) -> None:
    """For half as many steps as fresh images get."""
    settings = request.settings
    images, batch = drawn(recipe, settings.seed, TRAINING_START, count, settings.n_threads)
    inputs, targets = fixed_set(model, images, batch, settings.frames)
    batch_size = min(settings.batch_size, len(inputs))
    each = -(-len(inputs) // batch_size)
    epochs = max(1, round(settings.epochs * settings.steps_per_epoch / 2 / each))
    rate = HIGHEST_RATE if request.source is None else FINE_TUNING_RATE
    _compile(model, rising_and_falling(epochs * each, rate))
    trainer.fixed(f"{count:,} images", model, inputs, targets, epochs=epochs, batch_size=batch_size)


def _compile(model: Any, optimizer: Any) -> None:
    model.compile(optimizer, loss=model.new_loss(), jit_compile=False)
