"""A network for which a defect counts wherever it lies, and which says where."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops

from nanotilt._base.arrays import finite_array
from nanotilt.models._network import CHANNELS_LAST
from nanotilt.models.lattices.patch_classifier import LOG_ODDS, PatchClassifier
from nanotilt.models.segmentation.blocks import convolution


@keras.saving.register_keras_serializable(package="nanotilt")
class DefectNet(PatchClassifier):
    """Residual blocks that look at every place alike; the places' log odds are joined softly.

    1. A convolution of 5 x 5 with 24 filters that halves the patch, two residual blocks of 24, one
       of 3 x 3 with 48 that halves it again, two residual blocks of 48; all with batch
       normalisation and ReLU.
    2. A convolution of 1 x 1 gives the log odds of each class but the first at each place, 12 x 12
       places of 4 x 4 pixels where patches have 48 x 48.
    3. Their log-sum-exp, less the logarithm of the number of places, is the patch's: if one place
       shows a defect, the patch has one. The first class should be the perfect lattice.

    One view and two classes: 116,137 weights, whatever the patch's size.

    Args:
        n_views: Views of one sample, its channels.
        view_shape: (rows, columns) of one view, >= 4 each.
        n_classes: Classes to tell apart, >= 2; the first is what a patch shows without defects.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.

    Attributes:
        stride: Pixels from one place of `places` to the next.
    """

    stride: ClassVar[int] = 4

    def __init__(
        self,
        n_views: int,
        view_shape: Sequence[int],
        n_classes: int,
        *,
        name: str = "defect_net",
        trainable: bool = True,
    ) -> None:
        self._built(
            _log_odds, n_views=n_views, view_shape=view_shape, n_classes=n_classes, name=name,
            trainable=trainable,
        )  # fmt: skip

    def places(self, views: npt.ArrayLike, batch_size: int = 256) -> npt.NDArray[np.float32]:
        """Where the network sees a defect: the log odds at each place.

        Args:
            views: (batch, n_views, rows, columns).
            batch_size: Patches at a time.

        Returns:
            (batch, rows, columns, n_classes - 1) float32, of rows / 4 and columns / 4 rounded up:
            the log odds of each class but the first.
        """
        seen = finite_array("views", views, np.float32, booleans=True)
        map_of = keras.Model(self.inputs, self.get_layer(LOG_ODDS).output)
        found = map_of.predict(self._checked(seen), batch_size=batch_size, verbose=0)
        return np.asarray(found, dtype=np.float32)


def _log_odds(x: Any, n: int) -> Any:
    for level, n_filters in enumerate((24, 48)):
        x = convolution(
            x, n_filters, "batch", f"level_{level}", kernel=3 if level else 5, stride=2
        )  # fmt: skip
        for block in range(2):
            y = convolution(x, n_filters, "batch", f"level_{level}_{block}_0")
            x = layers.Add(name=f"level_{level}_{block}_sum")(
                [x, convolution(y, n_filters, "batch", f"level_{level}_{block}_1")]
            )
    places = layers.Conv2D(n, 1, dtype="float32", name=LOG_ODDS, **CHANNELS_LAST)(x)
    count = math.prod(places.shape[1:3])
    return ops.logsumexp(places, axis=(1, 2)) - math.log(count)
