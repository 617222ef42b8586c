"""Networks that tag scattering images: wrong sizes, views and recipes are refused in words."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import nanotilt as nt

keras = pytest.importorskip("keras")
pytest.importorskip("tensorflow")

from nanotilt import models  # noqa: E402  (only where Keras is)
from toy_scattering import SMALL_NETWORKS  # noqa: E402


def small(name: str) -> Any:
    return models.by_name(name)(**SMALL_NETWORKS[name])


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        (models.ScatteringCNN, {"size": "huge"}, 'size must be "paper" or "small"'),
        (models.ScatteringCNN, {"view_shape": (100, 100)}, "view_shape"),
        (models.ScatteringCNN, {"tag_names": ()}, "tag_names must be different names"),
        (models.ScatteringVGG, {"tag_names": ("a", "a")}, "tag_names must be different names"),
        (models.CoefficientCNN, {"coefficient_shape": (40,)}, "coefficient_shape must be"),
        (models.CoefficientCNN, {"coefficient_shape": (40, 2)}, "coefficient_shape"),
        (models.PolarNet, {"polar_shape": (96, 32)}, r"polar_shape must be \(2, radii, azimuths\)"),
        (models.PolarNet, {"polar_shape": (2, 8, 32)}, "polar_shape must have >= 16 radii"),
        (models.PolarNet, {"profile_filters": (4, 4, 4)}, "profile_filters must have two entries"),
        (models.TaggingLoss, {"weights": ()}, "weights must have an entry a tag"),
        (models.TaggingLoss, {"weights": (1, 0)}, r"weights\[1\] must be > 0"),
        (models.AveragedSGD, {"average": 1.0}, r"average must be in \[0, 1\)"),
    ],
)
def test_wrong_arguments(kind: Any, options: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        kind(**options)


@pytest.mark.parametrize(
    ("name", "view", "words"),
    [
        ("polar-net", np.zeros((4, 16, 8)), "polar must have shape (batch, 2, 16, 8)"),
        (
            "coefficient-cnn", np.zeros((4, 6, 3, 2)),
            "coefficients must have shape (batch, 6, 4, 2)",
        ),
        ("scattering-cnn", np.zeros((4, 1, 32, 31)), "views must have shape (batch, 1, 32, 32)"),
        (
            "joint", [np.zeros((4, 1, 32, 32)), np.zeros((4, 6, 4, 1))],
            "coefficients must have shape (batch, 6, 4, 2)",
        ),
    ],
)  # fmt: skip
def test_wrong_views(name: str, view: Any, words: str) -> None:
    model = small(name)
    for act in (model, model.predict, model.probabilities):
        with pytest.raises(ValueError, match=re.escape(words)):
            act(view)


def test_images_whose_logarithm_is_taken_already() -> None:
    recipe = nt.recipes.scattering(64)
    words = 'its recipe must have normalise="none".*Received: normalise=.log.'
    with pytest.raises(ValueError, match=words):
        models.ScatteringCNN.for_recipe(recipe, size="small")
    models.PolarNet.check_recipe(nt.recipes.scattering(64, targets=("tags", "polar")))


def test_recipes_that_have_no_such_outputs() -> None:
    with pytest.raises(ValueError, match='targets must hold "tags", which a PolarNet learns from'):
        models.PolarNet.for_recipe(nt.recipes.hole_images(n_pixels=16))
    with pytest.raises(TypeError, match=r"recipe must be a nanotilt\.Recipe"):
        models.JointNetwork.for_recipe("recipe")
