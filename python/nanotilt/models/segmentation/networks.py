"""Networks that find particles: whether each pixel shows one, and how deep inside it lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops

from nanotilt._base.arrays import finite_array
from nanotilt._base.checks import choice, flag, integer, received
from nanotilt.models._arguments import unit_counts
from nanotilt.models._from_recipe import FromRecipe
from nanotilt.models._network import CHANNELS_LAST
from nanotilt.models.plan import TrainingPlan, rising_and_falling
from nanotilt.models.segmentation.blocks import pyramid, standardised, u_net
from nanotilt.recipes.recipe import Recipe

NORMS = ("batch", "group")
STEP = 16
"""Images are padded to a multiple of it, which every network here can halve as often as it needs
to."""


class _MapNetwork(FromRecipe, keras.Model):  # type: ignore[misc]
    """What the networks of this module share: input, normalisation, heads, how they are used."""

    def _built(
        self, kind: str, widths: Sequence[int], n_channels: int, norm: str, masked: bool, make: Any,
        name: str, trainable: bool,
    ) -> None:  # fmt: skip
        n_channels = integer("n_channels", n_channels, at_least=1)
        norm = choice("norm", norm, NORMS)
        masked = flag("masked", masked)
        if masked and n_channels < 2:
            raise ValueError(
                "n_channels must be >= 2 with a mask of the scan, which is the last of them. "
                f"{received('n_channels', n_channels)}"
            )
        images = keras.Input((n_channels, None, None), name="views")
        x = standardised(ops.transpose(images, (0, 2, 3, 1)), masked)
        features = make(x, tuple(widths), norm)
        maps = layers.Conv2D(2, 1, activation="sigmoid", name=f"{kind}_maps", **CHANNELS_LAST)
        super().__init__(inputs=images, outputs=maps(features), name=name, trainable=trainable)
        self.n_channels, self.norm, self.masked = n_channels, norm, masked

    def instances(self, images: npt.ArrayLike, **options: Any) -> npt.NDArray[np.int32]:
        """The particles in images of any size, each with a number of its own, from 1.

        Images whose sides 16 does not divide are continued as their mirror image, and the result is
        cut off again.

        Args:
            images: (batch, n_channels, rows, columns), or (rows, columns) of one image.
            options: Further arguments of `nanotilt.segmentation.instances`.

        Returns:
            (batch, rows, columns) int32, or (rows, columns); 0 is background.

        Raises:
            ImportError: scikit-image is not installed.
            ValueError: the images have another shape.
        """
        from nanotilt import segmentation

        stack = finite_array("images", images, np.float32)
        single = stack.ndim == 2
        maps = self.maps(stack[None, None] if single else stack)
        found = segmentation.instances(maps[..., 0], maps[..., 1], **options)
        return found[0] if single else found

    def maps(self, images: npt.ArrayLike, batch_size: int = 8) -> npt.NDArray[np.float32]:
        """Foreground and depth of images of any size, padded as `instances` does.

        Args:
            images: (batch, n_channels, rows, columns).
            batch_size: Images at a time.

        Returns:
            (batch, rows, columns, 2) float32, each in [0, 1].

        Raises:
            ValueError: the images have another shape.
        """
        stack = finite_array("images", images, np.float32)
        if stack.ndim != 4 or stack.shape[1] != self.n_channels or min(stack.shape[2:]) < STEP:
            raise ValueError(
                f"images must have the shape (batch, {self.n_channels}, rows, columns), {STEP} "
                f"pixels or more on each side. Received: shape {stack.shape}"
            )
        rows, columns = stack.shape[2:]
        more = [(0, 0), (0, 0), (0, -rows % STEP), (0, -columns % STEP)]
        padded = np.pad(stack, more, mode="reflect")
        maps = self.predict(padded, batch_size=batch_size, verbose=0)
        return np.asarray(maps[:, :rows, :columns], dtype=np.float32)

    @classmethod
    def training_plan(cls, recipe: Recipe, budget: str | None = None) -> TrainingPlan:
        """Adam, batches of 16, a learning rate that rises, then falls to 0 as a cosine.

        16,000 images of 64 x 64 pixels, or as many pixels in larger ones; the quick budget a third
        of it, the full one six times as many.
        """
        n_pixels = recipe.view_shape[0]
        batch_size = int(np.clip(16 * 64**2 // n_pixels**2, 1, 16))
        epochs = {"quick": 7, "full": 120}.get(budget or "", 20)
        return TrainingPlan(
            batch_size=batch_size, steps_per_epoch=50, epochs=epochs,
            make_optimizer=rising_and_falling, validation_samples=32,
        )  # fmt: skip

    @classmethod
    def _sizes_for(cls, recipe: Recipe) -> dict[str, Any]:
        """What a recipe fixes: one channel for each frame that is looked at, and one for a mask."""
        masked = "scanned" in recipe.targets
        return {"n_channels": 2 if masked else 1, "masked": masked}

    def _arguments(self, **own: Any) -> dict[str, Any]:
        shared = {
            "n_channels": self.n_channels, "norm": self.norm, "masked": self.masked,
            "name": self.name, "trainable": self.trainable,
        }  # fmt: skip
        return self._with_state({**own, **shared})


@keras.saving.register_keras_serializable(package="nanotilt")
class SegmentationUNet(_MapNetwork):
    """A U-Net with two maps: foreground, and depth, 1 in a particle's middle, 0 at its outline.

    Each image is brought to mean 0 and standard deviation 1, so neither dose nor contrast's scale
    matter. Levels are two convolutions of 3 x 3, each with normalisation and ReLU; between them
    max pooling and bilinear interpolation (Ronneberger et al. 2015). Widths (16, 32, 64) make
    118,962 weights, which a processor core trains in minutes; (16, 32, 64, 128) 489,138.

    Args:
        widths: Filters of each level, from the finest; two levels at least.
        n_channels: Images of one sample that are seen together: frames, and with ``masked`` the
            mask of the scan as the last.
        norm: "batch" or "group" normalisation, of 8 channels a group.
        masked: Whether the last channel tells which pixels were scanned; mean and standard
            deviation are of those alone.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    def __init__(
        self,
        widths: Sequence[int] = (16, 32, 64),
        *,
        n_channels: int = 1,
        norm: str = "batch",
        masked: bool = False,
        name: str = "segmentation_u_net",
        trainable: bool = True,
    ) -> None:
        levels = unit_counts("widths", widths, fewest_layers=2)
        self._built("u_net", levels, n_channels, norm, masked, u_net, name, trainable)
        self.widths = levels

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        return self._arguments(widths=list(self.widths))


