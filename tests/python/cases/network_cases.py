"""Every network of nanotilt.models with what it learns from, and a loop that keeps every loss."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

import nanotilt as nt
from nanotilt import models
from nanotilt.scenes.lattice_terms import DEFECTS
from nanotilt.training.methods.job import Job
from orientation_cases import settings_of

Array = npt.NDArray[Any]
Samples = tuple[Array, Array]
"""Views (n, ...) and what a network is to make of them (n, ...)."""

STEREO_DEG = 10.0


@dataclass(frozen=True)
class Network:
    """A network, and what it is trained on.

    Attributes:
        make: Builds it, with new first weights.
        recipe: Its recipe.
        samples: Takes the recipe's samples, gives views and targets.
        loss: A Keras loss.
        plan: Takes the number of steps, gives the optimizer of the network's own plan.
        batch: Samples in a step.
        by_heart: Samples of noise that are learned by heart.
    """

    make: Callable[[], Any]
    recipe: nt.Recipe
    samples: Callable[[nt.Batch], Samples]
    loss: Any
    plan: Callable[[int], Any]
    batch: int = 32
    by_heart: int = 12

    def recipe_samples(self, count: int) -> Samples:
        """Samples as the recipe draws them."""
        return self.samples(self.recipe.sample(seed=1, start=0, count=count))

    def noise(self, count: int) -> Samples:
        """Views that say nothing of their targets: there is nothing to learn but by heart."""
        views, targets = self.recipe_samples(count)
        noise = np.random.default_rng(3).random(views.shape, dtype=np.float32)
        return noise, noise[::-1] if targets.shape == views.shape else targets


def _classifier(kind: Any, recipe: nt.Recipe, **options: Any) -> Network:
    return Network(
        lambda: kind.for_recipe(recipe, compile=False, **options),
        recipe,
        lambda batch: (batch.views, batch.label),
        "sparse_categorical_crossentropy",
        lambda steps: kind.training_plan(recipe).make_optimizer(steps),
    )


def _orientation(
    make: Callable[[], Any], recipe: nt.Recipe, samples: Any, loss: Any, *, paper: bool
) -> Network:
    def plan(steps: int) -> Any:
        none: Any = None
        job = Job(recipe, 4, settings_of("paper" if paper else "fast"), none)
        model = make()
        job.compile(model, loss, steps)
        return model.optimizer

    return Network(make, recipe, samples, loss, plan)


def _encoder(architecture: str, recipe: nt.Recipe, symmetry: int) -> Network:
    @functools.cache
    def zero() -> Array:
        """Where an aligned encoder counts from, so that first answers agree with the angles."""
        encoder = models.OrientationEncoder(recipe.view_shape, symmetry, architecture=architecture)
        known = recipe.sample(seed=2, start=0, count=64)
        encoder.set_zero(known.views[:, 0], known.angle_rad[:, 0])
        found: Array = keras.ops.convert_to_numpy(encoder.get_layer("zero").offset)
        return found

    def make() -> Any:
        encoder = models.OrientationEncoder(recipe.view_shape, symmetry, architecture=architecture)
        if architecture == "aligned":
            encoder.get_layer("zero").offset.assign(zero())
        return encoder

    def samples(batch: nt.Batch) -> Samples:
        phase = symmetry * batch.angle_rad[:, 0]
        targets = np.stack([np.sin(phase), np.cos(phase)], axis=-1).astype(np.float32)
        return batch.views[:, 0], targets

    return _orientation(make, recipe, samples, "mse", paper=architecture == "paper")


def _difference(architecture: str, recipe: nt.Recipe, symmetry: int, loss: str) -> Network:
    def make() -> Any:
        encoder = models.OrientationEncoder(recipe.view_shape, symmetry, architecture=architecture)
        return models.DifferenceModel(encoder, loss=loss, stereo_deg=STEREO_DEG)

    def samples(batch: nt.Batch) -> Samples:
        known = np.full((len(batch.views), 1), np.deg2rad(STEREO_DEG), np.float32)
        return batch.views, known

    return _orientation(make, recipe, samples, make().stereo_loss(), paper=architecture == "paper")


def _unet(recipe: nt.Recipe, *, skips: bool, bottleneck: str) -> Network:
    def make() -> Any:
        return models.OrientationUNet(
            recipe.view_shape[0], symmetry=4, stereo_deg=STEREO_DEG, skips=skips,
            bottleneck=bottleneck,
        )  # fmt: skip

    def samples(batch: nt.Batch) -> Samples:
        return batch.views[:, 0], batch.views[:, 1]

    return _orientation(make, recipe, samples, "mse", paper=bottleneck == "angle")


def _own_truth(kind: Any, recipe: nt.Recipe, **options: Any) -> Network:
    """A network that says what it is to answer, from patches by default."""
    known = {}
    if kind is models.DefectFinder:
        known = {"kinds": np.array([DEFECTS.index(one) for one in kind.kinds_of(recipe)])}
    sizes = {name: options.pop(name) for name in ("batch", "by_heart") if name in options}

    def samples(batch: nt.Batch) -> Samples:
        targets = {name: batch[name] for name in kind.learns_from}
        truth = kind.truth({"views": batch.views, **targets, **known})
        return batch.views, keras.ops.convert_to_numpy(truth)

    return Network(
        lambda: kind.for_recipe(recipe, compile=False, **options), recipe, samples,
        kind.new_loss(), lambda steps: kind.training_plan(recipe).make_optimizer(steps), **sizes,
    )  # fmt: skip


_maps = functools.partial(_own_truth, batch=4, by_heart=4)
_SQUARES = nt.recipes.square(STEREO_DEG, n_pixels=24)
_LINES = nt.recipes.s_projection(STEREO_DEG, n_pixels=24)
_PATCHES = nt.recipes.lattice_defects(
    "graphene", ("divacancy-5-8-5",), camera=nt.DarkField(16, 0.45), targets=("label", "clean")
)
_DEFECTS = nt.recipes.lattice_defects(
    "graphene", ("divacancy-5-8-5", "silicon"), None, n_pixels=24, n_defects=(1, 2)
)

NETWORKS: dict[str, Network] = {
    "fast-two-views": _classifier(models.StereoClassifier, nt.recipes.chirality()),
    "fast-one-view": _classifier(models.StereoClassifier, nt.recipes.hole()),
    "paper-two-views": _classifier(models.PaperStereoClassifier, nt.recipes.hole(n_views=2)),
    "paper-without-pooling": _classifier(models.PaperStereoClassifier, nt.recipes.chirality()),
    "images-two-views": _classifier(
        models.ImageStereoClassifier, nt.recipes.hole_images(n_pixels=16)
    ),
    "images-one-view": _classifier(
        models.ImageStereoClassifier, nt.recipes.chirality_images(1, n_pixels=16)
    ),
    "maps-u-net": _maps(models.SegmentationUNet, nt.recipes.particle_field(32)),
    "maps-u-net-groups": _maps(
        models.SegmentationUNet, nt.recipes.particle_field(32), norm="group"
    ),
    "maps-borders": _maps(models.SegmentationBorders, nt.recipes.particle_field(32)),
    "maps-fpn": _maps(models.SegmentationFPN, nt.recipes.particle_field(32)),
    "star": _maps(
        models.SegmentationStar, nt.recipes.particle_field(32, targets=("depth", "rays"))
    ),
    "detector": _maps(
        models.ParticleDetector,
        nt.recipes.particle_field(32, targets=("instance", "centres", "boxes", "table")),
    ),
    "cnn-a": _classifier(models.DefectCNNA, _PATCHES),
    "cnn-b": _classifier(models.DefectCNNB, _PATCHES),
    "defect-net": _classifier(models.DefectNet, _PATCHES),
    "finder": _own_truth(models.DefectFinder, _DEFECTS, widths=(8, 12, 16)),
    "dense-autoencoder": _own_truth(models.DenseAutoencoder, _PATCHES),
    "convolutional-autoencoder": _own_truth(models.ConvolutionalAutoencoder, _PATCHES),
    "variational-autoencoder": _own_truth(models.VariationalAutoencoder, _PATCHES),
    "denoiser": _own_truth(models.LatticeDenoiser, _PATCHES),
    "encoder-paper-images": _encoder("paper", _SQUARES, 4),
    "encoder-paper-projections": _encoder("paper", _LINES, 1),
    "encoder-fast-images": _encoder("fast", _SQUARES, 4),
    "encoder-fast-projections": _encoder("fast", _LINES, 1),
    "encoder-aligned-images": _encoder("aligned", _SQUARES, 4),
    "difference-paper-projections": _difference("paper", _LINES, 1, "paper"),
    "difference-fast-projections": _difference("fast", _LINES, 1, "circular"),
    "difference-aligned-images": _difference("aligned", _SQUARES, 4, "circular"),
    "unet": _unet(_SQUARES, skips=True, bottleneck="angle"),
    "unet-without-skips": _unet(_SQUARES, skips=False, bottleneck="sine_cosine"),
}


IN_EVERY_RUN = {
    "fast-two-views", "paper-two-views", "images-two-views", "maps-u-net", "maps-borders",
    "maps-fpn", "star", "detector", "cnn-a", "cnn-b", "defect-net", "finder", "dense-autoencoder",
    "convolutional-autoencoder", "variational-autoencoder", "denoiser", "encoder-paper-images",
    "encoder-fast-projections", "encoder-aligned-images", "difference-fast-projections", "unet",
}  # fmt: skip
"""One of each kind: to trace a network's training takes seconds."""


