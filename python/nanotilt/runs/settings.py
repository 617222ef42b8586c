"""What a training run is asked for, and what follows from it: settings, seeds, sample ranges."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nanotilt._base.checks import choice, integer, plain, received, seed_number
from nanotilt._base.decoding import decode

if TYPE_CHECKING:
    from nanotilt.models import TrainingPlan

MODEL_NAMES = ("fast", "paper")
"""The networks that can be trained; `nanotilt.models.names()` without loading Keras."""

FIELD_NETWORKS = ("unet", "unet-large", "borders", "fpn", "star", "detector")
"""Networks that find particles in images of fields; "fast" means the first."""

PATCH_CLASSIFIERS = ("cnn-a", "cnn-b", "defect-net")
"""Networks that classify images, made for patches of lattices."""

PATCH_AUTOENCODERS = ("dense-ae", "conv-ae", "vae", "denoiser")
"""Networks that learn perfect patches of lattices, and then find others."""

PATCH_FINDERS = ("finder",)
"""Networks that tell kinds and places of the defects in patches of lattices."""

PATCH_NETWORKS = (*PATCH_AUTOENCODERS, *PATCH_FINDERS)
"""Those for patches of lattices that learn other targets than classes."""

TAGGING_NETWORKS = ("polar-net", "scattering-cnn", "coefficient-cnn", "joint", "vgg")
"""Networks that tag x-ray scattering images; "fast" means the first."""

OWN_NETWORK = "package.module:function"
"""What the name of a network of the user's own looks like."""

_OWN = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:(<?[^\W\d]\w*>?)(\.<?[^\W\d]\w*>?)*")

TRAINING_START = 0
"""Training takes the samples from here on, each once."""

VALIDATION_START = 2**40
"""Validation takes the same samples after every epoch, from here on."""

TEST_START = 2**41
"""The final test takes samples from here on. They play no part in choosing anything."""

VALIDATION_SAMPLES = 10_000
"""Samples that every epoch is validated on, unless the user or the network's plan decides."""

RANGE_LIMIT = 2**40
"""Most samples in each of the three ranges, so that they never meet."""


