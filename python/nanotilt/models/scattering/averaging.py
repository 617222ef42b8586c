"""Momentum that keeps a running average of the weights beside them, and its use.

Keras's own averages (``use_ema``) replace the weights whenever ``fit`` ends, so that training that
calls ``fit`` once an epoch would go on from the average. Here the two are kept apart: training goes
on from the weights, and validation, tests and files take the average.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
from keras import ops

from nanotilt._base.checks import received

_EARLY = 9.0
"""The first averages span a tenth of the steps that were taken: the first weights are forgotten."""


@keras.saving.register_keras_serializable(package="nanotilt")
class AveragedSGD(keras.optimizers.SGD):  # type: ignore[misc]
    """Stochastic gradient descent with momentum, and an exponential average of the weights.

    At step n = 0, 1, ... the average is multiplied by min(average, n / (n + 9)) and the weights, by
    what is left, are added: the shorter span early on is that of TensorFlow's averages, which the
    networks for scattering images of 2017 were trained with.

    Args:
        learning_rate: A number or a schedule.
        momentum: Of the gradients.
        average: What the average is multiplied by at late steps, in [0, 1).
        name: Name of the optimizer.
        kwargs: Further arguments of keras.optimizers.SGD.

    Raises:
        ValueError: `average` is not in [0, 1).
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.9,
        *,
        average: float = 0.9999,
        name: str = "averaged_sgd",
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, momentum=momentum, name=name, **kwargs)
        if not 0 <= average < 1:
            raise ValueError(f"average must be in [0, 1). {received('average', average)}")
        self.average = float(average)
        self.averages: list[Any] = []

    def build(self, variables: Sequence[Any]) -> None:
        """Makes the averages, which are saved along with all else that the optimizer keeps."""
        if self.built:
            return
        super().build(variables)
        self.averages = [
            self.add_variable_from_reference(variable, name="average") for variable in variables
        ]

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        """Takes a step, then brings the averages up to it."""
        super().apply(grads, trainable_variables)
        done = ops.cast(self.iterations, "float32") - 1.0
        kept = ops.minimum(self.average, done / (done + _EARLY))
        for variable, average in zip(self._trainable_variables, self.averages, strict=True):
            share = ops.cast(1.0 - kept, average.dtype)
            value = ops.cast(variable, average.dtype)
            average.assign(average + share * (value - average))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as JSON types."""
        return {**super().get_config(), "average": self.average}


def take_average(model: Any) -> None:
    """Gives a network its averaged weights for good, if its optimizer keeps such.

    Args:
        model: A compiled network.

    Raises:
        TypeError: It is no Keras model.
    """
    for variable, average in _pairs(model):
        variable.assign(average)


@contextmanager
def averaged(model: Any) -> Iterator[None]:
    """Within it, a network has its averaged weights, if its optimizer keeps such.

    Args:
        model: A compiled network.

    Raises:
        TypeError: It is no Keras model.
    """
    pairs = _pairs(model)
    own = [ops.convert_to_numpy(variable) for variable, _ in pairs]
    take_average(model)
    try:
        yield
    finally:
        for (variable, _), value in zip(pairs, own, strict=True):
            variable.assign(value)


def _pairs(model: Any) -> list[tuple[Any, Any]]:
    """Weights with their averages; none before the first step."""
    if not isinstance(model, keras.Model):
        raise TypeError(f"model must be a keras.Model. {received('model', model)}")
    optimizer: Any = getattr(model, "optimizer", None)
    averages = getattr(optimizer, "averages", [])
    if not averages or not int(ops.convert_to_numpy(optimizer.iterations)):
        return []
    return list(zip(optimizer._trainable_variables, averages, strict=True))
