"""What networks that learn perfect lattices alone have in common: they draw the patch they see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from nanotilt._base.arrays import finite_array
from nanotilt._base.checks import integer, received
from nanotilt.models._arguments import image_shape
from nanotilt.models._from_recipe import OwnTruth
from nanotilt.models.plan import HIGHEST_RATE, TrainingPlan, rising_and_falling
from nanotilt.models.segmentation.blocks import standardised
from nanotilt.recipes.recipe import Recipe


class PatchAutoencoder(OwnTruth):
    """A network that is trained on patches of a perfect lattice, and redraws any patch.

    What it cannot redraw is no perfect lattice: `nanotilt.anomaly` makes scores of what is left.
    Patches are brought to mean 0 and standard deviation 1, and so is what the network is to draw.
    """

    multiple_of: ClassVar[int] = 1
    highest_rate: ClassVar[float] = HIGHEST_RATE
    epochs: ClassVar[int] = 20

    def _built(
        self,
        redraw: Callable[[Any], Any],
        *,
        view_shape: Sequence[int],
        name: str,
        trainable: bool,
    ) -> None:
        """Builds the network; `redraw` makes patches (rows, columns, 1) of patches."""
        shape = image_shape(view_shape, multiple_of=self.multiple_of)
        views = keras.Input((1, *shape), name="views")
        drawn = redraw(standardised(ops.transpose(views, (0, 2, 3, 1)), masked=False))
        super().__init__(inputs=views, outputs=drawn[..., 0], name=name, trainable=trainable)
        self.view_shape = shape

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        arguments = {
            "view_shape": list(self.view_shape), "name": self.name, "trainable": self.trainable,
        }  # fmt: skip
        return self._with_state(arguments)

    @classmethod
    def truth(cls, targets: Mapping[str, Any]) -> Any:
        """What the network is to draw.

        Args:
            targets: Batches by name: "views" (batch, 1, rows, columns), and those of `learns_from`.

        Returns:
            (batch, rows, columns) float32 at mean 0 and standard deviation 1: the patch itself.
        """
        return standardised(targets["views"][:, 0, ..., None], masked=False)[..., 0]

    @classmethod
    def new_loss(cls) -> keras.losses.Loss:
        """The mean squared error of pixels."""
        return keras.losses.MeanSquaredError()

    @classmethod
    def data(
        cls, recipe: Recipe, seed: int, batch_size: int, start: int = 0, **options: Any
    ) -> Any:
        """An endless tf.data stream of what the network sees and what it is to draw.

        Args:
            recipe: Patches, of perfect lattices alone, with the targets `learns_from`.
            seed: The stream.
            batch_size: Patches in an element.
            start: The first sample.
            options: Further arguments of `nanotilt.stream`.

        Returns:
            Elements (views, truth): (batch, 1, rows, columns), (batch, rows, columns), float32.

        Raises:
            ValueError: The recipe lacks a target, or an argument has a wrong value.
        """
        from nanotilt.streaming.stream import stream

        cls.check_recipe(recipe)
        names = ("views", *cls.learns_from)

        def arranged(*given: Any) -> Any:
            targets = dict(zip(names, given, strict=True))
            return targets["views"], cls.truth(targets)

        given = stream(recipe, seed, batch_size, start, give=names, **options)
        return given.map(arranged, num_parallel_calls=1, deterministic=True)

    @classmethod
    def check_recipe(cls, recipe: Recipe) -> None:
        """Makes sure that the network can be trained on a recipe.

        Raises:
            TypeError: It is none.
            ValueError: Its views are no single images, or a target is missing.
        """
        super().check_recipe(recipe)
        if recipe.n_views != 1:
            raise ValueError(
                "the recipe's samples must have one view each, which this network redraws. "
                f"{received('n_views', recipe.n_views)}"
            )
        image_shape(recipe.view_shape, multiple_of=cls.multiple_of)

    @classmethod
    def training_plan(cls, recipe: Recipe, budget: str | None = None) -> TrainingPlan:
        """Adam, batches of 128, a learning rate that rises, then falls to 0 as a cosine.

        25,600 patches an epoch; quick: a quarter of the epochs, full: four times as many.
        """
        epochs = {"quick": max(1, cls.epochs // 4), "full": 4 * cls.epochs}.get(budget or "")
        return TrainingPlan(
            batch_size=128, steps_per_epoch=200, epochs=epochs or cls.epochs,
            make_optimizer=cls._optimizer, validation_samples=1024,
        )  # fmt: skip

    @classmethod
    def _optimizer(cls, total_steps: int) -> Any:
        return rising_and_falling(total_steps, cls.highest_rate)

    @classmethod
    def _sizes_for(cls, recipe: Recipe) -> dict[str, Any]:
        return {"view_shape": recipe.view_shape}

    def redrawn(self, views: npt.ArrayLike, batch_size: int = 256) -> npt.NDArray[np.float32]:
        """Patches as the network draws them.

        Args:
            views: (batch, 1, rows, columns).
            batch_size: Patches at a time.

        Returns:
            (batch, rows, columns) float32, to be compared with patches at mean 0 and standard
            deviation 1.
        """
        return np.asarray(self._answers(self, views, batch_size), dtype=np.float32)

    def _answers(self, model: keras.Model, views: npt.ArrayLike, batch_size: int) -> Any:
        seen = finite_array("views", views, np.float32, booleans=True)
        at_once = integer("batch_size", batch_size, at_least=1)
        return model.predict(self._checked(seen), batch_size=at_once, verbose=0)
