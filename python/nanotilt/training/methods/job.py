"""What every way of training works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nanotilt._base.optional import needed_for
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.orientation import PhaseRecord
from nanotilt.runs.orientation_configuration import OrientationSettings, Spending
from nanotilt.training.methods import data
from nanotilt.training.methods.trainer import Trainer, falling_rate, parts

with needed_for("Training"):
    import keras

FRESH_EPOCHS = 10
"""How often streamed training is interrupted for a score."""

FAST_RATE = 3e-3
"""Highest learning rate of the fast networks, with Muon. After 24,000 stereo pairs of squares the
standard deviation of the error was 0.36 degrees at 3e-3 and 0.40 at 1e-2; Adam at 3e-3 and 1e-3
came to 0.41. (Looking once; 60,000 projections of an S took the paper's network to 0.48 degrees
with Muon and to 1.5 with Adam, both at 3e-3.)"""


@dataclass
class Job:
    """What a method works with.

    Attributes:
        recipe: Pairs of views.
        symmetry: Rotational order of what is seen.
        settings: How much to spend, with which network, from which seed.
        trainer: Trains, and keeps the history.
        found: What else is worth keeping, by name: a resultant length, the curriculum's distances.
    """

    recipe: Recipe
    symmetry: int
    settings: OrientationSettings
    trainer: Trainer[PhaseRecord]
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def is_fast(self) -> bool:
        """Whether the fast way of training is asked for."""
        return self.settings.is_fast

    @property
    def spending(self) -> Spending:
        """How much to spend."""
        return self.settings.spending

    def compile(self, model: Any, loss: Any, n_steps: int, highest_rate: float = FAST_RATE) -> None:
        """Compiles: the paper's with Adam at 1e-3, others with Muon at a rate that falls to 0.

        Args:
            model: The model.
            loss: Its loss; None: the Difference Model's own.
            n_steps: Steps in which the rate falls to 0.
            highest_rate: Of learning, if fast.
        """
        if not self.is_fast:
            optimizer = keras.optimizers.Adam(1e-3)
        else:
            # No weight decay; biases, normalisation and layers that answer are left to Adam.
            optimizer = keras.optimizers.Muon(
                falling_rate(highest_rate, n_steps),
                weight_decay=0.0,
                adam_weight_decay=0.0,
                exclude_layers=["sine_cosine", "turn"],
            )
        model.compile(optimizer, loss=loss)

    def fresh_pairs(self, start: int) -> Any:
        """An endless dataset of ((first, second), stereo angle), from fresh sample `start` on."""
        settings = self.settings
        return data.fresh_pairs(
            self.recipe, settings.seed, self.spending.batch_size, start, settings.n_threads
        )

    def train_on_fresh(self, phase: str, model: Any, batches: Any, loss: Any) -> None:
        """Compiles a model and trains it on all fresh pairs.

        Args:
            phase: What to call it.
            model: A model with `predict_angle_rad`.
            batches: Takes the number of pairs seen so far, gives an endless dataset from there on.
            loss: The model's loss; None: its own.
        """
        size = self.spending
        n_epochs, n_steps = parts(size.fresh_pairs, size.batch_size, FRESH_EPOCHS)
        self.compile(model, loss, n_epochs * n_steps)
        self.trainer.fresh(
            phase, model, batches, samples=size.fresh_pairs, batch_size=size.batch_size,
            epochs=FRESH_EPOCHS,
        )  # fmt: skip
