"""Every network of nanotilt.models with what it learns from."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import tree

import nanotilt as nt
from nanotilt import models
from nanotilt.scenes.lattice_terms import DEFECTS
from nanotilt.training.methods.job import Job
from orientation_cases import settings_of
from toy_scattering import ToyScattering

Array = npt.NDArray[Any]
Samples = tuple[Any, Array]
"""Views (n, ...), or a tuple of several inputs, and what a network is to make of them (n, ...)."""

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
    recipe: Any
    samples: Callable[[Any], Samples]
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
        rng = np.random.default_rng(3)
        noise = tree.map_structure(lambda one: rng.random(one.shape, dtype=np.float32), views)
        same = not isinstance(noise, tuple) and targets.shape == noise.shape
        return noise, noise[::-1] if same else targets


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


def _tagging(kind: Any, **options: Any) -> Network:
    def samples(batch: Any) -> Samples:
        return kind.seen(batch), keras.ops.convert_to_numpy(kind.truth(batch))

    return Network(
        lambda: kind(size="small", **options) if kind is not models.PolarNet else kind(**options),
        _TOY,
        samples,
        kind.new_loss(),
        lambda steps: kind.training_plan(_TOY, size="small").make_optimizer(steps),
        batch=16,
    )


_maps = functools.partial(_own_truth, batch=4, by_heart=4)
_TOY = ToyScattering()
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
    "polar-net": _tagging(
        models.PolarNet, polar_shape=(2, 16, 8), filters=(8, 12), profile_filters=(12, 16), units=32
    ),
    "scattering-cnn": _tagging(models.ScatteringCNN, view_shape=(32, 32)),
    "vgg": _tagging(models.ScatteringVGG),
    "coefficient-cnn": _tagging(models.CoefficientCNN, coefficient_shape=(6, 4)),
    "joint": _tagging(models.JointNetwork, view_shape=(32, 32), coefficient_shape=(6, 4)),
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
    "polar-net", "scattering-cnn", "vgg", "coefficient-cnn", "joint",
}  # fmt: skip
"""One of each kind: to trace a network's training takes seconds."""
