"""What every way of training works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras

from nanotilt.orientation.spending import Spending
from nanotilt.orientation.trainer import Trainer, falling_rate, parts
from nanotilt.recipe import Recipe

FRESH_EPOCHS = 10
"""How often streamed training is interrupted for a score."""

ENCODER_RATE = 2e-3
"""Highest learning rate of the fast encoder on angles."""

DIFFERENCE_RATE = 5e-3
"""The same on stereo pairs, with Muon. 16,000 fresh pairs took the standard deviation of the error
from 1.2 to 0.70 degrees at 2e-3, 12,000 from 1.2 to 0.48 at 5e-3; Adam at 3e-4 came to 0.83."""


@dataclass
class Job:
    """What a method works with.

    Attributes:
        recipe: Pairs of views.
        symmetry: Rotational order of what is seen.
        stereo_deg: Angle from first to second view, degrees.
        model: "fast" or "paper".
        spending: How much to spend.
        seed: The stream's seed.
        trainer: Trains, and keeps the history.
        n_threads: Threads, or None: all that may be used.
        found: What else is worth keeping, by name: a resultant length, the curriculum's distances.
    """

    recipe: Recipe
    symmetry: int
    stereo_deg: float
    model: str
    spending: Spending
    seed: int
    trainer: Trainer
    n_threads: int | None
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def is_fast(self) -> bool:
        """Whether the fast network and its training are asked for."""
        return self.model == "fast"

    def compile(self, model: Any, loss: Any, highest_rate: float, n_steps: int) -> None:
        """Compiles: the paper's with Adam at 1e-3, the fast network's at a rate that falls to 0.

        The Difference Model, whose loss is its own, gets Muon then: see `DIFFERENCE_RATE`.

        Args:
            model: The model.
            loss: Its loss; None: the Difference Model's own.
            highest_rate: Of the fast network.
            n_steps: Steps in which it falls to 0.
        """
        if not self.is_fast:
            optimizer = keras.optimizers.Adam(1e-3)
        elif loss is None:
            # No weight decay; biases, normalisation and the layer that answers are left to Adam.
            optimizer = keras.optimizers.Muon(
                falling_rate(highest_rate, n_steps),
                weight_decay=0.0,
                adam_weight_decay=0.0,
                exclude_layers=["sine_cosine"],
            )
        else:
            optimizer = keras.optimizers.Adam(falling_rate(highest_rate, n_steps))
        model.compile(optimizer, loss=loss)

    def train_on_fresh(
        self, phase: str, model: Any, data: Any, loss: Any, highest_rate: float
    ) -> None:
        """Compiles a model and trains it on all fresh pairs.

        Args:
            phase: What to call it.
            model: A model with `predict_angle_rad`.
            data: Takes the number of pairs seen so far, gives an endless dataset from there on.
            loss: The model's loss; None: its own.
            highest_rate: Of learning.
        """
        size = self.spending
        n_epochs, n_steps = parts(size.fresh_pairs, size.batch_size, FRESH_EPOCHS)
        self.compile(model, loss, highest_rate, n_epochs * n_steps)
        self.trainer.fresh(
            phase, model, data, samples=size.fresh_pairs, batch_size=size.batch_size,
            epochs=FRESH_EPOCHS,
        )  # fmt: skip
