"""Descriptions of area detectors: pixels behind a sample in an x-ray beam, photons counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from nanotilt._base import checks as check
from nanotilt._base.description import field_values, later
from nanotilt.instruments.instrument import COUNTING_KINDS, Instrument
from nanotilt.scenes.scattering_terms import (
    FEWEST_AREA_PIXELS,
    MOST_AREA_PIXELS,
    MOST_SIDE_MM,
    REFERENCE_PIXEL_UM,
)
from nanotilt.scenes.scene import Frame

EXPOSURES = ("solid angle", "per pixel")

_OF_CELLS = ("n_radii", "n_azimuths", "q_range")
_LEAST_Q = 1e-5
_MOST_Q_PER_KEV = 0.45
"""Of 2 pi / wavelength, 0.507 / angstrom for each keV, 0.888."""


@dataclass(frozen=True)
class AreaDetector(Instrument):
    """A square of pixels at a distance behind the sample, which counts photons.

    A pixel at a distance r from the beam sees q = 4 pi / wavelength sin(atan(r / distance) / 2).
    Counts are Poisson distributed; what is expected is cut at 65,535 counts, and so are counts.

    Args:
        n_pixels: Pixels on each side, 32 ... 2048.
        pixel_um: Length of a pixel, in [1, 1000]. All pixels together may be 153.6 mm wide, and
            0.6 of the distance.
        distance_m: From the sample to the detector, in [0.01, 100].
        energy_kev: Of the photons, in [1, 100].
        exposure: "solid angle": as much light for each solid angle, so that smaller pixels have
            fewer counts. "per pixel": as many counts in a pixel of any size.
        light: Factor of all counts, in [1e-6, 1e6].
        counting: How photons are counted, as for Camera: "fast" or "exact".
        n_radii: Rings of the polar cells that the targets ``polar`` and ``coefficients`` are made
            of (see `nanotilt.Scattering.truths`), of the first of these; 4 ... 256.
        n_azimuths: Cells of such a ring in half a turn, 4 ... 128.
        q_range: The smallest and the largest q of the cells, in 1 / angstrom, > 0. The default is
            3 to 256 pixels of 75 um at the default distance and energy.

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    kind: ClassVar[str] = "area_detector"
    sees: ClassVar[tuple[str, ...]] = ("scattering",)
    centring: ClassVar[bool] = False

    n_pixels: int = 256
    pixel_um: float = REFERENCE_PIXEL_UM
    distance_m: float = 0.594375
    energy_kev: float = 8.8984
    exposure: Literal["solid angle", "per pixel"] = "solid angle"
    light: float = 1.0
    counting: Literal["exact", "fast"] = "fast"
    n_radii: int = later(96, since=1)
    n_azimuths: int = later(32, since=1)
    q_range: tuple[float, float] = later((0.0017, 0.1455), since=1)

    def __post_init__(self) -> None:
        fields: dict[str, Any] = {
            "n_pixels": check.integer(
                "n_pixels", self.n_pixels, at_least=FEWEST_AREA_PIXELS, below=MOST_AREA_PIXELS + 1
            ),
            "pixel_um": check.within("pixel_um", self.pixel_um, 1.0, 1000.0),
            "distance_m": check.within("distance_m", self.distance_m, 0.01, 100.0),
            "energy_kev": check.within("energy_kev", self.energy_kev, 1.0, 100.0),
            "exposure": check.choice("exposure", self.exposure, EXPOSURES),
            "light": check.within("light", self.light, 1e-6, 1e6),
            "counting": check.choice("counting", self.counting, COUNTING_KINDS),
        }
        side_mm = fields["n_pixels"] * fields["pixel_um"] * 1e-3
        widest = min(MOST_SIDE_MM, 600.0 * fields["distance_m"])
        if not side_mm <= widest * (1 + 1e-9):
            raise ValueError(
                f"pixel_um must be such that the frame is at most {MOST_SIDE_MM} mm and at most "
                f"0.6 of the distance wide: here {widest:g} mm. "
                f"{check.received('pixel_um', self.pixel_um)}, n_pixels={fields['n_pixels']}"
            )
        fields["n_radii"] = check.integer("n_radii", self.n_radii, at_least=4, below=257)
        fields["n_azimuths"] = check.integer("n_azimuths", self.n_azimuths, at_least=4, below=129)
        fields["q_range"] = _checked_q_range(self.q_range, fields["energy_kev"])
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @property
    def n_views(self) -> int:
        """One image."""
        return 1

    @property
    def view_shape(self) -> tuple[int, ...]:
        """Shape of the image: (n_pixels, n_pixels)."""
        return (self.n_pixels, self.n_pixels)

    @property
    def frame(self) -> Frame:
        """What its views are like, as far as a scene's truths depend on it."""
        return Frame(1, self.view_shape, True, polar=(self.n_radii, self.n_azimuths))

    @property
    def angles_deg(self) -> tuple[float, ...]:
        """The detector faces the beam: 0."""
        return (0.0,)

    def lowered(self) -> dict[str, Any]:
        """The values that the core draws by, each under its name."""
        # Without cells of its own a detector is packed as before there were any.
        own = any(getattr(self, name) != getattr(AreaDetector, name) for name in _OF_CELLS)
        return {
            "kind": self.kind, "version": self.version,
            **field_values(self, without=() if own else _OF_CELLS),
        }  # fmt: skip


def _checked_q_range(value: Any, energy_kev: float) -> tuple[float, float]:
    low, high = check.reals("q_range", value, length=2)
    most = _MOST_Q_PER_KEV * energy_kev
    if not (low >= _LEAST_Q and 1.02 * low <= high <= most):
        raise ValueError(
            f"q_range must be (low, high) with {_LEAST_Q:g} <= low, 1.02 low <= high <= {most:.3g} "
            "1 / angstrom, the most that is scattered by 53 degrees. "
            f"{check.received('q_range', value)}"
        )
    return low, high
