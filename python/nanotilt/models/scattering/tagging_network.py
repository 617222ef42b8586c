"""What networks that tag x-ray scattering images have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops

from nanotilt._base.checks import choice, integer, received
from nanotilt.models._from_recipe import OwnTruth
from nanotilt.models._inputs import checked_views
from nanotilt.models._outputs import OUTPUT_PREFIX
from nanotilt.models.plan import TrainingPlan, rising_and_falling
from nanotilt.models.scattering.averaging import AveragedSGD
from nanotilt.models.scattering.loss import TaggingLoss
from nanotilt.recipes.recipe import Recipe

SIZES = PAPER, SMALL = "paper", "small"
"""As large as in the paper, or so small that two processor cores train it within minutes."""

LOG_ODDS = f"{OUTPUT_PREFIX}_log_odds"
"""Name of the last layer: the log odds of each tag."""

Shape = tuple[int | None, ...]


class TaggingNetwork(OwnTruth):
    """A network that answers with the log odds of each tag of a scattering image.

    What it sees are numbers as they were counted: they are scaled within the network.

    Attributes:
        looks_at: The outputs of a recipe that it sees, in the order of its inputs.
        class_names: The tags, in the order of its answers.
        n_tags: How many they are.
    """

    looks_at: ClassVar[tuple[str, ...]] = ("views",)
    learns_from: ClassVar[tuple[str, ...]] = ("tags",)

    def _built(
        self,
        features: Callable[..., Any],
        shapes: Mapping[str, Shape],
        *,
        tag_names: Sequence[str],
        name: str,
        trainable: bool,
    ) -> None:
        """Builds the network.

        Args:
            features: Takes the inputs one by one, gives (n,) features of the whole image.
            shapes: The inputs' shapes by name.
            tag_names: The tags.
            name: Name of the model.
            trainable: Whether training changes its weights.
        """
        names = self._checked_tags(tag_names)
        # Counts need all digits of single precision, whatever the layers compute with.
        inputs = [keras.Input(shape, name=each, dtype="float32") for each, shape in shapes.items()]
        seen = features(*inputs)
        odds = layers.Dense(len(names), dtype="float32", name=LOG_ODDS)(seen)
        one_or_all = inputs[0] if len(inputs) == 1 else inputs
        super().__init__(inputs=one_or_all, outputs=odds, name=name, trainable=trainable)
        self.n_tags = len(names)
        self.class_names = names

    @staticmethod
    def _checked_tags(names: Any) -> tuple[str, ...]:
        if isinstance(names, str) or not all(isinstance(name, str) for name in names):
            raise TypeError(
                f"tag_names must be a sequence of strings. {received('tag_names', names)}"
            )
        if not names or len(set(names)) < len(names):
            raise ValueError(
                f"tag_names must be different names, one at least. {received('tag_names', names)}"
            )
        return tuple(names)

    def _n_classes(self) -> int | None:
        return getattr(self, "n_tags", None)

    def _name_classes(self, recipe: Recipe | None) -> None:
        """Tags keep their names: a recipe's classes are something else."""

    def _arguments(self, **own: Any) -> dict[str, Any]:
        names = list(self.class_names or ())
        shared = {"tag_names": names, "name": self.name, "trainable": self.trainable}
        return self._with_state({**own, **shared})

    def _checked(self, views: Any) -> Any:
        """What it sees, or an error that says what it takes: of several inputs a list."""
        names = self.looks_at
        parts = self._parts(views, names)
        shapes = [tuple(tensor.shape[1:]) for tensor in self.inputs]
        found = [
            checked_views(part, shape, name=name)
            for part, shape, name in zip(parts, shapes, names, strict=True)
        ]
        return found[0] if len(found) == 1 else found

    @staticmethod
    def _parts(views: Any, names: Sequence[str]) -> list[Any]:
        if isinstance(views, Mapping):
            if not set(names) <= set(views):
                raise ValueError(
                    f"the network must be shown {', '.join(names)}. "
                    f"Received: {', '.join(map(str, views))}"
                )
            return [views[name] for name in names]
        if len(names) == 1:
            alone = isinstance(views, (list, tuple)) and len(views) == 1
            return [views[0] if alone and hasattr(views[0], "shape") else views]
        if not isinstance(views, (list, tuple)) or len(views) != len(names):
            many = f"{len(views)} parts" if isinstance(views, (list, tuple)) else "one part"
            raise ValueError(f"the network must be shown {', '.join(names)}. Received: {many}")
        return list(views)

    # What it is trained on

    @classmethod
    def truth(cls, targets: Mapping[str, Any]) -> Any:
        """What the network is to answer.

        Args:
            targets: "tags" (batch, n_tags), 1 where a sample carries a tag, else 0.

        Returns:
            The same, float32.
        """
        return ops.cast(targets["tags"], "float32")

    @classmethod
    def seen(cls, outputs: Mapping[str, Any]) -> Any:
        """What the network sees of a batch: its input, or a tuple of them.

        Args:
            outputs: Those of `looks_at` by name.
        """
        parts = tuple(outputs[name] for name in cls.looks_at)
        return parts[0] if len(parts) == 1 else parts

    @classmethod
    def new_loss(cls) -> keras.losses.Loss:
        """The mean of the tags' cross-entropies."""
        return TaggingLoss()

    @classmethod
    def check_recipe(cls, recipe: Recipe) -> None:
        """Makes sure that the network can be trained on a recipe.

        Raises:
            TypeError: It is none.
            ValueError: What the network sees or learns from is missing, or it sees images whose
                logarithm the recipe takes already.
        """
        super().check_recipe(recipe)
        wanted = [name for name in cls.looks_at if name != "views"]
        cls._check_targets(recipe, wanted, "looks at")
        if "views" in cls.looks_at and recipe.normalise == "log":
            raise ValueError(
                f"{cls.__name__} takes the logarithm of counts itself: its recipe must have "
                'normalise="none", as dataclasses.replace(recipe, normalise="none") has. '
                f"{received('normalise', recipe.normalise)}"
            )

    @classmethod
    def for_recipe(
        cls, recipe: Any, *, compile: bool = True, total_steps: int | None = None, **options: Any
    ) -> Any:
        """Builds the network for a recipe's images; small ones are compiled as is best for them.

        Args:
            recipe: A nanotilt.Recipe that passes `check_recipe`; the network keeps and saves it.
            compile: Whether to compile it for ``model.fit(model.data(recipe, ...))``.
            total_steps: Gradient steps that will be taken in all, which the learning rate spans.
                None: those of the training plan.
            options: Further arguments of the constructor, ``size`` among them.

        Raises:
            ValueError: As for `check_recipe`.
        """
        model = super().for_recipe(recipe, compile=False, **options)
        if compile:
            plan: Any = cls.training_plan
            found = plan(recipe, size=getattr(model, "size", SMALL))
            optimizer = found.make_optimizer(total_steps or found.total_steps)
            model.compile(optimizer, cls.new_loss())
        return model

    @classmethod
    def _sizes_for(cls, recipe: Recipe) -> dict[str, Any]:
        """The shapes of what it sees, under the names of the constructor's arguments."""
        arguments = {"views": "view_shape", "polar": "polar_shape"}
        sizes: dict[str, Any] = {}
        for name in cls.looks_at:
            if name in arguments:
                sizes[arguments[name]] = tuple(recipe.spec[name].shape)[1:]
        return sizes

    @classmethod
    def data(
        cls, recipe: Recipe, seed: int, batch_size: int, start: int = 0, **options: Any
    ) -> Any:
        """An endless tf.data stream of what the network sees and what it is to answer.

        Args:
            recipe: With the outputs `looks_at` and `learns_from`.
            seed: The stream.
            batch_size: Images in an element.
            start: The first sample.
            options: Further arguments of `nanotilt.stream`.

        Returns:
            Elements (seen, tags): what `seen` gives, and (batch, n_tags) float32.

        Raises:
            ValueError: The recipe lacks an output, or an argument has a wrong value.
        """
        from nanotilt.streaming.stream import stream

        cls.check_recipe(recipe)
        names = (*cls.looks_at, *cls.learns_from)

        def arranged(*given: Any) -> Any:
            outputs = dict(zip(names, given, strict=True))
            return cls.seen(outputs), cls.truth(outputs)

        given = stream(recipe, seed, batch_size, start, give=names, **options)
        return given.map(arranged, num_parallel_calls=1, deterministic=True)

    # What it answers

    def probabilities(self, seen: Any, batch_size: int = 64) -> npt.NDArray[np.float32]:
        """How likely each image carries each tag.

        Args:
            seen: What the network looks at: one array, or a sequence of arrays, (batch, ...) each.
            batch_size: Images at a time.

        Returns:
            (batch, n_tags) float32 in [0, 1].

        Raises:
            ValueError: The arrays have other shapes.
        """
        at_once = integer("batch_size", batch_size, at_least=1)
        odds = self.predict(self._checked(seen), batch_size=at_once, verbose=0)
        return np.asarray(ops.convert_to_numpy(ops.sigmoid(odds)), np.float32)


def checked_size(size: Any) -> str:
    """One of `SIZES`."""
    return choice("size", size, SIZES)


def as_the_paper(epochs: int) -> TrainingPlan:
    """Momentum 0.9 at a rate of 0.01, batches of 50, averaged weights (Lashley et al. 2017).

    Args:
        epochs: Of 10,000 images each.
    """
    return TrainingPlan(
        batch_size=50, steps_per_epoch=200, epochs=epochs, make_optimizer=_averaged,
        validation_samples=2000,
    )  # fmt: skip


def as_here(epochs: int) -> TrainingPlan:
    """Adam, batches of 64, a learning rate that rises, then falls to 0 as a cosine.

    Args:
        epochs: Of 25,600 images each.
    """
    return TrainingPlan(
        batch_size=64, steps_per_epoch=400, epochs=epochs, make_optimizer=rising_and_falling,
        validation_samples=2000,
    )  # fmt: skip


def _averaged(total_steps: int) -> keras.optimizers.Optimizer:
    """The paper's, whose rate does not depend on the number of steps."""
    return AveragedSGD()
