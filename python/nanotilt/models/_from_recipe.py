"""What every network can do: be built and compiled for a recipe."""

from __future__ import annotations

from typing import Any

from nanotilt.models._arguments import recipe_sizes
from nanotilt.models._network import Network
from nanotilt.models.plan import TrainingPlan


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
