"""What every network can do: be built and compiled for a recipe; some have a truth of their own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras

from nanotilt._base.checks import received
from nanotilt.models._arguments import recipe_sizes
from nanotilt.models._network import Network
from nanotilt.models.plan import TrainingPlan
from nanotilt.recipes.recipe import Recipe


class FromRecipe(Network):
    """Adds ``for_recipe`` to a network whose first arguments a recipe decides."""

    @classmethod
    def training_plan(cls, recipe: Any, budget: str | None = None) -> TrainingPlan:
        """The recommended training settings for a recipe.

        Args:
            recipe: A nanotilt.Recipe.
            budget: "quick", "full", or None: what most users want.
        """
        raise NotImplementedError

    @classmethod
    def network_options(cls) -> dict[str, Any]:
        """Sizes that the constructor has by default and that may be varied, as JSON types."""
        return {}

    @classmethod
    def _sizes_for(cls, recipe: Any) -> dict[str, Any]:
        """The first arguments: of a network of lines of bins n_views, n_bins and n_classes."""
        return recipe_sizes(recipe)

    @classmethod
    def _options_for(cls, recipe: Any, options: dict[str, Any]) -> dict[str, Any]:
        """Adds to the user's constructor options what else the recipe decides."""
        return options

    @classmethod
    def for_recipe(
        cls, recipe: Any, *, compile: bool = True, total_steps: int | None = None, **options: Any
    ) -> Any:
        """Builds the network for a recipe's views, bins and classes.

        Args:
            recipe: A nanotilt.Recipe.
            compile: Whether to compile it for ``model.fit(nanotilt.stream(recipe, ...))``: integer
                labels, accuracy, and the optimizer of the training plan.
            total_steps: Gradient steps that will be taken in all, which learning rate schedules
                span. None: those of the training plan.
            options: Further arguments of the constructor, ``n_classes`` among them.

        Returns:
            The network; its inputs are ``Batch.views``, its outputs probabilities in the order of
            ``recipe.class_names``. It keeps the recipe, and saves it along.
        """
        model: Any = cls(**{**cls._sizes_for(recipe), **cls._options_for(recipe, options)})
        model.recipe = recipe
        if compile:
            cls.training_plan(recipe).compile(model, total_steps)
        return model


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
        cls._check_targets(recipe, cls.learns_from, "learns from")

    @classmethod
    def _check_targets(cls, recipe: Recipe, names: Sequence[str], what_for: str) -> None:
        """Raises ValueError where a recipe lacks one of the targets."""
        if not set(names) <= set(recipe.targets):
            asked = ", ".join(f'"{target}"' for target in names)
            raise ValueError(
                f"targets must hold {asked}, which a {cls.__name__} {what_for}. "
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
