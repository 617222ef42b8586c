"""How a network is meant to be trained, as data that a training loop can read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from nanotilt._base.checks import flag, integer, received

FEWEST_SAMPLES_FOR_XLA = 500_000
"""Training that takes more samples is compiled with XLA, where a plan says "long"."""

OptimizerFactory = Callable[[int], Any]


@dataclass(frozen=True)
class TrainingPlan:
    """Recommended training settings of one network for one recipe.

    Args:
        batch_size: Samples per gradient step.
        steps_per_epoch: Gradient steps between two looks at the validation score. Every epoch takes
            fresh samples.
        epochs: Number of epochs.
        make_optimizer: Takes the total number of gradient steps (> 0), returns a new Keras
            optimizer whose learning rate schedule, if it has one, spans exactly these steps.
        steps_per_execution: Gradient steps per call from Python into the backend; it divides
            ``steps_per_epoch``. Keras on PyTorch supports 1 only, which is what it gets.
        patience: Epochs without a smaller validation loss after which to stop and restore the best
            weights, or None: train to the end and keep the last weights, right for schedules that
            end at a learning rate of zero.
        jit_compile: Whether to compile training with XLA: True, False, "auto": Keras decides
            (TensorFlow on processors: no), or "long": if training takes 500,000 samples or more.
            XLA halves the time of a step, but needs 2 to 13 s more for its compilation.
        fixed_set: Whether every epoch takes the same samples, in a new order, not fresh ones.
        validation_samples: Samples to validate every epoch on, or None: the caller's choice.
        tries: Trainings in all, at most, the first one counted: one that stays at chance starts
            again from new first weights.
    """

    batch_size: int
    steps_per_epoch: int
    epochs: int
    make_optimizer: OptimizerFactory
    steps_per_execution: int = 1
    patience: int | None = None
    jit_compile: bool | str = "auto"
    fixed_set: bool = False
    validation_samples: int | None = None
    tries: int = 1

    def __post_init__(self) -> None:
        numbers = ["batch_size", "steps_per_epoch", "epochs", "steps_per_execution", "tries"]
        numbers += [f for f in ("patience", "validation_samples") if getattr(self, f) is not None]
        for field in numbers:
            object.__setattr__(self, field, integer(field, getattr(self, field), at_least=1))
        if not callable(self.make_optimizer):
            field = received("make_optimizer", self.make_optimizer)
            raise TypeError(f"make_optimizer must be callable. {field}")
        if self.steps_per_epoch % self.steps_per_execution:
            raise ValueError(
                "steps_per_execution must divide steps_per_epoch. "
                f"{received('steps_per_execution', self.steps_per_execution)}, "
                f"steps_per_epoch={self.steps_per_epoch}"
            )
        object.__setattr__(self, "fixed_set", flag("fixed_set", self.fixed_set))
        if self.jit_compile not in ("auto", "long"):
            object.__setattr__(self, "jit_compile", flag("jit_compile", self.jit_compile))

    @property
    def samples_per_epoch(self) -> int:
        """Samples per epoch."""
        return self.batch_size * self.steps_per_epoch

    @property
    def total_steps(self) -> int:
        """Gradient steps of the whole plan."""
        return self.steps_per_epoch * self.epochs

    def compile(
        self,
        model: keras.Model,
        total_steps: int | None = None,
        *,
        steps_per_execution: int | None = None,
        loss: Any = "sparse_categorical_crossentropy",
    ) -> None:
        """Compiles a classifier for integer labels, in place.

        Args:
            model: Takes views, returns class probabilities (n_classes,).
            total_steps: Gradient steps that training will take; learning rate schedules span them.
                None: the plan's own.
            steps_per_execution: Replaces the plan's, for epochs whose steps the plan's does not
                divide.
            loss: A Keras loss of integer labels and class probabilities.
        """
        steps = (
            self.total_steps
            if total_steps is None
            else integer("total_steps", total_steps, at_least=1)
        )
        per_execution = self.steps_per_execution
        if steps_per_execution is not None:
            per_execution = integer("steps_per_execution", steps_per_execution, at_least=1)
        model.compile(
            optimizer=self.make_optimizer(steps),
            loss=loss,
            metrics=["accuracy"],
            steps_per_execution=per_execution if keras.backend.backend() != "torch" else 1,
            jit_compile=self._compilation(steps),
        )

    def _compilation(self, steps: int) -> bool | str:
        """What Keras is to be told of compilation, for so many gradient steps.

        What "long" weighs up are the costs of XLA under TensorFlow. JAX always compiles, and its
        steps would take a hundred times as long without; PyTorch's compiler is another one, of
        which nothing was measured. Keras decides there.
        """
        if self.jit_compile != "long":
            return self.jit_compile
        if keras.backend.backend() != "tensorflow":
            return "auto"
        return steps * self.batch_size >= FEWEST_SAMPLES_FOR_XLA


HIGHEST_RATE = 3e-3
"""The learning rate that `rising_and_falling` comes to."""


def rising_and_falling(
    total_steps: int, highest: float = HIGHEST_RATE
) -> keras.optimizers.Optimizer:
    """Adam; its rate rises in the first twentieth of the steps, then falls to 0.

    Args:
        total_steps: Gradient steps of the whole training, > 0.
        highest: What the rate rises to.
    """
    warmup_steps = max(1, total_steps // 20)
    return keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=highest / 10,
            warmup_target=highest,
            warmup_steps=warmup_steps,
            decay_steps=max(1, total_steps - warmup_steps),
        )
    )
