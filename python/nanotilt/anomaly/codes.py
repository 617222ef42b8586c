"""What the codes of a variational autoencoder tell of patches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nanotilt._base.arrays import finite_array, same_contents

Floats = npt.NDArray[np.float64]

KL, ELBO, MAHALANOBIS = "kl", "elbo", "mahalanobis"
"""Names of scores: divergence of the code's distribution from a standard normal one; the negative
evidence lower bound; squared distance of the code's mean from those of perfect patches."""

_RIDGE = 1e-6
"""Added to variances, so that a number of the code that never changes divides nothing by 0."""


@dataclass(frozen=True, eq=False)
class CodeReference:
    """How the codes of perfect patches are spread.

    Attributes:
        mean: (k,) float64.
        precision: (k, k) float64, the inverse of their covariance.
    """

    mean: Floats
    precision: Floats

    def __eq__(self, other: object) -> bool:
        return same_contents(self, other)

    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def of(cls, mean: npt.ArrayLike) -> CodeReference:
        """The spread of the codes of patches that are known to be perfect.

        Args:
            mean: (n, k) means of their codes, n >= 2.

        Raises:
            TypeError: They are not real numbers.
            ValueError: They have another shape, or are not finite.
        """
        codes = _codes("mean", mean)
        if len(codes) < 2:
            raise ValueError(f"mean must hold two codes at least. Received: shape {codes.shape}")
        covariance = np.atleast_2d(np.cov(codes.T)) + _RIDGE * np.eye(codes.shape[1])
        return cls(codes.mean(axis=0), np.asarray(np.linalg.inv(covariance), dtype=np.float64))

    def distance(self, mean: npt.ArrayLike) -> Floats:
        """Squared Mahalanobis distance of codes to those of perfect patches.

        Args:
            mean: (n, k) means of codes.

        Returns:
            (n,) float64; k on average of perfect patches.

        Raises:
            TypeError: They are not real numbers.
            ValueError: They have another shape, or are not finite.
        """
        apart = _codes("mean", mean) - self._checked(mean)
        return np.asarray(np.einsum("ij,jk,ik->i", apart, self.precision, apart))

    def _checked(self, mean: npt.ArrayLike) -> Floats:
        shape = np.shape(mean)
        if shape[-1:] != self.mean.shape:
            raise ValueError(f"mean must be (n, {len(self.mean)}). Received: shape {shape}")
        return self.mean


def code_scores(
    mean: npt.ArrayLike,
    log_variance: npt.ArrayLike,
    error: npt.ArrayLike,
    n_pixels: int,
    reference: CodeReference,
) -> dict[str, Floats]:
    """What codes tell of patches.

    Args:
        mean: (n, k) means of the codes.
        log_variance: (n, k) logarithms of their variances.
        error: (n,) mean squared difference of each patch and its drawing.
        n_pixels: Pixels of a patch.
        reference: How codes of perfect patches are spread.

    Returns:
        (n,) float64 each, in nats: "kl"; "elbo", the negative evidence lower bound up to a
        constant, n_pixels error / 2 + kl, as of pixels of standard deviation 1; and "mahalanobis",
        a squared distance without a unit.

    Raises:
        TypeError: They are not real numbers.
        ValueError: Shapes disagree, or they are not finite.
    """
    middle, spread = _codes("mean", mean), _codes("log_variance", log_variance)
    if spread.shape != middle.shape:
        raise ValueError(
            f"log_variance must have the shape of mean, {middle.shape}. "
            f"Received: shape {spread.shape}"
        )
    each = finite_array("error", error, np.float64)
    if each.shape != (len(middle),):
        raise ValueError(f"error must be ({len(middle)},). Received: shape {each.shape}")
    kl = 0.5 * (np.exp(spread) + middle**2 - 1 - spread).sum(axis=1)
    return {
        KL: kl,
        ELBO: 0.5 * n_pixels * each + kl,
        MAHALANOBIS: reference.distance(middle),
    }


def _codes(name: str, value: npt.ArrayLike) -> Floats:
    array = finite_array(name, value, np.float64)
    if array.ndim != 2:
        raise ValueError(f"{name} must be (n, k). Received: shape {array.shape}")
    return array
