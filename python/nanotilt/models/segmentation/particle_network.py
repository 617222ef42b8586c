"""What networks that find particles have in common: what they see, learn from, and answer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from nanotilt._base.arrays import finite_array
from nanotilt._base.checks import choice, flag, integer, real, received
from nanotilt.models._from_recipe import OwnTruth
from nanotilt.models.plan import TrainingPlan, rising_and_falling
from nanotilt.models.segmentation.blocks import standardised
from nanotilt.recipes.recipe import Recipe

NORMS = ("batch", "group")
STEP = 16
"""Images are padded to a multiple of it, which every network here can halve as often as it needs
to."""


class ParticleNetwork(OwnTruth):
    """A network that sees images and says where particles are.

    Attributes:
        learns_from: The targets of a recipe that `truth` needs.
        stride: Pixels from one place of the maps to the next.
        readings: Options of `instances` that training chooses from, on validation images.
        reading: Those of them that `instances` takes where it is given none.
    """

    learns_from: ClassVar[tuple[str, ...]] = ("instance", "depth")
    stride: ClassVar[int] = 1
    readings: ClassVar[tuple[Mapping[str, float], ...]] = ({},)

    def _built(
        self,
        heads: Callable[[Any], Any],
        *,
        n_channels: int,
        norm: str,
        masked: bool,
        reading: Mapping[str, float] | None,
        name: str,
        trainable: bool,
    ) -> None:
        """Builds the network; `heads` makes maps of images at mean 0 and deviation 1."""
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
        super().__init__(inputs=images, outputs=heads(x), name=name, trainable=trainable)
        self.n_channels, self.norm, self.masked = n_channels, norm, masked
        self.reading = reading or {}

    @classmethod
    @abstractmethod
    def truth(cls, targets: Mapping[str, Any]) -> Any:
        """What the network is to answer.

        Args:
            targets: The batches of `learns_from` by name, (batch, ...) each, of one image a sample.

        Returns:
            (batch, rows, columns, n_maps) float32, as the network's output.
        """

    @classmethod
    def data(
        cls, recipe: Recipe, seed: int, batch_size: int, start: int = 0, **options: Any
    ) -> Any:
        """An endless tf.data stream of what the network sees and what it is to answer.

        Of videos it sees all frames, and is to answer for the middle one.

        Args:
            recipe: Images with the targets `learns_from`.
            seed: The stream.
            batch_size: Images in an element.
            start: The first sample.
            options: Further arguments of `nanotilt.stream`.

        Returns:
            Elements (images, truth): (batch, n_channels, rows, columns), (batch, rows, columns,
            n_maps), both float32.

        Raises:
            ValueError: The recipe lacks a target, or an argument has a wrong value.
        """
        from nanotilt.streaming.stream import stream

        cls.check_recipe(recipe)
        names = ("views", *cls.learns_from, *(("scanned",) if "scanned" in recipe.targets else ()))

        def arranged(*given: Any) -> Any:
            targets = dict(zip(names, given, strict=True))
            return cls.seen(targets), cls.truth(cls.of_middle(targets, recipe.n_views))

        stream_of = stream(recipe, seed, batch_size, start, give=names, **options)
        return stream_of.map(arranged, num_parallel_calls=1, deterministic=True)

    @classmethod
    def seen(cls, targets: Mapping[str, Any]) -> Any:
        """What the network sees of a batch: its images, and the mask of the scan as last channel.

        Args:
            targets: "views" (batch, n_frames, rows, columns), and "scanned", if there is one,
                (batch, rows, columns).
        """
        if "scanned" not in targets:
            return targets["views"]
        mask = ops.cast(targets["scanned"], "float32")[:, None]
        return ops.concatenate([targets["views"], mask], axis=1)

    @classmethod
    def of_middle(cls, targets: Mapping[str, Any], n_frames: int) -> Mapping[str, Any]:
        """Of targets of videos, those of the middle frame; of images as they are."""
        if n_frames == 1:
            return targets
        return {name: values[:, n_frames // 2] for name, values in targets.items()}

    @classmethod
    def check_recipe(cls, recipe: Recipe) -> None:
        """Makes sure that the network can be trained on a recipe.

        Raises:
            ValueError: A target is missing; a video has an even number of frames, and so no middle
                one, or masks of its own in each frame.
        """
        super().check_recipe(recipe)
        if recipe.n_views % 2 == 0:
            raise ValueError(
                "n_frames must be odd: a network that sees several frames finds the particles of "
                f"the middle one. {received('n_frames', recipe.n_views)}"
            )
        if recipe.n_views > 1 and "scanned" in recipe.targets:
            raise ValueError(
                "n_frames must be 1 where the network sees the mask of a scan. "
                f"{received('n_frames', recipe.n_views)}"
            )

    @classmethod
    def training_plan(cls, recipe: Recipe, budget: str | None = None) -> TrainingPlan:
        """Adam, batches of 16, a learning rate that rises, then falls to 0 as a cosine.

        16,000 images of 64 x 64 pixels, or as many pixels in larger ones; quick: a third, full: six
        times as many.
        """
        n_pixels = recipe.view_shape[0]
        batch_size = int(np.clip(16 * 64**2 // n_pixels**2, 1, 16))
        epochs = {"quick": 7, "full": 120}.get(budget or "", 20)
        return TrainingPlan(
            batch_size=batch_size, steps_per_epoch=50, epochs=epochs,
            make_optimizer=rising_and_falling, validation_samples=32,
        )  # fmt: skip

    @property
    def reading(self) -> dict[str, float]:
        """Options of what makes particles of its maps, where `instances` is given none."""
        return dict(self._reading)

    @reading.setter
    def reading(self, options: Mapping[str, float]) -> None:
        """Refuses what is in none of `readings`."""
        if not isinstance(options, Mapping):
            raise TypeError(f"reading must map names to numbers. {received('reading', options)}")
        known = {name for reading in self.readings for name in reading}
        if set(options) - known:
            raise ValueError(
                f"reading must hold no more than {', '.join(sorted(known))}. "
                f"{received('reading', options)}"
            )
        # No mapping, which Keras would track as if it held weights.
        self._reading = tuple((name, real(f"reading[{name!r}]", n)) for name, n in options.items())

    def instances(self, images: npt.ArrayLike, **options: Any) -> npt.NDArray[np.int32]:
        """The particles in images of any size, each with a number of its own, from 1.

        Images whose sides 16 does not divide are continued as their mirror image.

        Args:
            images: (batch, n_channels, rows, columns), or (rows, columns) of one image.
            options: Of what makes particles of the maps; else `reading`, else their defaults.

        Returns:
            (batch, rows, columns) int32, or (rows, columns); 0 is background.

        Raises:
            ImportError: scikit-image is not installed.
            ValueError: the images have another shape.
        """
        stack = finite_array("images", images, np.float32, booleans=True)
        single = stack.ndim == 2
        stack = stack[None, None] if single else stack
        maps = self.maps(stack)
        found = self.instances_of(maps, stack.shape[2:], **{**self.reading, **options})
        return found[0] if single else found

    @abstractmethod
    def instances_of(
        self, maps: npt.NDArray[np.float32], shape: tuple[int, ...], **options: Any
    ) -> npt.NDArray[np.int32]:
        """Particles of the network's maps.

        Args:
            maps: (batch, ...) what `maps` gave.
            shape: (rows, columns) of the images.
            options: Of what makes particles of them; the network's `reading` has no say here.
        """

    def maps(self, images: npt.ArrayLike, batch_size: int = 8) -> npt.NDArray[np.float32]:
        """The network's answers to images of any size.

        Args:
            images: (batch, n_channels, rows, columns).
            batch_size: Images at a time.

        Returns:
            (batch, rows, columns, n_maps) float32; rows and columns over `stride`, rounded up.

        Raises:
            ValueError: the images have another shape.
        """
        stack = finite_array("images", images, np.float32, booleans=True)
        if stack.ndim != 4 or stack.shape[1] != self.n_channels or min(stack.shape[2:]) < STEP:
            raise ValueError(
                f"images must have the shape (batch, {self.n_channels}, rows, columns), {STEP} "
                f"pixels or more on each side. Received: shape {stack.shape}"
            )
        at_once = integer("batch_size", batch_size, at_least=1)
        if not len(stack):
            return self.maps(np.zeros((1, *stack.shape[1:])))[:0]
        rows, columns = stack.shape[2:]
        more = [(0, 0), (0, 0), (0, -rows % STEP), (0, -columns % STEP)]
        padded = np.pad(stack, more, mode="reflect")
        maps = self.predict(padded, batch_size=at_once, verbose=0)
        kept = maps[:, : -(-rows // self.stride), : -(-columns // self.stride)]
        return np.asarray(kept, dtype=np.float32)

    @classmethod
    def _sizes_for(cls, recipe: Recipe) -> dict[str, Any]:
        """What a recipe fixes: one channel for each frame that is looked at, and one for a mask."""
        masked = "scanned" in recipe.targets
        return {"n_channels": recipe.n_views + masked, "masked": masked}

    def _arguments(self, **own: Any) -> dict[str, Any]:
        shared = {
            "n_channels": self.n_channels, "norm": self.norm, "masked": self.masked,
            "reading": self.reading or None, "name": self.name, "trainable": self.trainable,
        }  # fmt: skip
        return self._with_state({**own, **shared})