class Training:
    """A network's training, traced once, and begun anew from first weights of any seed.

    Args:
        network: Which.
        optimizer: Its optimizer.
    """

    def __init__(self, network: Network, optimizer: Any) -> None:
        keras.utils.set_random_seed(0)
        self._make, self._optimizer = network.make, optimizer
        self._model = network.make()
        weights = self._model.trainable_variables
        optimizer.build(weights)
        self._weights: dict[int, list[Array]] = {}
        self._first = [keras.ops.convert_to_numpy(v) for v in optimizer.variables]
        loss = keras.losses.get(network.loss)

        shapes = [
            tf.TensorSpec((None, None, *one.shape[1:]), one.dtype)
            for one in network.recipe_samples(1)
        ]

        @tf.function(input_signature=shapes)  # type: ignore[untyped-decorator]
        def losses(views: Any, targets: Any) -> Any:
            found = tf.TensorArray(tf.float32, size=tf.shape(views)[0])
            for step in tf.range(tf.shape(views)[0]):
                with tf.GradientTape() as tape:
                    each = loss(targets[step], self._model(views[step], training=True))
                    now = tf.reduce_mean(each)
                optimizer.apply(tape.gradient(now, weights), weights)
                found = found.write(step, now)
            return found.stack()

        self._losses = losses

    def losses(self, seed: int, batches: Samples, rate: float | None = None) -> Array:
        """The loss at every step, before it is taken.

        Args:
            seed: Of the first weights.
            batches: Views (n_steps, batch, ...) and targets (n_steps, batch, ...).
            rate: Learning rate; None: the optimizer's own.
        """
        if seed not in self._weights:
            keras.utils.set_random_seed(seed)
            self._weights[seed] = self._make().get_weights()
        self._model.set_weights(self._weights[seed])
        for variable, first in zip(self._optimizer.variables, self._first, strict=True):
            variable.assign(first)
        if rate is not None:
            self._optimizer.learning_rate.assign(rate)
        found: Array = self._losses(*batches).numpy()
        return found


def fresh(samples: Samples, n_steps: int) -> Samples:
    """Samples as batches that are each seen once."""
    views, targets = samples
    return (
        views.reshape(n_steps, -1, *views.shape[1:]),
        targets.reshape(n_steps, -1, *targets.shape[1:]),
    )


def again(samples: Samples, n_steps: int) -> Samples:
    """All samples as one batch, seen at every step."""
    views, targets = samples
    return (
        np.broadcast_to(views, (n_steps, *views.shape)),
        np.broadcast_to(targets, (n_steps, *targets.shape)),
    )
