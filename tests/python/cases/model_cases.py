"""A small network of each kind in nanotilt.models, with inputs and targets, for contract tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from nanotilt.models import (
    CoefficientCNN,
    ConvolutionalAutoencoder,
    DefectCNNA,
    DefectCNNB,
    DefectFinder,
    DefectNet,
    DenseAutoencoder,
    DifferenceModel,
    ImageStereoClassifier,
    JointNetwork,
    LatticeDenoiser,
    OrientationEncoder,
    OrientationUNet,
    PaperStereoClassifier,
    ParticleDetector,
    PolarNet,
    ScatteringCNN,
    ScatteringVGG,
    SegmentationBorders,
    SegmentationFPN,
    SegmentationStar,
    SegmentationUNet,
    StereoClassifier,
    VariationalAutoencoder,
)

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Case:
    """One network.

    Attributes:
        kind: Its class.
        make: Builds it.
        view_shape: Of one input.
        more_shapes: Of further inputs of a network that has several.
        targets: Takes a number of samples, gives what training wants for them.
        loss: What it is trained with; None: its own.
    """

    kind: type[Any]
    make: Callable[[], Any]
    view_shape: tuple[int, ...]
    targets: Callable[[int], Array]
    loss: Any
    more_shapes: tuple[tuple[int, ...], ...] = ()

    def seeded(self) -> Any:
        """The network with first weights that are always the same."""
        keras.utils.set_random_seed(5)
        return self.make()

    def inputs(self, count: int = 8, seed: int = 3) -> Any:
        """(count, *view_shape) float32; of a network with several inputs a list of arrays."""
        rng = np.random.default_rng(seed)
        shapes = (self.view_shape, *self.more_shapes)
        arrays = [rng.random((count, *shape), dtype=np.float32) for shape in shapes]
        return arrays if self.more_shapes else arrays[0]

    def compile(self, model: Any, optimizer: Any = None, **options: Any) -> None:
        """For training; without XLA, whose compilation takes seconds."""
        options = {"jit_compile": False, **options}
        model.compile(optimizer or keras.optimizers.Adam(1e-2), loss=self.loss, **options)

    def trained(self) -> Any:
        """The network after two steps: no weight and no state is what it was at first."""
        model = self.seeded()
        self.compile(model)
        for seed in (1, 2):
            model.train_on_batch(self.inputs(seed=seed), self.targets(8))
        return model


def _labels(n_classes: int) -> Callable[[int], Array]:
    return lambda count: np.arange(count, dtype=np.int32) % n_classes


def _classifier(kind: Any, views: int, bins: int, classes: int, **options: Any) -> Case:
    return Case(
        kind,
        lambda: kind(views, bins, classes, **options),
        (views, bins),
        _labels(classes),
        "sparse_categorical_crossentropy",
    )


def _maps(
    kind: Any, widths: tuple[int, ...], n_maps: int = 2, stride: int = 1, **options: Any
) -> Case:
    shape = (16 // stride, 8 // stride, n_maps)
    channels = 2 if options.get("masked") else 1
    return Case(
        kind,
        lambda: kind(widths, n_channels=channels, **options),
        (channels, 16, 8),
        lambda count: np.random.default_rng(0).random((count, *shape), dtype=np.float32),
        kind.new_loss(),
    )


def _images(views: int, rows: int, columns: int, classes: int, **options: Any) -> Case:
    return Case(
        ImageStereoClassifier,
        lambda: ImageStereoClassifier(views, (rows, columns), classes, **options),
        (views, rows, columns),
        _labels(classes),
        "sparse_categorical_crossentropy",
    )


def _patches(kind: Any, views: int, rows: int, columns: int, classes: int) -> Case:
    return Case(
        kind,
        lambda: kind(views, (rows, columns), classes),
        (views, rows, columns),
        _labels(classes),
        "sparse_categorical_crossentropy",
    )


def _autoencoder(kind: Any, rows: int, columns: int) -> Case:
    return Case(
        kind,
        lambda: kind((rows, columns)),
        (1, rows, columns),
        lambda count: np.random.default_rng(0).random((count, rows, columns), dtype=np.float32),
        kind.new_loss(),
    )


def _tagging(kind: Any, *shapes: tuple[int, ...], **options: Any) -> Case:
    return Case(
        kind,
        lambda: kind(tag_names=("ring", "halo", "2-fold"), **options),
        shapes[0],
        lambda count: np.random.default_rng(0).integers(0, 2, (count, 3)).astype(np.float32),
        kind.new_loss(),
        shapes[1:],
    )


def _encoder(architecture: str, *shape: int, zero: bool = False) -> Case:
    def make() -> Any:
        encoder = OrientationEncoder(shape, 3, architecture=architecture)
        if zero:
            views = np.random.default_rng(7).random((12, *shape), dtype=np.float32)
            encoder.set_zero(views, np.linspace(0, 2, 12))
        return encoder

    return Case(OrientationEncoder, make, shape, lambda count: np.ones((count, 2), "f4"), "mse")


def _difference(loss: str, encoder: Callable[[], Any], bins: int, **options: Any) -> Case:
    return Case(
        DifferenceModel,
        lambda: DifferenceModel(encoder(), loss=loss, stereo_deg=10, **options),
        (2, bins),
        lambda count: np.full(count, 0.2, np.float32),
        None,
    )


def _plain_encoder() -> Any:
    view = keras.Input((6,), name="view")
    hidden = keras.layers.Dense(4, activation="gelu", name="hidden")(view)
    return keras.Model(view, keras.layers.Dense(2, name="answer")(hidden), name="plain")


def _u_net(n_pixels: int, **options: Any) -> Case:
    return Case(
        OrientationUNet,
        lambda: OrientationUNet(n_pixels, symmetry=4, stereo_deg=10, **options),
        (n_pixels, n_pixels),
        lambda count: np.ones((count, n_pixels, n_pixels), np.float32),
        "mse",
    )


CASES: dict[str, Case] = {
    "stereo": _classifier(
        StereoClassifier, 2, 16, 3, branch_units=(8, 6, 4), joined_units=(6, 4), name="two"
    ),
    "stereo_heads": _classifier(
        StereoClassifier, 3, 9, 4, branch_units=(4,), joined_units=(), heads=(2, 2)
    ),
    "stereo_early": _classifier(
        StereoClassifier, 2, 8, 2, branch_units=(4,), joined_units=(4,), join="early",
        first_view_only=True,
    ),
    "paper": _classifier(PaperStereoClassifier, 2, 16, 2),
    "paper_early": _classifier(
        PaperStereoClassifier, 2, 6, 4, pooling=False, join="early", heads=(2, 2)
    ),
    "images": _images(2, 9, 12, 3, filters=(4, 6), joined_units=(5,), first_view_only=True),
    "images_heads": _images(
        3, 4, 4, 4, angles_deg=(0, 30, 270), filters=(3,), joined_units=(), heads=(2, 2),
    ),
    "encoder_paper_line": _encoder("paper", 8),
    "encoder_paper_image": _encoder("paper", 22, 22),
    "encoder_fast_line": _encoder("fast", 8),
    "encoder_fast_image": _encoder("fast", 8, 8),
    "encoder_aligned": _encoder("aligned", 12, 12, zero=True),
    "difference": _difference("circular", lambda: OrientationEncoder((8,), 3), 8),
    "difference_plain": _difference("paper", _plain_encoder, 6, symmetry=3),
    "segmentation_u_net": _maps(SegmentationUNet, (4, 6)),
    "segmentation_borders": _maps(SegmentationBorders, (4, 6), 3),
    "segmentation_fpn": _maps(SegmentationFPN, (4, 8), width=4, norm="group", masked=True),
    "segmentation_star": _maps(SegmentationStar, (4, 6), 33, 2, reading={"depth_above": 0.3}),
    "particle_detector": _maps(ParticleDetector, (4, 8), 6, width=4),
    "defect_cnn_a": _patches(DefectCNNA, 2, 9, 12, 3),
    "defect_cnn_b": _patches(DefectCNNB, 1, 14, 16, 2),
    "defect_net": _patches(DefectNet, 1, 10, 8, 3),
    "defect_finder": Case(
        DefectFinder,
        lambda: DefectFinder(("vacancy", "silicon"), widths=(4, 6, 8)),
        (1, 16, 8),
        lambda count: np.random.default_rng(0).random((count, 8, 4, 3), dtype=np.float32),
        DefectFinder.new_loss(),
    ),
    "dense_autoencoder": _autoencoder(DenseAutoencoder, 5, 6),
    "convolutional_autoencoder": _autoencoder(ConvolutionalAutoencoder, 16, 8),
    "variational_autoencoder": _autoencoder(VariationalAutoencoder, 16, 16),
    "lattice_denoiser": _autoencoder(LatticeDenoiser, 16, 8),
    "polar_net": _tagging(
        PolarNet, (2, 16, 8), polar_shape=(2, 16, 8), filters=(4, 6), profile_filters=(5, 6),
        units=7,
    ),
    "scattering_cnn": _tagging(
        ScatteringCNN, (1, 32, 40), view_shape=(32, 40), size="small"
    ),
    "scattering_vgg": _tagging(ScatteringVGG, (1, 24, 32), size="small"),
    "coefficient_cnn": _tagging(
        CoefficientCNN, (6, 4, 2), coefficient_shape=(6, 4), size="small"
    ),
    "joint_network": _tagging(
        JointNetwork, (1, 32, 32), (5, 6, 2), view_shape=(32, 32), coefficient_shape=(5, 6),
        size="small",
    ),
    "u_net": _u_net(8),
    "u_net_sine_cosine": _u_net(8, skips=False, bottleneck="sine_cosine"),
}  # fmt: skip

NOT_RELEASED = {
    "images",
    "images_heads",
    "segmentation_u_net",
    "segmentation_borders",
    "segmentation_fpn",
    "segmentation_star",
    "particle_detector",
    "defect_cnn_a",
    "defect_cnn_b",
    "defect_finder",
    "defect_net",
    "dense_autoencoder",
    "convolutional_autoencoder",
    "variational_autoencoder",
    "lattice_denoiser",
    "polar_net",
    "scattering_cnn",
    "scattering_vgg",
    "coefficient_cnn",
    "joint_network",
}
"""Networks that came after the release whose files are kept."""
