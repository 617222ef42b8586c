"""What a saved network keeps of each layer, beside its constructor's arguments.

Keras saves a functional model as the configurations of its layers, so that whatever was done to one
(frozen, quantised, given another precision) comes back. A class of networks that is saved by its
constructor's arguments alone would lose that. Ours are built by the constructor, and then every
layer is made anew as it was saved, in the same place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import keras
from keras import layers as keras_layers
from keras import ops

Layers = Mapping[str, Any]
"""What `layer_configs` gave."""

_STATE = "generator_state"

_restoring: ContextVar[Layers | None] = ContextVar("_restoring", default=None)


def layer_configs(model: keras.Model) -> dict[str, Any]:
    """The layers of a functional model by name, as JSON types.

    A layer within a layer is part of the outer one's.
    """
    configs = {}
    for layer in model.layers:
        config = keras.saving.serialize_keras_object(layer)
        config.pop("build_config", None)  # it is built again when it is put in its place
        configs[layer.name] = config
    return configs


@contextmanager
def restoring(layers: Layers | None, policy: Any) -> Iterator[None]:
    """Within it, a network's constructor gets its layers as they were saved.

    Args:
        layers: What `layer_configs` gave, or None: as the constructor makes them.
        policy: The network's own dtype policy as JSON types, or None: Keras's at the moment.
    """
    token = _restoring.set(layers)
    before = keras.config.dtype_policy(), keras.config.floatx()
    try:
        for config in (layers or {}).values():
            if config["class_name"] == "InputLayer":
                keras.config.set_floatx(config["config"]["dtype"])
        if policy is not None:
            keras.config.set_dtype_policy(keras.saving.deserialize_keras_object(policy))
        yield
    finally:
        _restoring.reset(token)
        keras.config.set_dtype_policy(before[0])
        keras.config.set_floatx(before[1])


def as_saved(inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """The graph of a network that is being restored, its layers as they were saved.

    Layers that the saved network did not have stay as the constructor made them; so does the whole
    graph if nothing is being restored.

    Args:
        inputs: The symbolic input, as the constructor made it, or a list of them.
        outputs: The symbolic output.

    Returns:
        Inputs and output of the same graph with other layers.
    """
    layers = _restoring.get()
    if layers is None:
        return inputs, outputs
    built = keras.Model(inputs, outputs)

    def saved(operation: Any) -> Any:
        if not isinstance(operation, keras.Layer) or operation.name not in layers:
            return operation
        return keras.saving.deserialize_keras_object(layers[operation.name])

    entrances = {
        layer.output.name: layer
        for layer in built.layers
        if isinstance(layer, keras.layers.InputLayer)
    }
    start = keras.tree.map_structure(lambda one: saved(entrances[one.name]).output, inputs)
    return start, keras.models.clone_model(built, input_tensors=start, clone_function=saved).output


class SeededLayer(keras_layers.Layer):  # type: ignore[misc]
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
