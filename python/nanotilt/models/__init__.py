"""Keras 3 networks that classify views, find orientations, find particles or tag images.

Importing this package needs Keras; ``import nanotilt`` alone does not load it. Importing it also
registers every network, so that Keras's own ``keras.saving.load_model("model.keras")`` finds them;
`nanotilt.load` needs no such preparation.
"""

from __future__ import annotations

from nanotilt._base.optional import needed_for

with needed_for("nanotilt.models"):
    import keras as _keras  # noqa: F401  (here, so that its absence is told in plain words)

from nanotilt.models._outputs import OUTPUT_PREFIX
from nanotilt.models.difference import CircularStereoLoss, DifferenceModel
from nanotilt.models.image_stereo import ImageStereoClassifier
from nanotilt.models.lattices.autoencoders import ConvolutionalAutoencoder, DenseAutoencoder
from nanotilt.models.lattices.cnns import DefectCNNA, DefectCNNB
from nanotilt.models.lattices.defect_finder import DefectFinder
from nanotilt.models.lattices.defect_net import DefectNet
from nanotilt.models.lattices.denoiser import LatticeDenoiser
from nanotilt.models.lattices.place_loss import PlaceLoss
from nanotilt.models.lattices.vae import VariationalAutoencoder
from nanotilt.models.orientation_encoder import OrientationEncoder
from nanotilt.models.orientation_unet import OrientationUNet
from nanotilt.models.paper_stereo import PaperStereoClassifier
from nanotilt.models.plan import TrainingPlan
from nanotilt.models.registry import by_name, for_views, names
from nanotilt.models.scattering.averaging import AveragedSGD, averaged, take_average
from nanotilt.models.scattering.coefficients import CoefficientCNN, JointNetwork
from nanotilt.models.scattering.images import ScatteringCNN, ScatteringVGG
from nanotilt.models.scattering.loss import TaggingLoss
from nanotilt.models.scattering.polar import PolarNet
from nanotilt.models.segmentation.borders import SegmentationBorders
from nanotilt.models.segmentation.detector import ParticleDetector
from nanotilt.models.segmentation.loss import (
    BorderLoss,
    DetectionLoss,
    SegmentationLoss,
    StarLoss,
)
from nanotilt.models.segmentation.networks import SegmentationFPN, SegmentationUNet
from nanotilt.models.segmentation.star import SegmentationStar
from nanotilt.models.stereo import StereoClassifier

__all__ = [
    "OUTPUT_PREFIX",
    "AveragedSGD",
    "BorderLoss",
    "CircularStereoLoss",
    "CoefficientCNN",
    "ConvolutionalAutoencoder",
    "DefectCNNA",
    "DefectCNNB",
    "DefectFinder",
    "DefectNet",
    "DenseAutoencoder",
    "DetectionLoss",
    "DifferenceModel",
    "ImageStereoClassifier",
    "JointNetwork",
    "LatticeDenoiser",
    "OrientationEncoder",
    "OrientationUNet",
    "PaperStereoClassifier",
    "ParticleDetector",
    "PlaceLoss",
    "PolarNet",
    "ScatteringCNN",
    "ScatteringVGG",
    "SegmentationBorders",
    "SegmentationFPN",
    "SegmentationLoss",
    "SegmentationStar",
    "SegmentationUNet",
    "StarLoss",
    "StereoClassifier",
    "TaggingLoss",
    "TrainingPlan",
    "VariationalAutoencoder",
    "averaged",
    "by_name",
    "for_views",
    "names",
    "take_average",
]
