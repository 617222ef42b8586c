"""Recipes of fields of nanoparticles: the aims of the poster of Pearson (segmentation, video)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from nanotilt._base import checks as check
from nanotilt.instruments.scanning_camera import ScanningCamera
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.field_terms import FEWEST_PIXELS, MOST_PIXELS
from nanotilt.scenes.fields import Field

Dose: TypeAlias = float | tuple[float, float] | None
Placing: TypeAlias = Literal["apart", "free", "clusters", "lattice"]
Scan: TypeAlias = Literal["random", "line_hop", "spiral", "rows"]

NUMBER_IN_128 = 45.0
"""Mean number of particles in 128 x 128 pixels; in other images as many for their area."""

TARGETS = ("instance", "depth")
"""What networks that find particles learn from, unless others are asked for."""


def particle_field(
    n_pixels: int = 128,
    dose: Dose = (1.0, 300.0),
    placing: Placing = "apart",
    *,
    targets: Sequence[str] = TARGETS,
    field: Field | None = None,
    camera: ScanningCamera | None = None,
) -> Recipe:
    """Where are the particles in a dark-field image, and how large is each?

    One class, "field". Particles have a median radius of 5 pixels and lie apart; 45 of them are in
    128 x 128 pixels on average, and as many for the area in other images.

    Args:
        n_pixels: Pixels on each side, 32 ... 2048.
        dose: Electrons per pixel of background; (least, most): a number between them for each
            image, uniform in its logarithm; None: no noise.
        placing: "apart", "free" (particles overlap), "clusters" or "lattice".
        targets: What is drawn beside the images; see `nanotilt.Field.truths`.
        field: What is seen instead; ``placing`` then has no say.
        camera: What sees it instead; ``n_pixels`` and ``dose`` then have no say.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    if camera is None:
        camera = ScanningCamera(n_pixels, dose=dose)
    if field is None:
        field = Field(number=_number(camera.n_pixels), placing=placing)
    return Recipe({"field": field}, camera, normalise="none", targets=targets)


def particle_video(
    n_frames: int = 20,
    n_pixels: int = 128,
    dose: Dose = 30.0,
    placing: Placing = "free",
    *,
    step_px: float = 1.4,
    coalescing: bool = False,
    births: float = 0.2,
    death: float = 0.003,
    targets: Sequence[str] = ("instance", "depth", "table", "n_table"),
) -> Recipe:
    """How do particles move, come, go and merge, frame by frame?

    One class, "video": particles that walk at random and may pass over each other, 35 in 128 x 128
    pixels on average. ``placing`` tells how they lie in the first frame.

    Args:
        n_frames: Frames of a video, >= 2.
        n_pixels: Pixels on each side, 32 ... 2048.
        dose: Electrons per pixel of background in each frame, as for `particle_field`.
        placing: As for `particle_field`: "free" lets particles overlap from the first frame on.
        step_px: Standard deviation of a step in x and in y from frame to frame, of the median size.
        coalescing: Whether particles merge when they meet; then all are rough ones, as droplets.
        births: Chance that a new particle appears in a frame.
        death: Chance of every particle to vanish in a frame.
        targets: What is drawn beside the frames; see `nanotilt.Field.truths`.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    n_frames = check.integer("n_frames", n_frames, at_least=2)
    camera = ScanningCamera(n_pixels, n_frames, dose=dose)
    kinds: dict[str, Any] = {}
    if check.flag("coalescing", coalescing):
        kinds = {"ellipsoids": 0.0, "rods": 0.0, "polyhedra": 0.0, "rough": 1.0}
    number = 35.0 / NUMBER_IN_128 * _number(camera.n_pixels)
    field = Field(
        number=number, max_particles=Field(number=2 * number).longest_table, placing=placing,
        step_px=step_px, coalescing=coalescing, births=births, death=death, **kinds,
    )  # fmt: skip
    return Recipe({"video": field}, camera, normalise="none", targets=targets)


def scanned_field(
    kind: Scan = "random",
    fraction: float = 0.2,
    n_pixels: int = 128,
    dose: Dose = 30.0,
    *,
    targets: Sequence[str] = ("scanned", *TARGETS),
) -> Recipe:
    """Where are the particles, if the beam visits a part of the pixels only?

    As `particle_field`; pixels that are not visited are 0 in the image, and in the target
    ``scanned``.

    Args:
        kind: How the beam goes: "random", "line_hop", "spiral" or "rows".
        fraction: Share of the pixels that it visits, in [0.001, 1].
        n_pixels: Pixels on each side, 32 ... 2048.
        dose: Electrons per visited pixel of background, as for `particle_field`.
        targets: What is drawn beside the images; see `nanotilt.Field.truths`.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    camera = ScanningCamera(n_pixels, dose=dose, scan=kind, fraction=fraction)
    return particle_field(targets=targets, camera=camera)


def _number(n_pixels: int) -> float:
    n = check.integer("n_pixels", n_pixels, at_least=FEWEST_PIXELS, below=MOST_PIXELS + 1)
    return min(NUMBER_IN_128 * (n / 128) ** 2, 4096.0)