@keras.saving.register_keras_serializable(package="nanotilt")
class SegmentationFPN(_MapNetwork):
    """A feature pyramid with residual blocks, and the same two maps as `SegmentationUNet`.

    Each level halves the image and adds its input to what two convolutions make of it (He et al.
    2016). Levels are brought to one width, and each is added to the next finer one, interpolated
    (Lin et al. 2017).

    Args:
        widths: Filters of each level, from the finest; two levels at least.
        n_channels: As for `SegmentationUNet`.
        width: Filters of the pyramid.
        norm: "batch" or "group" normalisation.
        masked: As for `SegmentationUNet`.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    def __init__(
        self,
        widths: Sequence[int] = (16, 32, 64, 128),
        *,
        n_channels: int = 1,
        width: int = 32,
        norm: str = "batch",
        masked: bool = False,
        name: str = "segmentation_fpn",
        trainable: bool = True,
    ) -> None:
        levels = unit_counts("widths", widths, fewest_layers=2)
        width = integer("width", width, at_least=1)

        def make(x: Any, levels: Sequence[int], norm: str) -> Any:
            return pyramid(x, levels, width, norm)

        self._built("fpn", levels, n_channels, norm, masked, make, name, trainable)
        self.widths, self.width = levels, width

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        return self._arguments(widths=list(self.widths), width=self.width)
