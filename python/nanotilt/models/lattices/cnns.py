"""Two plain convolutional networks for patches of a lattice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from nanotilt.models._network import CHANNELS_LAST
from nanotilt.models.lattices.patch_classifier import LOG_ODDS, PatchClassifier

_DENSE = (120, 84)
"""Units of LeNet's dense layers (LeCun et al. 1998)."""


@keras.saving.register_keras_serializable(package="nanotilt")
class DefectCNNA(PatchClassifier):
    """Three convolutions, each with max pooling, and LeNet's dense layers.

    The report on defects of graphene (AI4SD 2022) names the kinds of layers of its network A, not
    their widths: 16, 32 and 64 filters of 3 x 3, dense layers of 120 and 84 units are ours. One
    patch of 48 x 48 and two classes: 310,145 weights.

    Args:
        n_views: Views of one sample, its channels.
        view_shape: (rows, columns) of one view, >= 8 each.
        n_classes: Classes to tell apart, >= 2.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    smallest_side = 8
    highest_rate = 1e-3

    def __init__(
        self,
        n_views: int,
        view_shape: Sequence[int],
        n_classes: int,
        *,
        name: str = "defect_cnn_a",
        trainable: bool = True,
    ) -> None:
        def log_odds(x: Any, n: int) -> Any:
            for i, n_filters in enumerate((16, 32, 64)):
                x = _convolved(x, n_filters, 3, i, padding="same")
                x = _pooled(x, i)
            return _dense(x, n)

        self._built(
            log_odds, n_views=n_views, view_shape=view_shape, n_classes=n_classes, name=name,
            trainable=trainable,
        )  # fmt: skip


@keras.saving.register_keras_serializable(package="nanotilt")
class DefectCNNB(PatchClassifier):
    """LeNet without its second pooling: convolutions of 6 and 16 filters of 5 x 5.

    As of `DefectCNNA`, the report (AI4SD 2022) tells the layers, not their widths, which are
    LeNet's. One patch of 48 x 48 and two classes: 635,021 weights.

    Args:
        n_views: Views of one sample, its channels.
        view_shape: (rows, columns) of one view, >= 14 each.
        n_classes: Classes to tell apart, >= 2.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    smallest_side = 14
    highest_rate = 1e-3

    def __init__(
        self,
        n_views: int,
        view_shape: Sequence[int],
        n_classes: int,
        *,
        name: str = "defect_cnn_b",
        trainable: bool = True,
    ) -> None:
        def log_odds(x: Any, n: int) -> Any:
            x = _pooled(_convolved(x, 6, 5, 0, padding="valid"), 0)
            return _dense(_convolved(x, 16, 5, 1, padding="valid"), n)

        self._built(
            log_odds, n_views=n_views, view_shape=view_shape, n_classes=n_classes, name=name,
            trainable=trainable,
        )  # fmt: skip


def _convolved(x: Any, n: int, kernel: int, number: int, *, padding: str) -> Any:
    return layers.Conv2D(
        n, kernel, padding=padding, activation="relu", name=f"convolution_{number}", **CHANNELS_LAST
    )(x)


def _pooled(x: Any, number: int) -> Any:
    return layers.MaxPooling2D(2, name=f"pool_{number}", **CHANNELS_LAST)(x)


def _dense(x: Any, n: int) -> Any:
    """Dense layers, the last of them with n log odds."""
    y = layers.Flatten(name="places", **CHANNELS_LAST)(x)
    for i, units in enumerate(_DENSE):
        y = layers.Dense(units, activation="relu", name=f"dense_{i}")(y)
    return layers.Dense(n, dtype="float32", name=LOG_ODDS)(y)
