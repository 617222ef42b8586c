"""Size and shape of particles in a label image, without the biases of counting pixels."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt.segmentation._arguments import Floats, Labels, label_stack, touches_rim
from nanotilt.segmentation.calipers import diameters
from nanotilt.segmentation.crofton import perimeters

Table: TypeAlias = npt.NDArray[np.void]

COLUMNS = (
    *(("image", np.int32), ("id", np.int32), ("x", np.float64), ("y", np.float64)),
    *((name, np.float64) for name in ("area", "diameter", "major", "minor", "aspect")),
    *((name, np.float64) for name in ("perimeter", "circularity", "feret_max", "feret_min")),
    *(("orientation_rad", np.float64), ("touches_rim", np.bool_)),
)
"""The table's columns, with their types."""

_LENGTHS = ("x", "y", "diameter", "major", "minor", "perimeter", "feret_max", "feret_min")
_PIXEL_VARIANCE = 1 / 12
"""Of a pixel's own extent: no particle's is taken for smaller."""


def measure(instances: npt.ArrayLike, pixel_nm: float = 1.0) -> npt.NDArray[np.void]:
    """A row for each particle: where it is, how large, and of what shape.

    Estimates are of the outline that the particle has, not of the staircase of its pixels; what
    errors remain on outlines of known shape is told in docs/segmentation.md. Particles that the
    image's rim cuts are measured as they are seen.

    Args:
        instances: (height, width) or (n, height, width) label image: 0 is background, every other
            whole number one particle, anew in each image.
        pixel_nm: Side of a pixel in nm, > 0; lengths come in nm, areas in nm^2. With 1, in pixels.

    Returns:
        Structured array (n_particles,), sorted by image and id, with the columns

        - image (int32): number of the image in the stack; 0 for a single one.
        - id (int32): the particle's label.
        - x, y: centre of mass, x along the columns and y along the rows, from the outer corner of
          the first pixel, whose middle is at half a pixel.
        - area: number of pixels times a pixel's area.
        - diameter: of a disc of that area.
        - major, minor, orientation_rad: axes (whole lengths) of the ellipse with the same second
          moments, and the major one's angle from x towards y, in (-pi/2, pi/2].
        - aspect: major / minor.
        - perimeter: by Crofton's formula over eight directions, those of holes included.
        - circularity: 4 pi area / perimeter^2, 1 of a disc.
        - feret_max, feret_min: largest and smallest distance of two parallel tangents.
        - touches_rim (bool): whether a pixel of it is in the first or last row or column.

    Raises:
        ImportError: SciPy is not installed.
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """
    stack, _ = label_stack("instances", instances)
    side = check.real("pixel_nm", pixel_nm, above=0)
    tables = [_of_image(i, labels) for i, labels in enumerate(stack)]
    table = np.concatenate(tables) if tables else np.zeros(0, list(COLUMNS))
    for name in _LENGTHS:
        table[name] *= side
    table["area"] *= side**2
    return table


def _of_image(image: int, labels: Labels) -> Table:
    ids, inverse = np.unique(labels, return_inverse=True)
    dense = inverse.reshape(labels.shape)
    if ids[0] != 0:  # no background at all
        ids, dense = np.append(0, ids), dense + 1
    table: Table = np.zeros(len(ids) - 1, list(COLUMNS))
    if not len(table):
        return table
    table["image"], table["id"] = image, ids[1:]
    area = np.bincount(dense.ravel())[1:].astype(np.float64)
    table["area"], table["diameter"] = area, np.sqrt(4 / np.pi * area)
    table["touches_rim"] = touches_rim(dense)[1:]
    rows, columns = np.nonzero(dense)
    of = dense[rows, columns] - 1
    points = np.stack([columns + 0.5, rows + 0.5], axis=1)
    centre = _sums(of, points, len(area)) / area[:, None]
    table["x"], table["y"] = centre.T
    _moments(table, of, points - centre[of])
    table["perimeter"] = perimeters(dense, area)
    table["circularity"] = 4 * np.pi * area / table["perimeter"] ** 2
    order = np.argsort(of, kind="stable")
    ends = np.cumsum(area).astype(np.int64)[:-1]
    parts = np.split((points - centre[of])[order], ends)
    for row, part in zip(table, parts, strict=True):
        row["feret_max"], row["feret_min"] = diameters(part, float(row["orientation_rad"]))
    return table


def _sums(of: Labels, values: Floats, n: int) -> Floats:
    """Sums of the columns of values, for each particle."""
    return np.stack([np.bincount(of, column, n) for column in values.T], axis=1)


def _moments(table: Table, of: Labels, offsets: Floats) -> None:
    """Axes and angle from second moments.

    Pixels whose middles are inside an outline have its moments on average; a pixel's own extent,
    which regions of whole pixels have besides, would make small particles 2 % too large.
    """
    x, y = offsets.T
    products = np.stack([x * x, y * y, x * y], axis=1)
    xx, yy, xy = (_sums(of, products, len(table)) / table["area"][:, None]).T
    half_sum, half_difference = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    table["major"] = 4 * np.sqrt(np.maximum(half_sum + half_difference, _PIXEL_VARIANCE))
    table["minor"] = 4 * np.sqrt(np.maximum(half_sum - half_difference, _PIXEL_VARIANCE))
    table["aspect"] = table["major"] / table["minor"]
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    table["orientation_rad"] = np.where(angle <= -np.pi / 2, np.pi / 2, angle)
