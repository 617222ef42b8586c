"""A stereo classifier of images that trains in minutes on two processor cores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from nanotilt._base.checks import flag, integer, integers, received
from nanotilt.models import _views
from nanotilt.models._arguments import recipe_classes, unit_counts
from nanotilt.models._from_recipe import FromRecipe
from nanotilt.models._network import CHANNELS_LAST
from nanotilt.models._outputs import checked_heads, probabilities
from nanotilt.models._pairs import bounded, products
from nanotilt.models.plan import TrainingPlan

_VARIANCE_FLOOR = 1e-8
"""Far below the variance of the noise on any scale that a recipe may have."""

_HIGHEST_RATE = 3e-3


@keras.saving.register_keras_serializable(package="nanotilt")
class ImageStereoClassifier(FromRecipe, keras.Model):  # type: ignore[misc]
    """One convolutional branch for all views of a particle, then sums and products of views.

    1. The values of all images are brought to mean 0 and variance 1 by batch normalisation of the
       one channel, so the scale of the views does not matter.
    2. The branch, the same for every view, is a row of convolutions, 3 x 3 but the first, which is
       5 x 5 with a stride of 2; each is followed by batch normalisation and GELU, and all but the
       first by max pooling over 2 x 2 as long as an axis has 4 pixels or more. What is left, some 4
       x 4 places, goes into a dense layer: places are kept, because where a feature lies tells a
       spiral's turn.
    3. One view: dense layers and softmax. Several: what the branch found of each view, divided by
       one number so that its root mean square stays below 1, and the products of each pair of views
       go through dense layers; what the softmax sees is bounded in the same way.

    Why products: an answer may rest on how two views go together, which dense layers are slow to
    learn from a joined vector; see `StereoClassifier`. Why bounds: without them, with Adam, the
    first losses may rise to a multiple of themselves.

    Args:
        n_views: Views of one particle, >= 1.
        view_shape: (rows, columns) of one view, >= 4 each.
        n_classes: Classes to tell apart, >= 2.
        filters: Filters of each convolution, at least one.
        branch_units: Units of the dense layer that ends the branch, even and >= 2.
        joined_units: Units of the dense layers after the branches; may be empty.
        first_view_only: Whether every view is replaced by the first, before anything else.
        heads: Answers to each of several questions; their product is ``n_classes``, and what the
            network returns are the products of their probabilities. None: one question.
        name: Name of the model.
        trainable: Whether training changes its weights.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """

    def __init__(
        self,
        n_views: int,
        view_shape: Sequence[int],
        n_classes: int,
        *,
        filters: Sequence[int] = (16, 32, 64),
        branch_units: int = 64,
        joined_units: Sequence[int] = (64,),
        first_view_only: bool = False,
        heads: Sequence[int] | None = None,
        name: str = "image_stereo_classifier",
        trainable: bool = True,
    ) -> None:
        n_views = integer("n_views", n_views, at_least=1)
        shape = _checked_shape(view_shape)
        n_classes = integer("n_classes", n_classes, at_least=2)
        filters = unit_counts("filters", filters, fewest_layers=1)
        branch_units = _checked_units(branch_units)
        joined = unit_counts("joined_units", joined_units, fewest_layers=0)
        first_view_only = flag("first_view_only", first_view_only)
        answers = checked_heads(heads, n_classes)
        views = keras.Input((n_views, *shape), name="views")
        seen = _views.first_view_for_all(views) if first_view_only else views
        y = _joined(_branch(seen, filters, branch_units), joined)
        super().__init__(
            inputs=views,
            outputs=probabilities(y, n_classes, answers),
            name=name,
            trainable=trainable,
        )
        self.n_views, self.view_shape, self.n_classes = n_views, shape, n_classes
        self.filters, self.branch_units, self.joined_units = filters, branch_units, joined
        self.first_view_only, self.heads = first_view_only, answers

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        arguments = {
            "n_views": self.n_views,
            "view_shape": list(self.view_shape),
            "n_classes": self.n_classes,
            "filters": list(self.filters),
            "branch_units": self.branch_units,
            "joined_units": list(self.joined_units),
            "first_view_only": self.first_view_only,
            "heads": self.heads and list(self.heads),
            "name": self.name,
            "trainable": self.trainable,
        }
        return self._with_state(arguments)

    @classmethod
    def training_plan(cls, recipe: Any, budget: str | None = None) -> TrainingPlan:
        """Adam, batches of 128, 128,000 samples, a learning rate that rises, then falls to 0.

        The quick budget takes half as many samples, the full one four times as many.
        """
        epochs = {"quick": 5, "full": 40}.get(budget or "", 10)
        return TrainingPlan(
            batch_size=128,
            steps_per_epoch=100,
            epochs=epochs,
            make_optimizer=_optimizer,
            steps_per_execution=10,
        )

    @classmethod
    def network_options(cls) -> dict[str, Any]:
        """The constructor's own sizes."""
        return {"filters": [16, 32, 64], "branch_units": 64, "joined_units": [64]}

    @classmethod
    def _sizes_for(cls, recipe: Any) -> dict[str, Any]:
        """What a recipe fixes: its numbers of views and classes, and the shape of a view."""
        return {
            "n_views": recipe.n_views,
            "view_shape": recipe.view_shape,
            "n_classes": recipe_classes(recipe),
        }


