"""What every network has in common: how it is saved, what it was made for, what it may be shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from nanotilt._base.arrays import finite_array
from nanotilt._base.checks import received
from nanotilt.models import _saving
from nanotilt.models._inputs import check_data, checked_views, has_its_own_order
from nanotilt.recipes.recipe import Recipe

CHANNELS_LAST: dict[str, Any] = {"data_format": "channels_last"}
"""For every layer that asks: the networks are built for it, whatever Keras is set to."""

_SHUFFLE = 8
"""Its place among the arguments of keras.Model.fit that follow the first."""


class Network:
    """Goes before keras.Model among the base classes of a network.

    The network's own ``get_config`` gives its constructor's arguments through `_with_state`.

    Attributes:
        recipe: The nanotilt.Recipe whose views it takes, or None. It is saved along.
        class_names: What its outputs stand for, in their order, or None. Saved along.
        bounds: (low, high), the values as detected that the recipe's normalisation takes to 0 and
            1, or None. Saved along.
    """

    _recipe: Recipe | None = None
    _recipe_text: str | None = None
    _class_names: tuple[str, ...] | None = None
    _bounds: tuple[float, float] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "inputs" in kwargs:
            inputs, outputs = _saving.as_saved(kwargs["inputs"], kwargs["outputs"])
            kwargs = {**kwargs, "inputs": inputs, "outputs": outputs}
        super().__init__(*args, **kwargs)

    # What it was made for

    @property
    def recipe(self) -> Recipe | None:
        """The recipe whose views it takes.

        Raises:
            ValueError: The recipe that was saved with the network is of another stream version.
        """
        if self._recipe is None and self._recipe_text is not None:
            self._recipe = Recipe.from_json(self._recipe_text)
        return self._recipe

    @recipe.setter
    def recipe(self, recipe: Recipe | None) -> None:
        """Names the outputs after the recipe's classes, too, if there are as many."""
        if recipe is not None and not isinstance(recipe, Recipe):
            raise TypeError(f"recipe must be a nanotilt.Recipe. {received('recipe', recipe)}")
        self._recipe = recipe
        self._recipe_text = None if recipe is None else recipe.to_json(indent=None)
        self._bounds = None if recipe is None else recipe.bounds
        self._name_classes(recipe)

    @property
    def knows_recipe(self) -> bool:
        """Whether there is a recipe, be it one of another stream version."""
        return self._recipe_text is not None

    def remember_recipe(self, text: str) -> None:
        """Takes the recipe from its JSON text.

        One of another stream version is kept, too: the network is as good as ever, only that its
        samples can't be drawn by this release.

        Args:
            text: What ``Recipe.to_json`` gave.
        """
        try:
            self.recipe = Recipe.from_json(text)
        except (TypeError, ValueError):  # told when the recipe is asked for
            self._recipe, self._recipe_text, self._bounds = None, text, None

    def _name_classes(self, recipe: Recipe | None) -> None:
        """Names the outputs after the recipe's classes, if there are as many."""
        names = () if recipe is None else recipe.class_names
        self._class_names = names if names and len(names) == self._n_classes() else None

    def _n_classes(self) -> int | None:
        """How many classes the network tells apart; None if it answers something else."""
        return getattr(self, "n_classes", None)

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """What the outputs stand for, in their order."""
        return self._class_names

    @class_names.setter
    def class_names(self, names: Sequence[str] | None) -> None:
        """One for each class that the network tells apart, or None."""
        self._class_names = None if names is None else self._checked_names(names)

    def _checked_names(self, names: Any) -> tuple[str, ...]:
        if isinstance(names, str) or not all(isinstance(name, str) for name in names):
            raise TypeError(
                f"class_names must be a sequence of strings. {received('class_names', names)}"
            )
        if len(names) != self._n_classes():
            raise ValueError(
                f"class_names must have {self._n_classes() or 0} entries, one for each class. "
                f"{received('class_names', names)}"
            )
        return tuple(names)

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Values as detected that become 0 and 1 before the network sees them."""
        return self._bounds

    def normalised(self, detected: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Values as detected, scaled as those that the network was made for.

        What ``Recipe.sample`` and `nanotilt.stream` give is scaled already.

        Args:
            detected: Real numbers of any shape, in the units of the recipe's detector.

        Returns:
            float32 of the same shape: 0 at the lower of `bounds`, 1 at the upper.

        Raises:
            TypeError: They are not real numbers.
            ValueError: They are not finite, or the network knows no bounds.
        """
        if self._bounds is None:
            raise ValueError(
                "the network must have a recipe to know the scale of its views. "
                f"{received('recipe', None)}"
            )
        low, high = self._bounds
        values = finite_array("detected", detected, np.float64)
        return np.asarray((values - low) / (high - low), np.float32)

    # How it is saved

    def _with_state(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """A configuration: the constructor's arguments, and what else makes the network.

        Args:
            arguments: The constructor's, as JSON types.
        """
        policy = keras.saving.serialize_keras_object(self.dtype_policy)  # type: ignore[attr-defined]
        state = {
            "dtype": policy,
            "layers": _saving.layer_configs(self) if hasattr(self, "inputs") else None,
            "recipe": self._recipe_text,
            "class_names": self._class_names and list(self._class_names),
            "bounds": self._bounds and list(self._bounds),
        }
        config = {**arguments, **{k: value for k, value in state.items() if value is not None}}
        return dict(json.loads(json.dumps(config)))  # Keras gives shapes as tuples

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The network that ``get_config`` describes, with new weights.

        Args:
            config: What ``get_config`` gave, or the constructor's arguments alone.
            custom_objects: Further classes by name, for layers that Keras does not know.
        """
        arguments = dict(config)
        state = {key: arguments.pop(key, None) for key in ("recipe", "class_names", "bounds")}
        layers, policy = arguments.pop("layers", None), arguments.pop("dtype", None)
        known = keras.saving.custom_object_scope(custom_objects or {})
        with known, _saving.restoring(layers, policy):
            network = cls(**arguments)
        if state["bounds"] is not None:
            network._bounds = tuple(state["bounds"])
        network._recipe_text = state["recipe"]
        network.class_names = state["class_names"]
        return network

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """As of any Keras model; an optimizer that has not begun yet is saved as whole as others.

        Keras saves it without the state that it loads it with, and warns of that.
        """
        optimizer = getattr(self, "optimizer", None)
        if optimizer is not None and not optimizer.built:
            optimizer.build(self.trainable_variables)  # type: ignore[attr-defined]
        return super().save(*args, **kwargs)  # type: ignore[misc]

    # What it may be shown

    def _checked(self, views: Any) -> Any:
        """Views as the network takes them, or an error that says what it takes."""
        if isinstance(views, dict) and len(views) == 1:  # by the input's name
            (views,) = views.values()
        if isinstance(views, (list, tuple)) and len(views) == 1 and hasattr(views[0], "shape"):
            (views,) = views
        return checked_views(views, tuple(self.input_shape[1:]))  # type: ignore[attr-defined]

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """As of any Keras model, but that wrong views are refused in plain words."""
        return super().__call__(self._checked(inputs), *args, **kwargs)  # type: ignore[misc]

    def fit(self, x: Any = None, *args: Any, **kwargs: Any) -> Any:
        """As of any Keras model, but that wrong views are refused in plain words.

        And ``shuffle`` is False for data that comes in its own order, such as a tf.data.Dataset or
        `nanotilt.batches`, if nothing is said: Keras can't shuffle it, and would warn of its own
        default.
        """
        if has_its_own_order(x) and len(args) < _SHUFFLE:
            kwargs.setdefault("shuffle", False)
        return super().fit(check_data(x, self._checked), *args, **kwargs)  # type: ignore[misc]

    def evaluate(self, x: Any = None, *args: Any, **kwargs: Any) -> Any:
        """As of any Keras model, but that wrong views are refused in plain words."""
        return super().evaluate(check_data(x, self._checked), *args, **kwargs)  # type: ignore[misc]

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """As of any Keras model, but that wrong views are refused in plain words."""
        return super().predict(check_data(x, self._checked), *args, **kwargs)  # type: ignore[misc]

    def train_on_batch(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """As of any Keras model, but that wrong views are refused in plain words."""
        return super().train_on_batch(self._checked(x), *args, **kwargs)  # type: ignore[misc]

    def test_on_batch(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """As of any Keras model, but that wrong views are refused in plain words."""
        return super().test_on_batch(self._checked(x), *args, **kwargs)  # type: ignore[misc]

    def predict_on_batch(self, x: Any) -> Any:
        """As of any Keras model, but that wrong views are refused in plain words."""
        return super().predict_on_batch(self._checked(x))  # type: ignore[misc]
