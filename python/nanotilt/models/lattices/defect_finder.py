"""A network that tells which kinds of defects a patch has, and where each of them lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops

from nanotilt._base.arrays import finite_array
from nanotilt._base.checks import choice, integer, received, sequence
from nanotilt.lattices.defect_lists import LEAST, RADIUS_PX, STRIDE, read_defects
from nanotilt.models._arguments import image_shape, unit_counts
from nanotilt.models._from_recipe import OwnTruth
from nanotilt.models._network import CHANNELS_LAST
from nanotilt.models.lattices.place_loss import PlaceLoss
from nanotilt.models.plan import TrainingPlan, rising_and_falling
from nanotilt.models.segmentation.blocks import convolution, doubled, standardised
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.lattice_terms import DEFECTS
from nanotilt.scenes.lattices import Lattice

_STEP = 8
_WIDTHS = (32, 64, 96)
_RARE = 7.0
"""First log odds of nothing at a place: one place in a thousand has a defect at first."""


@keras.saving.register_keras_serializable(package="nanotilt")
class DefectFinder(OwnTruth):
    """Residual blocks at three resolutions; for each place, what stands there.

    Its map has half the patch's resolution: at each place the logarithms of the probabilities that
    a defect of each kind has its core there, or none has. A core between four places is shared
    among them as bilinear interpolation does it, so that the mean place is that of the core, finer
    than the map. `found` reads defects from it.

    1. A convolution of 5 x 5 with 32 filters that halves the patch, one of 3 x 3 with 64 that
       halves it again, three residual blocks of 64, another with 96, two blocks of 96.
    2. Back up twice, each time added to what was there before, with a residual block; then the
       answers. All with batch normalisation and ReLU.

    Seven kinds: 733,096 weights, whatever the patch's size, whose sides must be multiples of 8.

    Args:
        kinds: Kinds of defects, of `nanotilt.scenes.lattice_terms.DEFECTS`.
        widths: Filters at half, a quarter and an eighth of the patch's resolution.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    learns_from: ClassVar[tuple[str, ...]] = ("defects", "n_defects")

    def __init__(
        self,
        kinds: Sequence[str],
        *,
        widths: Sequence[int] = _WIDTHS,
        name: str = "defect_finder",
        trainable: bool = True,
    ) -> None:
        listed = tuple(
            choice(f"kinds[{i}]", kind, DEFECTS)
            for i, kind in enumerate(sequence("kinds", kinds, "a sequence of kinds of defects"))
        )
        if not listed or len(set(listed)) < len(listed):
            raise ValueError(
                f"kinds must be different ones, one at least. {received('kinds', kinds)}"
            )
        filters = unit_counts("widths", widths, fewest_layers=3)
        if len(filters) != 3:
            raise ValueError(f"widths must have 3 entries. {received('widths', widths)}")
        views = keras.Input((1, None, None), name="views")
        x = standardised(ops.transpose(views, (0, 2, 3, 1)), masked=False)
        x = _features(x, filters)
        first = keras.initializers.Constant([0.0] * len(listed) + [_RARE])
        odds = layers.Conv2D(
            len(listed) + 1, 1, dtype="float32", name="places", bias_initializer=first,
            kernel_initializer="zeros",
            **CHANNELS_LAST,
        )(x)  # fmt: skip
        answer = layers.Activation("log_softmax", dtype="float32", name="log_probabilities")(odds)
        super().__init__(inputs=views, outputs=answer, name=name, trainable=trainable)
        self.kinds, self.widths = listed, filters

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        arguments = {
            "kinds": list(self.kinds), "widths": list(self.widths), "name": self.name,
            "trainable": self.trainable,
        }  # fmt: skip
        return self._with_state(arguments)

    @classmethod
    def truth(cls, targets: Mapping[str, Any]) -> Any:
        """What stands at each place.

        Cores outside of the frame are left out.

        Args:
            targets: "views" (batch, 1, rows, columns), "defects" (batch, most, 4), "n_defects"
                (batch,), and "kinds" (n,), numbers of the kinds that are told apart.

        Returns:
            (batch, rows / 2, columns / 2, n + 1) float32: shares of the kinds, and of nothing.
        """
        rows, columns = ops.shape(targets["views"])[2:]
        listed = ops.cast(targets["defects"], "float32")
        kind, x, y = listed[..., 0], listed[..., 1], listed[..., 2]
        there = ops.arange(listed.shape[1]) < ops.cast(targets["n_defects"], "int32")[:, None]
        there = there & (x >= -0.5) & (x <= columns - 0.5) & (y >= -0.5) & (y <= rows - 0.5)
        of_kind = ops.abs(kind[..., None] - ops.cast(targets["kinds"], "float32")) < 0.5
        weight = ops.cast(of_kind & there[..., None], "float32")
        shares = ops.einsum(
            "bir,bic,bik->brck", _shares(y, rows // STRIDE), _shares(x, columns // STRIDE), weight
        )
        # Two cores may share a place: never more than all of it.
        shares = shares / ops.maximum(ops.sum(shares, axis=-1, keepdims=True), 1.0)
        return ops.concatenate([shares, 1 - ops.sum(shares, axis=-1, keepdims=True)], axis=-1)

    @classmethod
    def new_loss(cls) -> PlaceLoss:
        """Cross-entropy of the kinds at every place."""
        return PlaceLoss()

    @classmethod
    def data(
        cls, recipe: Recipe, seed: int, batch_size: int, start: int = 0, **options: Any
    ) -> Any:
        """An endless tf.data stream of what the network sees and what it is to answer.

        Args:
            recipe: Patches of lattices with the targets `learns_from`.
            seed: The stream.
            batch_size: Patches in an element.
            start: The first sample.
            options: Further arguments of `nanotilt.stream`.

        Returns:
            Elements (views, truth): (batch, 1, rows, columns), (batch, rows / 2, columns / 2,
            kinds + 1), float32.

        Raises:
            ValueError: The recipe lacks a target, or an argument has a wrong value.
        """
        from nanotilt.streaming.stream import stream

        cls.check_recipe(recipe)
        names = ("views", *cls.learns_from)
        numbers = np.array([DEFECTS.index(kind) for kind in cls.kinds_of(recipe)])

        def arranged(*given: Any) -> Any:
            targets = dict(zip(names, given, strict=True), kinds=numbers)
            return targets["views"], cls.truth(targets)

        given = stream(recipe, seed, batch_size, start, give=names, **options)
        return given.map(arranged, num_parallel_calls=1, deterministic=True)

    @classmethod
    def kinds_of(cls, recipe: Recipe) -> tuple[str, ...]:
        """The kinds of defects that a recipe's lattices have, in the order of ``DEFECTS``.

        Args:
            recipe: Lattices; others have none.
        """
        lattices = [scene for scene in recipe.classes.values() if isinstance(scene, Lattice)]
        if len(lattices) < len(recipe.classes):
            return ()
        named = {one.kind for scene in lattices for one in scene.kinds if one.share > 0}
        return tuple(kind for kind in DEFECTS if kind in named)

    @classmethod
    def check_recipe(cls, recipe: Recipe) -> None:
        """Makes sure that the network can be trained on a recipe.

        Raises:
            TypeError: It is none.
            ValueError: It shows no lattices with defects, its images have other sides than
                multiples of 8, or a target is missing.
        """
        super().check_recipe(recipe)
        if not cls.kinds_of(recipe):
            raise ValueError(
                "the recipe's classes must be lattices, of which one has defects. "
                f"Received: {', '.join(recipe.class_names)}"
            )
        image_shape(recipe.view_shape, at_least=_STEP, multiple_of=_STEP)

    @classmethod
    def training_plan(cls, recipe: Recipe, budget: str | None = None) -> TrainingPlan:
        """Adam, batches of 64, a learning rate that rises, then falls to 0 as a cosine.

        12,800 patches an epoch, 20 epochs; quick: 10, full: 40.
        """
        epochs = {"quick": 10, "full": 40}.get(budget or "", 20)
        return TrainingPlan(
            batch_size=64, steps_per_epoch=200, epochs=epochs, make_optimizer=_optimizer,
            validation_samples=1024,
        )  # fmt: skip

    @classmethod
    def _sizes_for(cls, recipe: Recipe) -> dict[str, Any]:
        """The kinds that the recipe's lattices have."""
        return {"kinds": cls.kinds_of(recipe)}

    def places(self, views: npt.ArrayLike, batch_size: int = 256) -> npt.NDArray[np.float32]:
        """What stands at each place, as the network sees it.

        Args:
            views: (batch, 1, rows, columns), any multiples of 8.
            batch_size: Patches at a time.

        Returns:
            (batch, rows / 2, columns / 2, kinds + 1) float32: the probabilities of a core of each
            kind, and of none.

        Raises:
            ValueError: The views have another shape.
        """
        seen = finite_array("views", views, np.float32, booleans=True)
        at_once = integer("batch_size", batch_size, at_least=1)
        if seen.ndim != 4 or seen.shape[1] != 1 or any(n % _STEP or not n for n in seen.shape[2:]):
            raise ValueError(
                f"views must have the shape (batch, 1, rows, columns), multiples of {_STEP}. "
                f"Received: shape {seen.shape}"
            )
        if not len(seen):
            return self.places(np.zeros((1, *seen.shape[1:])))[:0]
        return np.exp(np.asarray(self.predict(seen, batch_size=at_once, verbose=0), np.float32))

    def found(
        self,
        views: npt.ArrayLike,
        *,
        least: float = LEAST,
        radius_px: float = RADIUS_PX,
        batch_size: int = 256,
    ) -> list[npt.NDArray[np.void]]:
        """The defects of patches.

        Args:
            views: As for `places`.
            least: Smallest probability of a defect, in (0, 1].
            radius_px: How far the probabilities of one defect are added up, in pixels.
            batch_size: Patches at a time.

        Returns:
            For each patch a structured array, the likeliest defect first: kind (its place in
            `nanotilt.scenes.lattice_terms.DEFECTS`), x, y (px, as in the target ``defects``),
            probability.

        Raises:
            TypeError: An argument is of the wrong kind.
            ValueError: An argument has a wrong value.
        """
        maps = self.places(views, batch_size)
        return read_defects(maps, self.kinds, least=least, radius_px=radius_px)


def _features(x: Any, widths: Sequence[int]) -> Any:
    x = fine = convolution(x, widths[0], "batch", "half", kernel=5, stride=2)
    x = convolution(x, widths[1], "batch", "quarter", stride=2)
    for block in range(3):
        x = _residual(x, widths[1], f"quarter_{block}")
    middle = x
    x = convolution(x, widths[2], "batch", "eighth", stride=2)
    for block in range(2):
        x = _residual(x, widths[2], f"eighth_{block}")
    for name, below, n in (("quarter", middle, widths[1]), ("half", fine, widths[0])):
        x = doubled(convolution(x, n, "batch", f"{name}_narrow", kernel=1), f"{name}_doubled")
        x = _residual(layers.Add(name=f"{name}_joined")([x, below]), n, f"{name}_up")
    return x


def _residual(x: Any, n: int, name: str) -> Any:
    y = convolution(convolution(x, n, "batch", f"{name}_0"), n, "batch", f"{name}_1")
    return layers.Add(name=f"{name}_sum")([x, y])


def _shares(places_px: Any, n: int) -> Any:
    """(batch, most) pixels to (batch, most, n): how much of a core falls to each place."""
    at = (places_px - (STRIDE - 1) / 2) / STRIDE
    at = ops.clip(at, 0.0, float(n - 1))
    return ops.relu(1 - ops.abs(at[..., None] - ops.arange(n, dtype="float32")))


def _optimizer(total_steps: int) -> Any:
    return rising_and_falling(total_steps, 2e-3)