def _optimizer(total_steps: int) -> keras.optimizers.Optimizer:
    """Adam; its rate rises in the first twentieth of the steps, then falls to 0 as a cosine."""
    warmup_steps = max(1, total_steps // 20)
    return keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=_HIGHEST_RATE / 10,
            warmup_target=_HIGHEST_RATE,
            warmup_steps=warmup_steps,
            decay_steps=max(1, total_steps - warmup_steps),
        )
    )


def _branch(views: Any, filters: Sequence[int], units: int) -> Any:
    """What is done to each view alike: (n_views, rows, columns) to (n_views, units)."""
    n_views, rows, columns = views.shape[1:]
    x = ops.reshape(views, (-1, rows, columns, 1))
    x = _normal("normal")(x)
    for i, n in enumerate(filters):
        first = i == 0
        x = layers.Conv2D(
            n,
            5 if first else 3,
            strides=2 if first else 1,
            padding="same",
            use_bias=False,
            name=f"branch_{i}",
            **CHANNELS_LAST,
        )(x)
        x = layers.Activation("gelu", name=f"gelu_{i}")(_normal(f"normal_{i}")(x))
        if not first:
            x = _pooled(x, i)
    x = layers.Flatten(name="places", **CHANNELS_LAST)(x)
    x = layers.Dense(units, activation="gelu", name="branch_end")(x)
    return ops.reshape(x, (-1, n_views, units))


def _pooled(x: Any, number: int) -> Any:
    """The largest of 2 x 2 places; an axis of less than 4 stays as it is."""
    size = tuple(2 if n >= 4 else 1 for n in x.shape[1:3])
    if size == (1, 1):
        return x
    return layers.MaxPooling2D(size, padding="same", name=f"pool_{number}", **CHANNELS_LAST)(x)


def _normal(name: str) -> layers.Layer:
    """Mean 0 and variance 1 over batch and places, for each channel."""
    return layers.BatchNormalization(momentum=0.95, epsilon=_VARIANCE_FLOOR, name=name)


def _joined(found: Any, units: Sequence[int]) -> Any:
    """From what was found of each view, (n_views, units), to the numbers that the softmax sees."""
    if found.shape[1] == 1:
        return _dense(ops.squeeze(found, axis=1), units)
    (found,) = bounded([found], axes=[1, 2])
    each = ops.reshape(found, (-1, found.shape[1] * found.shape[2]))
    y = _dense(ops.concatenate([each, *products(found)], axis=-1), units)
    return bounded([y], axes=[-1])[0]


def _dense(y: Any, units: Sequence[int]) -> Any:
    """Dense layers, one after another."""
    for i, n in enumerate(units):
        y = layers.Dense(n, activation="gelu", name=f"joined_{i}")(y)
    return y


def _checked_shape(value: Any) -> tuple[int, ...]:
    """(rows, columns), >= 4 each."""
    shape = integers("view_shape", value, at_least=4)
    if len(shape) != 2:
        raise ValueError(
            f"view_shape must be (rows, columns), for images. {received('view_shape', value)}"
        )
    return shape


def _checked_units(value: Any) -> int:
    """Units whose two halves can change places."""
    units = integer("branch_units", value, at_least=2)
    if units % 2:
        raise ValueError(f"branch_units must be even. {received('branch_units', value)}")
    return units
