"""Layers with random numbers that go on, after saving and loading, as if never saved."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

_STATE = "generator_state"


class SeededLayer(layers.Layer):  # type: ignore[misc]
    """A layer with a generator of random seeds and no weights; its state is saved along.

    Args:
        name: Name of the layer.
        kwargs: Further arguments of a Keras layer.
    """

    def __init__(self, *, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self._generator = keras.random.SeedGenerator(name=f"{self.name}_generator")
        self.built = True

    def save_own_variables(self, store: Any) -> None:
        """Keeps the generator's state, which is no weight: training goes on as if never saved."""
        super().save_own_variables(store)
        store[_STATE] = ops.convert_to_numpy(self._generator.state)

    def load_own_variables(self, store: Any) -> None:
        """Takes the generator's state from a file that has it; earlier releases' have not."""
        if _STATE in store:
            self._generator.state.assign(store[_STATE][()])