@dataclass(frozen=True)
class Options:
    """What the user asks for; None leaves it to the network's own training plan.

    Attributes:
        model: "fast", "paper", of fields one of `FIELD_NETWORKS`, of patches of lattices one of
            `PATCH_CLASSIFIERS` or `PATCH_NETWORKS`, of scattering one of `TAGGING_NETWORKS`, or
            "package.module:function", which builds the user's own network.
        epochs: Number of epochs, >= 1.
        steps_per_epoch: Gradient steps per epoch, >= 1.
        batch_size: Samples per gradient step, >= 1.
        seed: Seed of the stream, in [0, 2**64); the network's first weights follow from it, too.
        validation_samples: Samples that every epoch is validated on, >= 1; left open by the
            network's plan, too: 10,000.
        test_samples: Samples of the final test, >= 1.
        n_threads: Threads for simulation and TensorFlow, >= 1, or None: all that may be used.
        tries: Trainings in all, at most, >= 1: one that stays at chance starts again.
    """

    model: str = "fast"
    epochs: int | None = None
    steps_per_epoch: int | None = None
    batch_size: int | None = None
    seed: int = 0
    validation_samples: int | None = None
    test_samples: int = 20_000
    n_threads: int | None = None
    tries: int | None = None

    def __post_init__(self) -> None:
        fields: dict[str, object] = {
            "model": _model(self.model),
            "seed": seed_number(self.seed),
        }
        limits = dict.fromkeys(("epochs", "steps_per_epoch", "batch_size", "tries"), RANGE_LIMIT)
        limits |= {"n_threads": 65537}
        limits |= dict.fromkeys(("validation_samples", "test_samples"), RANGE_LIMIT + 1)
        for field, below in limits.items():
            if getattr(self, field) is not None:
                fields[field] = integer(field, getattr(self, field), at_least=1, below=below)
        for field, value in fields.items():
            object.__setattr__(self, field, value)


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run, besides its recipe.

    Attributes:
        model: The network's name.
        epochs: Number of epochs.
        steps_per_epoch: Gradient steps per epoch.
        batch_size: Samples per gradient step.
        seed: Seed of the stream.
        validation_samples: Samples that every epoch is validated on.
        test_samples: Samples of the final test.
        n_threads: Threads, or None: all that may be used.
        patience: Epochs without a smaller validation loss before training ends and the best weights
            are restored; None: train to the end, keep the last weights.
        steps_per_execution: Gradient steps per call into TensorFlow; changes no result.
        fixed_set: Whether every epoch takes the same samples, in a new order.
        tries: Trainings in all, at most: one that stays at chance starts again.
    """

    model: str
    epochs: int
    steps_per_epoch: int
    batch_size: int
    seed: int
    validation_samples: int
    test_samples: int
    n_threads: int | None
    patience: int | None
    steps_per_execution: int
    fixed_set: bool = False
    tries: int = 1

    def __post_init__(self) -> None:
        Options(
            self.model, self.epochs, self.steps_per_epoch, self.batch_size, self.seed,
            self.validation_samples, self.test_samples, self.n_threads, self.tries,
        )  # fmt: skip  # refuses what no user may ask for either, such as -5 threads
        integer("steps_per_execution", self.steps_per_execution, at_least=1)
        if self.steps_per_epoch % self.steps_per_execution:
            raise ValueError(
                "steps_per_execution must divide steps_per_epoch. "
                f"{received('steps_per_execution', self.steps_per_execution)}, "
                f"steps_per_epoch={self.steps_per_epoch}"
            )
        if self.patience is not None:
            integer("patience", self.patience, at_least=1)
        if self.total_samples > RANGE_LIMIT:
            raise ValueError(
                "epochs * steps_per_epoch * batch_size must be <= 2**40. "
                f"{received('epochs', self.epochs)}, steps_per_epoch={self.steps_per_epoch}, "
                f"batch_size={self.batch_size}"
            )

    @classmethod
    def resolve(cls, options: Options, plan: TrainingPlan) -> Settings:
        """Fills in what the user left open.

        A batch size without a number of steps keeps the plan's samples per epoch.

        Args:
            options: What the user asked for.
            plan: The network's training plan for the recipe.

        Raises:
            ValueError: more than 2**40 training samples.
        """
        batch_size = options.batch_size or plan.batch_size
        steps = options.steps_per_epoch or max(1, round(plan.samples_per_epoch / batch_size))
        return cls(
            model=options.model,
            epochs=options.epochs or plan.epochs,
            steps_per_epoch=steps,
            batch_size=batch_size,
            seed=options.seed,
            validation_samples=options.validation_samples
            or plan.validation_samples
            or VALIDATION_SAMPLES,
            test_samples=options.test_samples,
            n_threads=options.n_threads,
            patience=plan.patience,
            steps_per_execution=_largest_divisor(steps, plan.steps_per_execution),
            fixed_set=plan.fixed_set,
            tries=options.tries or plan.tries,
        )

    @classmethod
    def from_json_value(cls, value: dict[str, Any]) -> Settings:
        """Reads what ``dataclasses.asdict`` gave.

        Args:
            value: The settings by name.

        Raises:
            ValueError: a key that every run has is missing, or a value that no run can have.
        """
        return decode(cls, value, "settings", lenient=True)

    @property
    def samples_per_epoch(self) -> int:
        """Training samples per epoch."""
        return self.batch_size * self.steps_per_epoch

    @property
    def total_samples(self) -> int:
        """Training samples of the whole run."""
        return self.samples_per_epoch * self.epochs

    @property
    def total_steps(self) -> int:
        """Gradient steps of the whole run."""
        return self.steps_per_epoch * self.epochs

    @property
    def model_seed(self) -> int:
        """Seed of the network's first weights and dropout, < 2**32."""
        return self.seed_of_try(0)

    def seed_of_try(self, number: int) -> int:
        """Seed of the first weights of a try.

        Args:
            number: Which try, from 0.
        """
        # Far steps: the second try of one seed must not be the first try of the next.
        return (self.seed + number * 0x9E3779B1) % 2**32

    def ranges(self) -> dict[str, list[int]]:
        """First and last-plus-one index of the samples for training, validation and test."""
        n_training = self.samples_per_epoch if self.fixed_set else self.total_samples
        return {
            "training": [TRAINING_START, TRAINING_START + n_training],
            "validation": [VALIDATION_START, VALIDATION_START + self.validation_samples],
            "test": [TEST_START, TEST_START + self.test_samples],
        }


def is_own(model: str) -> bool:
    """Whether a network's name is that of a function, "package.module:function"."""
    return _OWN.fullmatch(model) is not None


def _model(value: Any) -> str:
    """A network's name, as a Python str."""
    value = plain("model", value)
    if isinstance(value, str) and is_own(value):
        return str.__str__(value)
    return choice(
        "model",
        value,
        (
            *(*MODEL_NAMES, *FIELD_NETWORKS, *PATCH_CLASSIFIERS, *PATCH_NETWORKS),
            *(*TAGGING_NETWORKS, OWN_NETWORK),
        ),
    )


def _largest_divisor(number: int, limit: int) -> int:
    """The largest divisor of a number that is not above a limit."""
    return next(d for d in range(min(number, limit), 0, -1) if number % d == 0)
