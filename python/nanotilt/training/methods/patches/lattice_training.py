"""What runs have in common whose networks learn patches of lattices, each seen once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from nanotilt.runs.settings import TRAINING_START
from nanotilt.training.methods.patches.patch_networks import new_model
from nanotilt.training.methods.requested_run import RequestedRun
from nanotilt.training.methods.trainer import Record, Trainer

R = TypeVar("R", bound=Record)


class LatticeTraining(RequestedRun[R]):
    """A run that trains a network on fresh patches.

    Attributes:
        learned_in_words: What the network learns.
    """

    learned_in_words: str

    def train(self, trainer: Trainer[R]) -> Any:
        """A network on fresh patches, each seen once."""
        settings = self._request.settings
        model = new_model(settings.model, self._trained_on)
        plan = model.training_plan(self._trained_on)
        optimizer = plan.make_optimizer(settings.epochs * settings.steps_per_epoch)
        model.compile(optimizer, loss=model.new_loss(), jit_compile=False)
        trainer.fresh(
            f"fresh {self.learned_in_words}", model, self._data(model),
            samples=settings.total_samples, batch_size=settings.batch_size, epochs=settings.epochs,
        )  # fmt: skip
        return model

    def _data(self, model: Any) -> Callable[[int], Any]:
        settings = self._request.settings

        def data(start: int) -> Any:
            return model.data(
                self._trained_on, settings.seed, settings.batch_size, TRAINING_START + start,
                num_parallel_calls=settings.n_threads,
            )  # fmt: skip

        return data
