"""Segmentation without a network: a threshold and a watershed, or a forest of pixel features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt._base.optional import needed_for
from nanotilt.segmentation._arguments import (
    Bits,
    Floats,
    Labels,
    check_same_shape,
    image_stack,
    label_stack,
)
from nanotilt.segmentation.watershed import flooded, with_deepest_pixels

with needed_for("nanotilt.segmentation"):
    from scipy import ndimage

FEATURE_SCALES_PX = (0.7, 1.0, 1.6, 3.5, 5.0)
"""Standard deviations of the Gaussians of the forest's features, in pixels."""


def otsu_watershed(
    image: npt.ArrayLike,
    *,
    sigma: float = 1.5,
    background_sigma: float | None = 25.0,
    min_distance_px: int = 3,
    min_area_px: int = 8,
) -> npt.NDArray[np.int32]:
    """Label image by the classical way: flat field, Gaussian, Otsu's threshold, watershed.

    The background, a wide Gaussian of the image, is taken away. What is brighter than Otsu's
    threshold, holes filled, is split by a watershed of the distance to the outline, smoothed by a
    pixel, from its maxima. Dark particles on bright ground: hand in -image.

    Args:
        image: (height, width) or (n, height, width) brightness; particles are brighter.
        sigma: Standard deviation of the Gaussian against noise, in pixels, >= 0. The best grows
            with the noise: tune it on images with truth.
        background_sigma: Of the wide one, in pixels, > 0; None takes no background away.
        min_distance_px: Smallest distance of two maxima along either axis, in pixels, >= 1.
        min_area_px: Smallest area of a particle, in pixels, >= 0.

    Returns:
        int32, of the same shape: 0 is background, particles are 1, 2, ..., anew in each image.

    Raises:
        ImportError: SciPy or scikit-image is not installed.
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """
    images, single = image_stack("image", image)
    width = check.real("sigma", sigma, at_least=0)
    wide = None
    if background_sigma is not None:
        wide = check.real("background_sigma", background_sigma, above=0)
    apart = check.integer("min_distance_px", min_distance_px, at_least=1)
    smallest = check.integer("min_area_px", min_area_px, at_least=0)
    found = np.zeros(images.shape, np.int32)
    for i, values in enumerate(images):
        smooth = ndimage.gaussian_filter(values, width)
        if wide is not None:
            smooth -= ndimage.gaussian_filter(values, wide)
        found[i] = split_by_distance(smooth > otsu_threshold(smooth), apart, smallest)
    return found[0] if single else found


def otsu_threshold(values: Floats, n_bins: int = 256) -> float:
    """The value that splits a histogram so that its two parts differ most (Otsu 1979)."""
    low, high = float(values.min()), float(values.max())
    if low == high:
        return high
    counts, edges = np.histogram(values, n_bins, (low, high))
    middles = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(edges[1 + np.nanargmax(between[:-1])])


def split_by_distance(mask: Bits, min_distance_px: int, min_area_px: int) -> Any:
    """Parts of a mask, split where they are narrow."""
    filled = ndimage.binary_fill_holes(mask)
    distance = ndimage.gaussian_filter(ndimage.distance_transform_edt(filled), 1.0)
    top = ndimage.maximum_filter(distance, 2 * min_distance_px + 1)
    markers, _ = ndimage.label((distance == top) & filled, np.ones((3, 3)))
    # A part whose maximum is overshadowed by that of a neighbour has a marker of its own.
    markers = with_deepest_pixels(filled, distance, markers)
    return flooded(filled, distance, markers, min_area_px)


def pixel_features(image: Floats) -> Floats:
    """(height, width, 25): five features of each pixel at five scales.

    Gaussian, length of its gradient, Laplacian, and the two eigenvalues of the Hessian.
    """
    features = []
    for scale in FEATURE_SCALES_PX:
        gaussian = ndimage.gaussian_filter(image, scale)
        along_y, along_x, yy, xx, xy = (
            ndimage.gaussian_filter(image, scale, order)
            for order in ((1, 0), (0, 1), (2, 0), (0, 2), (1, 1))
        )
        middle, spread = (yy + xx) / 2, np.hypot((yy - xx) / 2, xy)
        features += [
            gaussian,
            np.hypot(along_y, along_x),
            yy + xx,
            middle + spread,
            middle - spread,
        ]
    return np.stack(features, axis=-1)


