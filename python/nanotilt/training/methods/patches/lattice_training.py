"""What runs have in common whose networks learn from patches of lattices."""

from __future__ import annotations

from typing import Any, TypeVar

from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.fields.configuration import FieldRequest
from nanotilt.training.methods.patches.patch_networks import (
    class_weights,
    compiled,
    fixed_data,
    fresh_data,
    learned_recipe,
    turned,
)
from nanotilt.training.methods.requested_run import RequestedRun
from nanotilt.training.methods.trainer import Record, Trainer

R = TypeVar("R", bound=Record)


class LatticeTraining(RequestedRun[R]):
    """A run that trains a network on patches."""

    @classmethod
    def learned(cls, request: FieldRequest) -> Recipe:
        """What the network learns from, with targets; autoencoders see perfect patches alone."""
        return learned_recipe(request.recipe, request.settings.model)

    def train(self, trainer: Trainer[R]) -> Any:
        """A network on fresh patches, each seen once; or on a few, seen again and again."""
        settings, learned = self._request.settings, self._trained_on
        weights = class_weights(learned) if settings.weighted else None
        if settings.images is None:
            model = compiled(settings.model, learned, settings.epochs * settings.steps_per_epoch)
            trainer.fresh(
                "fresh patches", model,
                fresh_data(model, learned, settings.seed, settings.batch_size, settings.n_threads),
                samples=settings.total_samples, batch_size=settings.batch_size,
                epochs=settings.epochs, class_weight=weights,
            )  # fmt: skip
            return model
        count = settings.images
        epochs = max(1, settings.total_samples // count)
        model = compiled(settings.model, learned, epochs * -(-count // settings.batch_size))
        views, truth = fixed_data(model, learned, settings.seed, count, settings.n_threads)
        trainer.fixed(
            f"{count:,} patches", model, views, truth, epochs=epochs,
            batch_size=settings.batch_size, change=turned if settings.augmented else None,
            class_weight=weights,
        )  # fmt: skip
        return model
