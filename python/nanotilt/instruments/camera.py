"""Descriptions of cameras: how a particle becomes one or more images, or projections of images."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from nanotilt._base import checks as check
from nanotilt._base.arithmetic import tilts_rad
from nanotilt._base.description import field_values
from nanotilt._base.sizes import (
    BLUR_SIGMA_LIMIT,
    N_VALUES_LIMIT,
    check_number_of_views,
)
from nanotilt.instruments.instrument import COUNTING_KINDS, Instrument
from nanotilt.ops.images import SMALLEST_VIEW, checked_antialias, samples_per_side
from nanotilt.scenes.scene import Frame

N_CAMERA_PIXELS_LIMIT = 4096

N_CAMERA_CORNERS_LIMIT = 256
"""Most corners of a rough circle: its holes may have four times as many, which the core limits."""

NOISE_KINDS = ("none", "uniform", "gaussian", "poisson")


@dataclass(frozen=True)
class Camera(Instrument):
    """A square image of the particle from above, once for each tilt, as Laurie 2024 has them.

    For each view the particle is turned clockwise by the view's angle about (0, 0) and drawn: 1
    inside, 0 outside. Then, in this order: the image is summed along y, if `projected`;
    `background` is added; the view is blurred; noise is added; the background is removed and the
    view rolled to its centre of mass, if asked for. Rows run downwards from +y, columns from -x to
    +x; the origin is seen in the middle, (n_pixels - 1) / 2 in rows and columns, which
    `nanotilt.radon` calls ``centre="middle"``. Source: Laurie 2024, section 2.1.

    Args:
        n_pixels: Pixels on each side, 1 ... 4096.
        field_of_view: Length of a side, > 0, in the units of the particles' sizes.
        antialias: How a pixel at an edge is valued. "exact": by the covered area; "binary": by
            whether its middle is inside, as in the paper; an integer s in [1, 64]: by the mean over
            s x s points.
        projected: Views are images summed along y, n_pixels values each, in units of pixels.
        background: Constant added to every value.
        blur_sigma_px: Standard deviation of the Gaussian blur in pixels, >= 0; edges reflect,
            weights end at 4 sigma.
        noise: Kind of noise (a Detector's field of this name is a strength). "uniform": a number
            uniform in [0, noise_level) is added to each value, as in the paper; "gaussian": a
            normal one of standard deviation noise_level; "poisson": a value t becomes
            Poisson(noise_level * t) / noise_level, with noise_level electrons per unit of value;
            "none": values stay as they are. See `counting`.
        noise_level: Strength of the noise, > 0: in units of the values, of "poisson" in electrons
            per unit of value. "none" ignores it.
        remove_background: Subtract the largest value of the image's outermost pixels, and cut what
            is below at 0; not for projected views. The particle must not reach the rim.
        centring: Whether to roll the view, last of all, by whole pixels so that its centre of mass
            comes to its middle; what leaves on one side comes in on the other, as in
            `nanotilt.centre_of_mass_roll`. A Detector's field of this name shifts by fractions of a
            bin instead.
        stereo_deg: Tilt of the second view against the first, in degrees; several angles: of the
            second, third, ... view against the first, 2**16 views at most; None: one view only. All
            views of a sample together have 2**25 values at most.
        counting: How the counts of "poisson" noise are drawn. "fast": in vectors, exact for means
            below 16, beyond that a distribution that 10**7 draws don't tell from Poisson's;
            "exact": Poisson's distribution at all means, at 10 times the cost. As for Detector,
            whose default is the other one, so that earlier recipes with a Detector keep their bits.

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    kind: ClassVar[str] = "camera"
    version: ClassVar[int] = 3
    unwritten_version: ClassVar[int | None] = 2
    sees: ClassVar[tuple[str, ...]] = ("rings",)

    n_pixels: int = 64
    field_of_view: float = 3.0
    antialias: Literal["exact", "binary"] | int = "exact"
    projected: bool = False
    background: float = 0.0
    blur_sigma_px: float = 0.0
    noise: Literal["none", "uniform", "gaussian", "poisson"] = "uniform"
    noise_level: float = 1.0
    remove_background: bool = False
    centring: bool = False
    stereo_deg: float | Sequence[float] | None = None
    counting: Literal["exact", "fast"] = "fast"

    def __post_init__(self) -> None:
        fields = {
            "n_pixels": check.integer(
                "n_pixels", self.n_pixels, at_least=1, below=N_CAMERA_PIXELS_LIMIT + 1
            ),
            "field_of_view": check.real(
                "field_of_view", self.field_of_view, at_least=SMALLEST_VIEW
            ),
            "antialias": checked_antialias(self.antialias),
            "projected": check.flag("projected", self.projected),
            "background": check.real("background", self.background),
            "blur_sigma_px": check.real("blur_sigma_px", self.blur_sigma_px, at_least=0),
            "noise": check.choice("noise", self.noise, NOISE_KINDS),
            "noise_level": check.real("noise_level", self.noise_level, above=0),
            "remove_background": check.flag("remove_background", self.remove_background),
            "centring": check.flag("centring", self.centring),
            "stereo_deg": _checked_stereo(self.stereo_deg),
            "counting": check.choice("counting", self.counting, COUNTING_KINDS),
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        if self.blur_sigma_px > min(100 * self.n_pixels, BLUR_SIGMA_LIMIT):
            raise ValueError(
                "blur_sigma_px must be <= 100 * n_pixels. "
                f"{check.received('blur_sigma_px', self.blur_sigma_px)}"
            )
        if self.projected and self.remove_background:
            raise ValueError(
                "remove_background is for images, not for projected ones. "
                "Received: projected=True, remove_background=True"
            )
        check_number_of_views("stereo_deg", self.n_views)
        if self.n_views * math.prod(self.view_shape) > N_VALUES_LIMIT:
            raise ValueError(
                "the values of all views must be <= 2**25. "
                f"{check.received('n_pixels', self.n_pixels)}, {self.n_views} views"
            )

    @property
    def angles_deg(self) -> tuple[float, ...]:
        """Tilt of each view in degrees; the first one's is 0."""
        if self.stereo_deg is None:
            return (0.0,)
        further = (
            (self.stereo_deg,) if isinstance(self.stereo_deg, float) else tuple(self.stereo_deg)
        )
        return (0.0, *further)

    @property
    def n_views(self) -> int:
        """Number of views."""
        return len(self.angles_deg)

    @property
    def view_shape(self) -> tuple[int, ...]:
        """Shape of one view: (n_pixels, n_pixels), or (n_pixels,) if projected."""
        return (self.n_pixels,) if self.projected else (self.n_pixels, self.n_pixels)

    @property
    def frame(self) -> Frame:
        """What its views are like, as far as a scene's truths depend on it."""
        fixed = not (self.projected or self.centring)
        return Frame(self.n_views, self.view_shape, fixed)

    def lowered(self) -> dict[str, Any]:
        """The values that the core draws by, each under its name; angles in radians."""
        return {
            "kind": self.kind,
            "version": self.version,
            **field_values(self, without=("antialias", "stereo_deg")),
            "samples_per_side": samples_per_side(self.antialias),
            "angles_rad": tilts_rad(self.angles_deg),
        }


def _checked_stereo(stereo_deg: object) -> float | tuple[float, ...] | None:
    if stereo_deg is None:
        return None
    stereo_deg = check.plain("stereo_deg", stereo_deg)
    if isinstance(stereo_deg, Iterable) and not isinstance(stereo_deg, (str, bytes)):
        angles = check.reals("stereo_deg", stereo_deg)
        if not angles:
            raise ValueError(
                "stereo_deg must hold one angle at least. "
                f"{check.received('stereo_deg', stereo_deg)}"
            )
        return angles
    return check.real("stereo_deg", stereo_deg)
