"""The stereo classifier of Sullivan 2020, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from nanotilt._base.checks import choice, flag
from nanotilt.models import _views
from nanotilt.models._arguments import Sizes, recipe_sizes, sizes
from nanotilt.models._dropout import HashDropout
from nanotilt.models._from_recipe import FromRecipe
from nanotilt.models._network import CHANNELS_LAST
from nanotilt.models._outputs import checked_heads, probabilities
from nanotilt.models.plan import TrainingPlan

MOST_BINS_POOLED = 32
_FEWEST_BINS_POOLED = 2**3


@keras.saving.register_keras_serializable(package="nanotilt")
class PaperStereoClassifier(FromRecipe, keras.Model):  # type: ignore[misc]
    """The paper's network: views joined only at equal positions, 12,450 to 14,882 parameters.

    A branch, shared by all views: three blocks of Conv1D(32, kernel 4) and MaxPool1D(2), two of
    Dense(32). The branches' outputs, joined along channels: four blocks of Dense(16), flattened,
    then softmax. A block ends with Dropout(0.1) and BatchNormalization; every kernel but the last
    has ReLU and a max-norm of 3.

    Source: Sullivan 2020, figures 1 and 5; the printed parameter counts (12,450 for one view,
    12,962 for two views of 32 bins) fix the sizes. Without pooling and with 64 bins, as for the
    chirality task: 14,882.

    Args:
        n_views: Views of one particle, >= 1.
        n_bins: Bins of one view, >= 1 (>= 8 with pooling).
        n_classes: Classes to tell apart, >= 2.
        pooling: Whether the three pooling layers are there. The paper has them for holes (32 bins)
            and removed them for chirality (64 bins), where they lose what tells the classes apart.
        join: "late", as above, or "early": one branch takes all views at once.
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
        n_bins: int,
        n_classes: int,
        pooling: bool = True,
        *,
        join: str = "late",
        first_view_only: bool = False,
        heads: Sequence[int] | None = None,
        name: str = "paper_stereo_classifier",
        trainable: bool = True,
    ) -> None:
        pooling = flag("pooling", pooling)
        fewest_bins = _FEWEST_BINS_POOLED if pooling else 1
        size = sizes(n_views, n_bins, n_classes, fewest_bins=fewest_bins)
        join = choice("join", join, ("late", "early"))
        first_view_only = flag("first_view_only", first_view_only)
        answers = checked_heads(heads, size.n_classes)
        views = keras.Input((size.n_views, size.n_bins), name="views")
        y = _joined(
            _views.first_view_for_all(views) if first_view_only else views, size, pooling, join
        )
        super().__init__(
            inputs=views,
            outputs=probabilities(y, size.n_classes, answers),
            name=name,
            trainable=trainable,
        )
        self.n_views, self.n_bins, self.n_classes = size.n_views, size.n_bins, size.n_classes
        self.pooling, self.join, self.first_view_only = pooling, join, first_view_only
        self.heads = answers

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what else makes the network, as JSON types."""
        arguments = {
            "n_views": self.n_views,
            "n_bins": self.n_bins,
            "n_classes": self.n_classes,
            "pooling": self.pooling,
            "join": self.join,
            "first_view_only": self.first_view_only,
            "heads": self.heads and list(self.heads),
            "name": self.name,
            "trainable": self.trainable,
        }
        return self._with_state(arguments)

    @classmethod
    def _options_for(cls, recipe: Any, options: dict[str, Any]) -> dict[str, Any]:
        """Pooling up to 32 bins, as the paper has it for holes, unless the user decides."""
        return {"pooling": recipe_sizes(recipe)["n_bins"] <= MOST_BINS_POOLED, **options}

    @classmethod
    def training_plan(cls, recipe: Any, budget: str | None = None) -> TrainingPlan:
        """The paper's: Adadelta, batches of 32, the same 60,000 samples every epoch, patience 10.

        Another 20,000 samples validate. Training that stays at chance is begun anew up to three
        times, as its author did. The learning rate is 1.0, Keras's default in 2020; with today's
        default of 0.001 the network does not train. The quick budget is 6 epochs, once.
        """
        quick = budget == "quick"
        return TrainingPlan(
            batch_size=32,
            steps_per_epoch=60_000 // 32,
            epochs=6 if quick else 200,
            make_optimizer=lambda total_steps: keras.optimizers.Adadelta(learning_rate=1.0),
            steps_per_execution=25,
            patience=10,
            jit_compile="long",
            fixed_set=True,
            validation_samples=20_000,
            tries=1 if quick else 4,
        )


def _joined(views: Any, size: Sizes, pooling: bool, join: str) -> Any:
    """From (n_views, n_bins) to the numbers that the softmax sees."""
    if join == "early":
        branch = _branch(size.n_bins, size.n_views, pooling)
        y = branch(ops.transpose(views, (0, 2, 1)))
    else:
        branch = _branch(size.n_bins, 1, pooling)
        x = [branch(ops.expand_dims(views[:, v], -1)) for v in range(size.n_views)]
        y = layers.Concatenate(name="views_side_by_side")(x) if len(x) > 1 else x[0]
    for i in range(4):
        y = _block(_dense(16, f"joined_{i}"), y)
    return layers.Flatten(name="flatten", **CHANNELS_LAST)(y)


def _branch(n_bins: int, n_channels: int, pooling: bool) -> keras.Model:
    """What is done to each view alike: (n_bins, n_channels) to (positions, 32)."""
    view = x = keras.Input((n_bins, n_channels), name="view")
    for i in range(3):
        x = _block(_convolution(f"convolution_{i}"), x, pooling)
    for i in range(2):
        x = _block(_dense(32, f"branch_{i}"), x)
    return keras.Model(view, x, name="branch")


def _block(layer: keras.layers.Layer, x: Any, pooling: bool = False) -> Any:
    """A layer, the pooling if any, dropout and normalisation, in this order."""
    x = layer(x)
    if pooling:
        x = layers.MaxPooling1D(2, name=f"{layer.name}_pool", **CHANNELS_LAST)(x)
    x = HashDropout(0.1, name=f"{layer.name}_dropout")(x)
    return layers.BatchNormalization(name=f"{layer.name}_normal")(x)


def _convolution(name: str) -> keras.layers.Layer:
    return layers.Conv1D(
        32,
        4,
        padding="same",
        activation="relu",
        kernel_constraint=keras.constraints.MaxNorm(3.0),
        name=name,
        **CHANNELS_LAST,
    )


def _dense(units: int, name: str) -> keras.layers.Layer:
    return layers.Dense(
        units, activation="relu", kernel_constraint=keras.constraints.MaxNorm(3.0), name=name
    )