@dataclass(frozen=True)
class Forest:
    """A random forest of pixel features, as `forest` trains it.

    Attributes:
        classifier: scikit-learn's RandomForestClassifier.
    """

    classifier: Any

    def foreground(self, image: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Probability that each pixel shows a particle, of the image's shape.

        Args:
            image: (height, width) or (n, height, width).

        Raises:
            TypeError: It does not hold real numbers.
            ValueError: It has another shape, or numbers that are not finite.
        """
        images, single = image_stack("image", image)
        column = list(self.classifier.classes_).index(1) if 1 in self.classifier.classes_ else None
        found = np.zeros(images.shape)
        if column is not None:
            for i, values in enumerate(images):
                rows = pixel_features(_standardised(values)).reshape(values.size, -1)
                found[i] = self.classifier.predict_proba(rows)[:, column].reshape(values.shape)
        return found[0] if single else found

    def instances(
        self, image: npt.ArrayLike, *, min_distance_px: int = 3, min_area_px: int = 8
    ) -> npt.NDArray[np.int32]:
        """Label image: where a particle is likelier than not, split as by `otsu_watershed`.

        Args:
            image: (height, width) or (n, height, width).
            min_distance_px: Smallest distance of two maxima along either axis, in pixels, >= 1.
            min_area_px: Smallest area of a particle, in pixels, >= 0.

        Raises:
            TypeError: An argument is of the wrong kind.
            ValueError: An argument has a wrong value.
        """
        apart = check.integer("min_distance_px", min_distance_px, at_least=1)
        smallest = check.integer("min_area_px", min_area_px, at_least=0)
        likely = self.foreground(image)
        stack = likely[None] if likely.ndim == 2 else likely
        found = np.zeros(stack.shape, np.int32)
        for i, probability in enumerate(stack):
            found[i] = split_by_distance(probability > 0.5, apart, smallest)
        return found.reshape(likely.shape)


def forest(
    images: npt.ArrayLike,
    instances: npt.ArrayLike,
    *,
    n_pixels: int = 60_000,
    n_trees: int = 100,
    seed: int = 0,
) -> Forest:
    """Trains a random forest (Breiman 2001) to tell particles from background, pixel by pixel.

    The features are those of ilastik and Weka's segmentation: Gaussian, gradient, Laplacian and
    eigenvalues of the Hessian at five scales, of images brought to mean 0 and deviation 1.

    Args:
        images: (height, width) or (n, height, width), n >= 1.
        instances: Label images of the same shape; what is not 0 is a particle.
        n_pixels: Number of pixels, drawn from all images, that it is trained on, >= 1; all, if
            there are no more.
        n_trees: Number of trees, >= 1.
        seed: Of the draw and the trees, in [0, 2**32).

    Raises:
        ImportError: SciPy, scikit-image or scikit-learn is not installed.
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """
    stack, single = image_stack("images", images)
    truth, truth_single = label_stack("instances", instances)
    check_same_shape(("images", "instances"), stack.shape[single:], truth.shape[truth_single:])
    if not len(stack):
        raise ValueError(f"images must not be empty. Received: shape {stack.shape}")
    number = check.integer("n_pixels", n_pixels, at_least=1)
    trees = check.integer("n_trees", n_trees, at_least=1)
    start = check.integer("seed", seed, at_least=0, below=2**32)
    with needed_for("A forest"):
        from sklearn.ensemble import RandomForestClassifier
    rng = np.random.default_rng(start)
    chosen = rng.choice(stack.size, min(number, stack.size), replace=False)
    features, particle = _training_set(stack, truth, np.sort(chosen))
    classifier = RandomForestClassifier(trees, random_state=start, min_samples_leaf=3)
    return Forest(classifier.fit(features, particle))


def _training_set(stack: Floats, truth: Labels, chosen: Labels) -> tuple[Floats, Labels]:
    size = stack[0].size
    features = []
    for i, values in enumerate(stack):
        here = chosen[(chosen >= i * size) & (chosen < (i + 1) * size)] - i * size
        if len(here):
            features.append(pixel_features(_standardised(values)).reshape(size, -1)[here])
    return np.concatenate(features), (truth.ravel()[chosen] > 0).astype(np.int64)


def _standardised(image: Floats) -> Floats:
    return np.asarray((image - image.mean()) / (image.std() + 1e-12))
