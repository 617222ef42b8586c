"""The networks by the names that the command line uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nanotilt._base.checks import received
from nanotilt.models.image_stereo import ImageStereoClassifier
from nanotilt.models.lattices.cnns import DefectCNNA, DefectCNNB
from nanotilt.models.lattices.defect_net import DefectNet
from nanotilt.models.paper_stereo import PaperStereoClassifier
from nanotilt.models.scattering.coefficients import CoefficientCNN, JointNetwork
from nanotilt.models.scattering.images import ScatteringCNN, ScatteringVGG
from nanotilt.models.scattering.polar import PolarNet
from nanotilt.models.stereo import StereoClassifier

_MODELS: dict[str, type[Any]] = {"fast": StereoClassifier, "paper": PaperStereoClassifier}
_OF_IMAGES: dict[str, type[Any]] = {
    "fast": ImageStereoClassifier,
    "cnn-a": DefectCNNA,
    "cnn-b": DefectCNNB,
    "defect-net": DefectNet,
}
_OF_SCATTERING: dict[str, type[Any]] = {
    "polar-net": PolarNet,
    "scattering-cnn": ScatteringCNN,
    "coefficient-cnn": CoefficientCNN,
    "joint": JointNetwork,
    "vgg": ScatteringVGG,
}

_ALL = {**_OF_IMAGES, **_OF_SCATTERING, **_MODELS}


def names() -> tuple[str, ...]:
    """The names of the networks for any particles, the recommended one first."""
    return tuple(_MODELS)


def by_name(name: str) -> type[Any]:
    """The class of a network.

    Args:
        name: One of ``names()``, or of a network for patches of lattices or for scattering images.

    Returns:
        A keras.Model class with ``for_recipe(recipe)`` and ``training_plan(recipe)``.

    Raises:
        TypeError: The name is not a string.
        ValueError: There is no such network.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a string. {received('name', name)}")
    if name not in _ALL:
        raise ValueError(f"name must be one of {', '.join(_MODELS)}. {received('name', name)}")
    return _ALL[name]


def for_views(name: str, view_shape: Sequence[int]) -> type[Any]:
    """The class of a network for views of a shape: "fast" is another one for images.

    Args:
        name: As for `by_name`.
        view_shape: ``Recipe.view_shape``: (n_bins,) or (rows, columns).

    Returns:
        As `by_name` does.

    Raises:
        TypeError: The name is not a string.
        ValueError: There is no such network, or it takes no views of this shape.
    """
    found = by_name(name)
    if len(view_shape) == 1:
        if name not in _MODELS:
            raise ValueError(
                f"name must be one of {', '.join(_MODELS)} for lines of bins. "
                f"{received('name', name)}, view_shape={tuple(view_shape)}"
            )
        return found
    if name not in _OF_IMAGES:
        raise ValueError(
            f"name must be one of {', '.join(_OF_IMAGES)} for images; the network of Sullivan 2020 "
            f"takes lines of bins. {received('name', name)}, view_shape={tuple(view_shape)}"
        )
    return _OF_IMAGES[name]
