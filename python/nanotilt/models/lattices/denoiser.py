"""A U-Net that draws the perfect lattice a noisy patch shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras

from nanotilt.models.lattices.autoencoders import drawing
from nanotilt.models.lattices.patch_autoencoder import PatchAutoencoder
from nanotilt.models.segmentation.blocks import standardised, u_net

_WIDTHS = (16, 32, 48, 64)


@keras.saving.register_keras_serializable(package="nanotilt")
class LatticeDenoiser(PatchAutoencoder):
    """Counts in, the noise-free image of the perfect lattice out, which a simulation knows.

    An autoencoder has no reason not to copy a defect; this network never sees one, and has to learn
    what a perfect lattice looks like. Two convolutions of 3 x 3 at each of four levels of 16, 32,
    48, 64 filters, and one where they are joined, each with batch normalisation and ReLU: 195,489
    weights, whatever the patch's size.

    Args:
        view_shape: (rows, columns) of a patch, multiples of 8.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    learns_from: ClassVar[tuple[str, ...]] = ("clean",)
    multiple_of: ClassVar[int] = 8
    epochs: ClassVar[int] = 5

    def __init__(
        self,
        view_shape: Sequence[int],
        *,
        name: str = "lattice_denoiser",
        trainable: bool = True,
    ) -> None:
        self._built(
            lambda x: drawing(u_net(x, _WIDTHS, "batch", merges=1)), view_shape=view_shape,
            name=name, trainable=trainable,
        )  # fmt: skip

    @classmethod
    def truth(cls, targets: Mapping[str, Any]) -> Any:
        """The noise-free image of the perfect lattice.

        Args:
            targets: "clean" (batch, 1, rows, columns), scaled as the views are.

        Returns:
            (batch, rows, columns) float32 at mean 0 and standard deviation 1.
        """
        return standardised(targets["clean"][:, 0, ..., None], masked=False)[..., 0]
