"""Networks that learn targets of a recipe other than its labels, from a stream of their own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import keras

from nanotilt._base.checks import received
from nanotilt.models._from_recipe import FromRecipe
from nanotilt.recipes.recipe import Recipe


class OwnTruth(FromRecipe, keras.Model):  # type: ignore[misc]
    """A network that says what it is to answer, and with which loss.

    Attributes:
        learns_from: The targets of a recipe that `truth` needs besides the views.
    """

    learns_from: ClassVar[tuple[str, ...]] = ()

    @classmethod
    @abstractmethod
    def truth(cls, targets: Mapping[str, Any]) -> Any:
        """What the network is to answer.

        Args:
            targets: Batches by name: "views", and those of `learns_from`.
        """

    @classmethod
    @abstractmethod
    def new_loss(cls) -> keras.losses.Loss:
        """The loss that it is trained with, of `truth` and its answer."""

    @classmethod
    def check_recipe(cls, recipe: Recipe) -> None:
        """Makes sure that the network can be trained on a recipe.

        Args:
            recipe: With the targets `learns_from`.

        Raises:
            TypeError: It is no recipe.
            ValueError: A target is missing.
        """
        if not isinstance(recipe, Recipe):
            raise TypeError(f"recipe must be a nanotilt.Recipe. {received('recipe', recipe)}")
        if not set(cls.learns_from) <= set(recipe.targets):
            asked = ", ".join(f'"{target}"' for target in cls.learns_from)
            raise ValueError(
                f"targets must hold {asked}, which a {cls.__name__} learns from. "
                f"{received('targets', recipe.targets)}"
            )

    @classmethod
    def for_recipe(
        cls, recipe: Any, *, compile: bool = True, total_steps: int | None = None, **options: Any
    ) -> Any:
        """Builds the network for a recipe's images.

        Args:
            recipe: A nanotilt.Recipe that passes `check_recipe`; the network keeps and saves it.
            compile: Whether to compile it for ``model.fit(model.data(recipe, ...))``.
            total_steps: Gradient steps that will be taken in all, which the learning rate spans.
                None: those of the training plan.
            options: Further arguments of the constructor.

        Raises:
            ValueError: As for `check_recipe`.
        """
        cls.check_recipe(recipe)
        model = super().for_recipe(recipe, compile=False, **options)
        if compile:
            plan = cls.training_plan(recipe)
            model.compile(plan.make_optimizer(total_steps or plan.total_steps), cls.new_loss())
        return model
