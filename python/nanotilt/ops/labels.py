"""What follows from a label image: borders, distances, rays, boxes; and maps of middles.

A label image holds a whole number for each pixel: 0 is background, every other number one particle.
It may be of any origin: a simulated field, a watershed, an annotation. All functions take one image
(height, width) or a stack (n, height, width), and work on several images of a stack at once. They
give what a field's targets of the same names hold (`nanotilt.Field`), bit by bit.

x runs along the columns and y along the rows, both from the outer corner of the first pixel, whose
middle is at half a pixel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt import _core
from nanotilt._base import checks as check
from nanotilt._base.arithmetic import in_ieee_mode
from nanotilt._base.arrays import SIZE_LIMIT, finite_array
from nanotilt._base.label_images import core_labels
from nanotilt._base.sizes import N_VALUES_LIMIT
from nanotilt.ops.projection import thread_count

N_RAYS = 32
"""Directions of `rays`."""


@in_ieee_mode
def boundary(instances: npt.ArrayLike, *, n_threads: int | None = None) -> npt.NDArray[np.uint8]:
    """Marks the outermost pixels of each particle.

    A pixel of a particle is marked if one of its four neighbours is background or of another
    particle: ``skimage.segmentation.find_boundaries(instances, connectivity=1, mode="inner")``. The
    image's edge is no border.

    Args:
        instances: (height, width) or (n, height, width) label image.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        uint8 of the same shape, 0 or 1.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.

    Example:
        >>> import nanotilt as nt
        >>> nt.labels.boundary([[0, 1, 1, 1], [0, 1, 1, 1], [0, 0, 1, 1]])
        array([[0, 1, 0, 0],
               [0, 1, 0, 0],
               [0, 0, 1, 0]], dtype=uint8)
    """
    stack, single = core_labels("instances", instances)
    made = _core.boundary(stack, thread_count(n_threads))
    return made[0] if single else made


@in_ieee_mode
def distance(instances: npt.ArrayLike, *, n_threads: int | None = None) -> npt.NDArray[np.float32]:
    """Distance from each pixel of a particle to the nearest pixel that is not of this particle.

    From middle to middle, exact, and for each particle by itself: where two particles touch, it is
    1 on both sides, as a network needs it to tell them apart. The image's edge is no border. Where
    all pixels of an image are of one particle, there is no other pixel, and the distance is the
    image's diagonal. (Squared distances are the lower envelope of parabolas: Felzenszwalb and
    Huttenlocher 2012, Meijster et al. 2000.)

    Args:
        instances: (height, width) or (n, height, width) label image.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        float32 of the same shape, in pixels; 0 in the background.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.

    Example:
        >>> import nanotilt as nt
        >>> nt.labels.distance([[0, 1, 1, 1, 2, 2]])
        array([[0., 1., 2., 1., 1., 2.]], dtype=float32)
    """
    stack, single = core_labels("instances", instances)
    made = _core.distance(stack, thread_count(n_threads))
    return made[0] if single else made


@in_ieee_mode
def rays(instances: npt.ArrayLike, *, n_threads: int | None = None) -> npt.NDArray[np.float32]:
    """Distances to a particle's border along 32 directions, as StarDist learns them.

    On a grid of every second pixel of every second row, from the first on. Ray k runs at the angle
    2 pi k / 32 from x towards y. From the pixel's middle, it goes on in steps of one pixel until
    the point reached lies in a pixel of another label, or outside the image; the number of steps is
    the distance, so it is 1 at least (Schmidt et al. 2018).

    Args:
        instances: (height, width) or (n, height, width) label image, >= 2 pixels on each side.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        (height // 2, width // 2, 32) or (n, height // 2, width // 2, 32) float32, in pixels; 0 in
        the background.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.

    Example:
        >>> import nanotilt as nt
        >>> nt.labels.rays([[7, 7, 7, 0], [7, 7, 7, 0]])[0, 0, [0, 8, 16, 24]]
        array([3., 2., 1., 1.], dtype=float32)
    """
    stack, single = core_labels("instances", instances)
    if min(stack.shape[1:]) < 2:
        raise ValueError(f"instances must have sides >= 2. Received: shape {stack.shape[1:]}")
    if stack.size // 4 * N_RAYS > 2**31:
        raise ValueError(
            "instances must have <= 2**28 pixels together, so that the result has <= 2**31 values. "
            f"Received: {stack.size} pixels"
        )
    made = _core.rays(stack, thread_count(n_threads))
    return made[0] if single else made


def boxes(
    instances: npt.ArrayLike, n_boxes: int | None = None, *, n_threads: int | None = None
) -> npt.NDArray[np.int32]:
    """The box around the pixels of each particle.

    Args:
        instances: (height, width) or (n, height, width) label image.
        n_boxes: Rows of the result, >= the largest number in `instances`; None: as many as that.
            Row k is of the particle with the number k + 1.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        (n_boxes, 4) or (n, n_boxes, 4) int32: left, top, right, bottom, the last two beyond the
        last pixel, so that ``image[top:bottom, left:right]`` shows the particle. Rows of numbers
        that no pixel has are 0.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.

    Example:
        >>> import nanotilt as nt
        >>> nt.labels.boxes([[0, 1, 1], [3, 0, 1]])
        array([[1, 0, 3, 2],
               [0, 0, 0, 0],
               [0, 1, 1, 2]], dtype=int32)
    """
    return _listed(instances, n_boxes, n_threads)[0]


def visible(
    instances: npt.ArrayLike, n_boxes: int | None = None, *, n_threads: int | None = None
) -> npt.NDArray[np.int32]:
    """The number of pixels of each particle.

    Args:
        instances: (height, width) or (n, height, width) label image.
        n_boxes: Entries of the result, as for `boxes`.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        (n_boxes,) or (n, n_boxes) int32.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.

    Example:
        >>> import nanotilt as nt
        >>> nt.labels.visible([[0, 1, 1], [3, 0, 1]])
        array([3, 0, 1], dtype=int32)
    """
    return _listed(instances, n_boxes, n_threads)[1]


@in_ieee_mode
def centres(
    bodies: npt.ArrayLike, n_pixels: int, *, n_threads: int | None = None
) -> npt.NDArray[np.float32]:
    """A map with a peak of height 1 at the middle of each particle.

    exp(-d^2 / (2 s^2)) at a distance d from a middle, with s = max(1, radius / 4), as far as 4 s;
    where peaks meet, the larger value counts.

    Args:
        bodies: (n_bodies, 3), or (n, n_bodies, 3) for several images: x, y and radius >= 0 of each
            particle in pixels. Those of radius 0 are left out, so that lists of different lengths
            can be filled up. Of a table of `nanotilt.segmentation.measure`, it is
            ``np.stack([table["x"], table["y"], table["diameter"] / 2], axis=-1)``.
        n_pixels: Pixels on each side of the map.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        (n_pixels, n_pixels) or (n, n_pixels, n_pixels) float32, from 0 to 1.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.

    Example:
        >>> import nanotilt as nt
        >>> nt.labels.centres([(1.5, 0.5, 3)], n_pixels=2).round(3)
        array([[0.607, 1.   ],
               [0.368, 0.607]], dtype=float32)
    """
    checked = finite_array("bodies", bodies, np.float32)
    if checked.ndim not in (2, 3) or checked.shape[-1] != 3:
        raise ValueError(
            "bodies must have shape (n_bodies, 3) or (n, n_bodies, 3). "
            f"Received: shape {checked.shape}"
        )
    if (checked[..., 2] < 0).any():
        radius = float(checked[..., 2].min())
        raise ValueError(f"bodies must have radii >= 0. Received: a radius of {radius:g}")
    n_pixels = check.integer("n_pixels", n_pixels, at_least=1, below=SIZE_LIMIT + 1)
    single = checked.ndim == 2
    stack = checked[None] if single else checked
    if len(stack) * n_pixels**2 > 2**31:
        raise ValueError(
            "n_pixels must be so small that the result has <= 2**31 values. "
            f"{check.received('n_pixels', n_pixels)}, {len(stack)} images"
        )
    made = _core.centres(stack, n_pixels, thread_count(n_threads))
    return made[0] if single else made


@in_ieee_mode
def _listed(
    instances: Any, n_boxes: Any, n_threads: int | None
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    stack, single = core_labels("instances", instances)
    largest = int(stack.max(initial=0))
    number = largest if n_boxes is None else check.integer("n_boxes", n_boxes, at_least=0)
    if number < largest:
        raise ValueError(
            f"n_boxes must be >= the largest number in instances, {largest}. "
            f"{check.received('n_boxes', n_boxes)}"
        )
    if len(stack) * number * 4 > N_VALUES_LIMIT:
        raise ValueError(
            f"{'instances must be numbered' if n_boxes is None else 'n_boxes must be'} so that all "
            f"boxes together have <= 2**25 values; skimage.segmentation.relabel_sequential numbers "
            f"anew. Received: numbers up to {number} in {len(stack)} images"
        )
    found, pixels = _core.boxes(stack, number, thread_count(n_threads))
    return (found[0], pixels[0]) if single else (found, pixels)
