"""Descriptions of detectors: how a particle becomes one or more views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from nanotilt._base import checks as check
from nanotilt._base.arithmetic import radians, tilts_rad
from nanotilt._base.description import field_values, later
from nanotilt._base.sizes import (
    BLUR_SIGMA_LIMIT,
    N_BINS_LIMIT,
    N_VALUES_LIMIT,
    check_limits,
    check_number_of_views,
)
from nanotilt.instruments.instrument import COUNTING_KINDS, Instrument


@dataclass(frozen=True)
class Detector(Instrument):
    """A line of bins that sees a particle's thickness along +y, once for each angle.

    For each view the particle is turned by the view's angle about `about` and projected. Then, in
    this order: `background` is added; the view is blurred; electrons are counted, if `dose` is
    given; each value t gets normal noise of standard deviation noise * |t|; the view is shifted to
    its centre of mass, if `centring` asks for it. With ``lower = -upper`` the origin is seen in the
    middle of the bins, (n_bins - 1) / 2. Source: Sullivan 2020, section 3.1, tables 2, 5 and 6.

    Args:
        n_bins: Number of values in a view, 1 ... 2**20 (``data_points``).
        lower: Place of the first ray, in mean particle radii (``lower``).
        upper: Place of the last ray, > lower (``upper``). Rays stand at ``numpy.linspace(lower,
            upper, n_bins)``.
        shift_std: Standard deviation of the shift of both limits together, drawn anew for each
            view, >= 0 (``limit_var``).
        angles_deg: Tilt of each view in degrees, 1 ... 2**16 of them (``angles``). All views of a
            sample together have 2**25 values at most.
        angle_std_deg: Standard deviation of each view's tilt, degrees, >= 0 (``sig_as``).
        about: Point (x, y) that the particle is turned about (``about``).
        background: Constant added to every value (``background``).
        blur_sigma_px: Standard deviation of the Gaussian blur in bins, >= 0; edges reflect, weights
            end at 4 sigma (``gauss``).
        noise: Strength of the relative noise: standard deviation of a value over its magnitude, >=
            0 (``noise``). A Camera's field of this name is the kind of its noise.
        dose: Electrons per bin and unit of value, > 0: a value t becomes Poisson(dose * t) / dose.
            None: no counting noise. See `counting`.
        sampling: "ray": thickness along a ray at each bin's centre, as in the paper; "bin": exact
            mean thickness over each bin, which reaches half a ray distance to both sides of its
            ray.
        centring: Whether to shift each view so that the centre of mass of its signal above
            background comes to its middle: by fractions of a bin (linear interpolation, background
            from outside), after the noise and before normalisation. A view whose signal is no more
            than noise could sum to (4 standard deviations) stays where it is. A Camera's field of
            this name rolls by whole pixels instead.
        counting: How counts are drawn, if `dose` is given. "fast": in vectors, 3 to 20 times as
            fast; exact for means below 16, beyond that a distribution that 10**7 draws don't tell
            from Poisson's (total variation below 2e-5). "exact": Poisson's distribution at all
            means, by exponential gaps and transformed rejection (Hoermann 1993); the default, so
            that earlier recipes keep their bits. New recipes do best with "fast".

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    kind: ClassVar[str] = "detector"
    version: ClassVar[int] = 2
    unwritten_version: ClassVar[int | None] = 2
    sees: ClassVar[tuple[str, ...]] = ("rings",)

    n_bins: int = 32
    lower: float = -1.5
    upper: float = 1.5
    shift_std: float = 0.05
    angles_deg: tuple[float, ...] = (0.0,)
    angle_std_deg: float = 0.0
    about: tuple[float, float] = (0.0, 0.0)
    background: float = 20.0
    blur_sigma_px: float = 0.5
    noise: float = 0.001
    dose: float | None = None
    sampling: Literal["ray", "bin"] = "ray"
    centring: bool = False
    counting: Literal["exact", "fast"] = later("exact", since=2)

    def __post_init__(self) -> None:
        fields = {
            "n_bins": check.integer("n_bins", self.n_bins, at_least=1, below=N_BINS_LIMIT + 1),
            "lower": check.real("lower", self.lower),
            "upper": check.real("upper", self.upper),
            "shift_std": check.real("shift_std", self.shift_std, at_least=0),
            "angles_deg": check.reals("angles_deg", self.angles_deg),
            "angle_std_deg": check.real("angle_std_deg", self.angle_std_deg, at_least=0),
            "about": check.reals("about", self.about, length=2),
            "background": check.real("background", self.background),
            "blur_sigma_px": check.real("blur_sigma_px", self.blur_sigma_px, at_least=0),
            "noise": check.real("noise", self.noise, at_least=0),
            "dose": None if self.dose is None else check.real("dose", self.dose, above=0),
            "sampling": check.choice("sampling", self.sampling, ("ray", "bin")),
            "centring": check.flag("centring", self.centring),
            "counting": check.choice("counting", self.counting, COUNTING_KINDS),
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        check_limits("lower", self.lower, "upper", self.upper)
        if not self.angles_deg:
            raise ValueError(
                f"angles_deg must hold one angle at least. "
                f"{check.received('angles_deg', self.angles_deg)}"
            )
        check_number_of_views("angles_deg", len(self.angles_deg))
        if len(self.angles_deg) * self.n_bins > N_VALUES_LIMIT:
            raise ValueError(
                f"the number of angles times n_bins must be <= 2**25. "
                f"{check.received('n_bins', self.n_bins)}, "
                f"{len(self.angles_deg)} angles"
            )
        if self.blur_sigma_px > min(100 * self.n_bins, BLUR_SIGMA_LIMIT):
            raise ValueError(
                f"blur_sigma_px must be <= 100 * n_bins and <= 2**20. "
                f"{check.received('blur_sigma_px', self.blur_sigma_px)}"
            )
        if self.angle_std_deg > 3600:
            raise ValueError(
                f"angle_std_deg must be <= 3600. "
                f"{check.received('angle_std_deg', self.angle_std_deg)}"
            )

    @property
    def n_views(self) -> int:
        """Number of views, one for each angle."""
        return len(self.angles_deg)

    @property
    def view_shape(self) -> tuple[int, ...]:
        """Shape of one view: (n_bins,)."""
        return (self.n_bins,)

    def lowered(self) -> dict[str, Any]:
        """The values that the core draws by, each under its name; angles in radians."""
        return {
            "kind": self.kind,
            "version": self.version,
            **field_values(self, without=("angles_deg", "angle_std_deg")),
            "angles_rad": tilts_rad(self.angles_deg),
            "angle_std_rad": radians(self.angle_std_deg),
        }
