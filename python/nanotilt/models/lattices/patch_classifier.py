"""What networks that sort patches of a lattice into classes have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import keras
from keras import layers, ops

from nanotilt._base.checks import integer
from nanotilt.models._arguments import image_shape, recipe_classes
from nanotilt.models._from_recipe import FromRecipe
from nanotilt.models._outputs import OUTPUT_PREFIX
from nanotilt.models.plan import HIGHEST_RATE, TrainingPlan, rising_and_falling
from nanotilt.models.segmentation.blocks import standardised

LOG_ODDS = f"{OUTPUT_PREFIX}_log_odds"
"""Name of the layer whose outputs are the log odds of each class but the first against the first:
one number where there are two classes."""


class PatchClassifier(FromRecipe, keras.Model):  # type: ignore[misc]
    """A network that takes patches, its views as channels, and returns probabilities of classes.

    Each view is brought to mean 0 and standard deviation 1 first, as the recipes of lattices do it
    by default, so that neither dose nor contrast's scale matter.
    """

    smallest_side: ClassVar[int] = 4
    highest_rate: ClassVar[float] = HIGHEST_RATE

    def _built(
        self,
        log_odds: Callable[[Any, int], Any],
        *,
        n_views: int,
        view_shape: Sequence[int],
        n_classes: int,
        name: str,
        trainable: bool,
    ) -> None:
        """Builds the network.

        Args:
            log_odds: Takes patches (rows, columns, n_views) and a number n, returns (n,) log odds
                of each class but the first against the first.
            n_views: Views of one sample.
            view_shape: (rows, columns).
            n_classes: Classes to tell apart.
            name: Name of the model.
            trainable: Whether training changes its weights.
        """
        n_views = integer("n_views", n_views, at_least=1)
        shape = image_shape(view_shape, at_least=self.smallest_side)
        n_classes = integer("n_classes", n_classes, at_least=2)
        views = keras.Input((n_views, *shape), name="views")
        x = standardised(ops.transpose(views, (0, 2, 3, 1)), masked=False)
        odds = log_odds(x, n_classes - 1)
        both = ops.concatenate([ops.zeros_like(odds[:, :1]), odds], axis=-1)
        answer = layers.Softmax(dtype="float32", name=OUTPUT_PREFIX)(both)
        super().__init__(inputs=views, outputs=answer, name=name, trainable=trainable)
        self.n_views, self.view_shape, self.n_classes = n_views, shape, n_classes

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        arguments = {
            "n_views": self.n_views, "view_shape": list(self.view_shape),
            "n_classes": self.n_classes, "name": self.name, "trainable": self.trainable,
        }  # fmt: skip
        return self._with_state(arguments)

    @classmethod
    def training_plan(cls, recipe: Any, budget: str | None = None) -> TrainingPlan:
        """Adam, batches of 128, 512,000 samples, a learning rate that rises, then falls to 0.

        The quick budget takes a quarter of the samples, the full one four times as many.
        """
        epochs = {"quick": 5, "full": 80}.get(budget or "", 20)
        return TrainingPlan(
            batch_size=128, steps_per_epoch=200, epochs=epochs, make_optimizer=cls._optimizer,
            steps_per_execution=10,
        )  # fmt: skip

    @classmethod
    def _optimizer(cls, total_steps: int) -> Any:
        return rising_and_falling(total_steps, cls.highest_rate)

    @classmethod
    def _sizes_for(cls, recipe: Any) -> dict[str, Any]:
        """What a recipe fixes: numbers of views and classes, and the views' shape."""
        n_classes = recipe_classes(recipe)
        image_shape(recipe.view_shape, at_least=cls.smallest_side)
        return {"n_views": recipe.n_views, "view_shape": recipe.view_shape, "n_classes": n_classes}
