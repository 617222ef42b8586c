"""Networks that tag scattering images by their Fourier-Bessel coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from nanotilt._base.checks import integers, received
from nanotilt.models.plan import TrainingPlan
from nanotilt.models.scattering import towers
from nanotilt.models.scattering.images import ScatteringCNN, plan_of_size, sizes_of
from nanotilt.models.scattering.tagging_network import PAPER, TaggingNetwork, checked_size
from nanotilt.scenes.scattering_terms import COEFFICIENTS, TAGS


@keras.saving.register_keras_serializable(package="nanotilt")
class CoefficientCNN(TaggingNetwork):
    """The network of coefficients of Lashley et al. 2017.

    It sees the coefficients as an image of two channels, their largest brought to 255 and their
    logarithms taken, with signs: convolutions of 64, 128, 256 and 256 filters of 3 x 3, a pool of
    4 x 4 in steps of 2 after the second, dense layers of 256 and 256 with dropout of one half:
    6,009,674 weights. The small one has 24, 32, 48 and 48 filters and 192 units.

    Args:
        coefficient_shape: (radial orders, azimuthal orders).
        size: "paper" or "small".
        tag_names: The tags.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    looks_at = ("coefficients",)

    def __init__(
        self,
        coefficient_shape: Sequence[int] = COEFFICIENTS,
        *,
        size: str = PAPER,
        tag_names: Sequence[str] = TAGS,
        name: str = "coefficient_cnn",
        trainable: bool = True,
    ) -> None:
        size = checked_size(size)
        shape = checked_coefficients(coefficient_shape)

        def features(coefficients: Any) -> Any:
            x = towers.coefficient_features(coefficients, size)
            if size == PAPER:
                return towers.dense(x, (256, 256), 0.5)
            return towers.dense(x, (192,), 0.3, before=True)

        shapes = {"coefficients": (*shape, 2)}
        self._built(features, shapes, tag_names=tag_names, name=name, trainable=trainable)
        self.coefficient_shape, self.size = shape, size

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        return self._arguments(coefficient_shape=list(self.coefficient_shape), size=self.size)

    @classmethod
    def _sizes_for(cls, recipe: Any) -> dict[str, Any]:
        return {"coefficient_shape": tuple(recipe.spec["coefficients"].shape)[:2]}

    @classmethod
    def training_plan(
        cls, recipe: Any, budget: str | None = None, *, size: str = PAPER
    ) -> TrainingPlan:
        """The paper's, of 500,000 images; of the small network Adam's, of 512,000.

        The quick budget takes a quarter of the images, the full one four times as many.
        """
        return plan_of_size(size, 50, 20, budget)


@keras.saving.register_keras_serializable(package="nanotilt")
class JointNetwork(TaggingNetwork):
    """Images and coefficients together (Lashley et al. 2017).

    The convolutions of `ScatteringCNN` and of `CoefficientCNN` without their dense layers, then
    dense layers of 4000 and 4000 with dropout of one half: 123,044,042 weights. The paper starts it
    from the two trained networks: `start_from`. The small one joins the small two with 192 units.

    Args:
        view_shape: (rows, columns) of the images, >= 131 each, or >= 32 of the small network.
        coefficient_shape: (radial orders, azimuthal orders).
        size: "paper" or "small".
        tag_names: The tags.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    looks_at = ("views", "coefficients")

    def __init__(
        self,
        view_shape: Sequence[int] = (256, 256),
        coefficient_shape: Sequence[int] = COEFFICIENTS,
        *,
        size: str = PAPER,
        tag_names: Sequence[str] = TAGS,
        name: str = "joint_network",
        trainable: bool = True,
    ) -> None:
        size = checked_size(size)
        shape, crop, factor = sizes_of(view_shape, size)
        orders = checked_coefficients(coefficient_shape)

        def features(views: Any, coefficients: Any) -> Any:
            x = keras.ops.concatenate(
                [
                    towers.image_features(views, size, crop, factor),
                    towers.coefficient_features(coefficients, size),
                ],
                axis=-1,
            )
            if size == PAPER:
                return towers.dense(x, (4000, 4000), 0.5)
            return towers.dense(x, (192,), 0.3, before=True)

        shapes = {"views": (1, *shape), "coefficients": (*orders, 2)}
        self._built(features, shapes, tag_names=tag_names, name=name, trainable=trainable)
        self.view_shape, self.coefficient_shape, self.size = shape, orders, size

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        return self._arguments(
            view_shape=list(self.view_shape), coefficient_shape=list(self.coefficient_shape),
            size=self.size,
        )  # fmt: skip

    def start_from(self, images: ScatteringCNN, coefficients: CoefficientCNN) -> None:
        """Takes the convolutions of two trained networks; the dense layers stay as they are.

        Args:
            images: A network of the same images, of the same size.
            coefficients: A network of the same coefficients, of the same size.

        Raises:
            TypeError: They are other networks.
            ValueError: Their sizes are others.
        """
        for field, given, kind, where in (
            ("images", images, ScatteringCNN, towers.IMAGE),
            ("coefficients", coefficients, CoefficientCNN, towers.COEFFICIENT),
        ):
            if not isinstance(given, kind):
                raise TypeError(
                    f"{field} must be a {kind.__name__}. Received: {type(given).__name__}"
                )
            if given.size != self.size:
                raise ValueError(
                    f'{field} must have the size of this network, "{self.size}". '
                    f"{received('size', given.size)}"
                )
            for layer in given.layers:
                if layer.name.startswith(f"{where}_") and layer.weights:
                    self.get_layer(layer.name).set_weights(layer.get_weights())

    @classmethod
    def _sizes_for(cls, recipe: Any) -> dict[str, Any]:
        return {**ScatteringCNN._sizes_for(recipe), **CoefficientCNN._sizes_for(recipe)}

    @classmethod
    def training_plan(
        cls, recipe: Any, budget: str | None = None, *, size: str = PAPER
    ) -> TrainingPlan:
        """The paper's, of 200,000 images; of the small network Adam's, of 512,000.

        The quick budget takes a quarter of the images, the full one four times as many.
        """
        return plan_of_size(size, 20, 20, budget)


def checked_coefficients(shape: Sequence[int]) -> tuple[int, int]:
    """(radial orders, azimuthal orders), >= 4 each: the pool leaves one place."""
    found = integers("coefficient_shape", shape, at_least=4)
    if len(found) != 2:
        raise ValueError(
            "coefficient_shape must be (radial orders, azimuthal orders). "
            f"{received('coefficient_shape', shape)}"
        )
    return found[0], found[1]
