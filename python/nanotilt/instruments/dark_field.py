"""Descriptions of annular dark fields: a scanning probe over a lattice, electrons counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from nanotilt._base import checks as check
from nanotilt._base.description import field_values
from nanotilt.instruments.atom_image import AtomImage, Electrons
from nanotilt.instruments.instrument import COUNTING_KINDS
from nanotilt.instruments.scattering_factors import DETECTORS, cross_section
from nanotilt.scenes.lattice_terms import (
    ATOMIC_NUMBERS,
    ELEMENTS,
    FEWEST_PATCH_PIXELS,
    MOST_PATCH_PIXELS,
)

MOST_TERMS = 4


@dataclass(frozen=True)
class Probe:
    """The shape of a scanning electron probe: a sum of Gaussians.

    An aberration-corrected probe of 60 kV and 32 mrad with a source of 0.8 angstrom (full width at
    half maximum) is this one with widths of 0.45 and 1.29 angstrom to 0.2 % of its peak; a source,
    vibrations, or a blur add their variance to that of each Gaussian.

    Args:
        sigmas: (least, most) of each Gaussian's standard deviation in angstrom, uniform in between
            from sample to sample, in [0.2, 10]; four Gaussians at most.
        shares: What each has of the probe's mass, >= 0, relative to the others.

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    sigmas: Sequence[tuple[float, float]] = ((0.40, 0.55), (1.2, 1.2))
    shares: Sequence[float] = (0.8, 0.2)

    def __post_init__(self) -> None:
        listed = check.sequence("sigmas", self.sigmas, "pairs (least, most)")
        sigmas = tuple(
            check.pair_within(f"sigmas[{i}]", pair, 0.2, 10.0) for i, pair in enumerate(listed)
        )
        if not 1 <= len(sigmas) <= MOST_TERMS:
            raise ValueError(
                f"sigmas must hold 1 to {MOST_TERMS} pairs. {check.received('sigmas', self.sigmas)}"
            )
        shares = check.reals("shares", self.shares, length=len(sigmas), at_least=0)
        if not 0 < sum(shares) <= 1e6:
            raise ValueError(
                "shares must be such that their sum is > 0 and <= 1e6. "
                f"{check.received('shares', self.shares)}"
            )
        object.__setattr__(self, "sigmas", sigmas)
        object.__setattr__(self, "shares", shares)


@dataclass(frozen=True)
class DarkField(AtomImage):
    """A focused electron beam that scans a lattice while a ring-shaped detector counts (ADF-STEM).

    A pixel expects counts times pixel area times [sum over atoms of weight times probe density,
    plus background]. What decides how well anything can be seen is ``counts``: the electrons that
    the detector counts of one carbon atom, dose (electrons per area) times carbon's cross-section.
    Values are numbers of electrons.

    Args:
        n_pixels: Pixels on each side, 16 ... 1024.
        pixel_angstrom: Length of a pixel, in [0.05, 2].
        counts: Electrons counted of each carbon atom, in [1e-6, 1e9]; (least, most): a number
            between them for each sample, uniform in its logarithm; None: expected values of one
            electron for each atom, without noise.
        detector: The accelerating voltage in kV and the detector's inner and outer angle in mrad,
            of `nanotilt.instruments.scattering_factors.DETECTORS`: its cross-sections are what
            elements weigh.
        z_power: Weights of (Z / 6)**z_power instead, as much literature has it; None: the table. A
            power of 1.4 to 1.7 makes nitrogen in graphene too faint.
        probe: The probe's shape.
        background: (least, most): evenly lit, over the mean of the lattice, uniform in between.
        counting: How electrons are counted, as for Camera: "fast" or "exact".
        jitter_px: Standard deviation of each row's shift in x.
        drift_px: Standard deviation, in x and in y, of the way that the specimen moves during a
            frame.
        flyback_px: How far the beam is still behind at the start of a row.
        flyback_columns: Columns in which that falls to 1 / e.
        readout_noise: Standard deviation of the detector's own noise, in electrons.
        saturation: Largest value, in electrons; 0: any.

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    kind: ClassVar[str] = "dark_field"
    counted: ClassVar[str] = "of each carbon atom"

    counts: float | tuple[float, float] | None = (2.0, 512.0)
    detector: str = "60kv-54-200"
    z_power: float | None = None
    probe: Probe = Probe()
    background: tuple[float, float] = (0.1, 0.4)
    jitter_px: float = 0.0
    drift_px: float = 0.0
    flyback_px: float = 0.0
    flyback_columns: float = 30.0

    def __post_init__(self) -> None:
        fields: dict[str, Any] = {
            "n_pixels": check.integer(
                "n_pixels", self.n_pixels, at_least=FEWEST_PATCH_PIXELS, below=MOST_PATCH_PIXELS + 1
            ),
            "counts": check.electrons("counts", self.counts),
            "detector": check.choice("detector", self.detector, tuple(DETECTORS)),
            "probe": _checked_probe(self.probe),
            "background": check.pair_within("background", self.background, 0.0, 1e6),
            "counting": check.choice("counting", self.counting, COUNTING_KINDS),
        }
        if self.z_power is not None:
            fields["z_power"] = check.within("z_power", self.z_power, 0.0, 4.0)
        for name, (low, high) in _RANGES.items():
            fields[name] = check.within(name, getattr(self, name), low, high)
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @property
    def electrons(self) -> Electrons:
        """What its images' noise goes by: counts of each carbon atom."""
        return self.counts

    def with_electrons(self, electrons: Electrons) -> DarkField:
        """The same instrument with other counts.

        Args:
            electrons: As `counts`.
        """
        return replace(self, counts=electrons)

    def without_lattice(self) -> DarkField:
        """The same instrument with a background of a thousand times a lattice's brightness."""
        return replace(self, background=(1000.0, 1000.0))

    @property
    def weights(self) -> tuple[float, ...]:
        """What each of `nanotilt.scenes.lattice_terms.ELEMENTS` scatters, over carbon."""
        if self.z_power is not None:
            return tuple((number / 6) ** self.z_power for number in ATOMIC_NUMBERS)
        carbon = cross_section("C", self.detector)
        return tuple(cross_section(element, self.detector) / carbon for element in ELEMENTS)

    @property
    def dose_per_square_angstrom(self) -> tuple[float, float] | None:
        """Electrons per square angstrom that `counts` stand for: (least, most); None: no noise."""
        if self.counts is None:
            return None
        least, most = self.counts if isinstance(self.counts, tuple) else (self.counts,) * 2
        carbon = cross_section("C", self.detector)
        return least / carbon, most / carbon

    def lowered(self) -> dict[str, Any]:
        """The values that the core draws by, each under its name."""
        counts = self.counts if isinstance(self.counts, tuple) else (self.counts or 0.0,) * 2
        return {
            "kind": self.kind,
            "version": self.version,
            "weights": self.weights,
            "sigmas": [sigma for pair in self.probe.sigmas for sigma in pair],
            "shares": self.probe.shares,
            **field_values(self, without=("counts", "detector", "z_power", "probe")),
            "counts": counts,
        }


_RANGES: dict[str, tuple[float, float]] = {
    "pixel_angstrom": (0.05, 2.0),
    "jitter_px": (0.0, 100.0),
    "drift_px": (0.0, 100.0),
    "flyback_px": (-100.0, 100.0),
    "flyback_columns": (0.1, 1e6),
    "readout_noise": (0.0, 1e6),
    "saturation": (0.0, 1e9),
}


def _checked_probe(value: Any) -> Probe:
    if isinstance(value, Mapping):  # as JSON has it
        check.only_fields("probe", value, ("sigmas", "shares"))
        try:
            return Probe(**value)
        except (TypeError, ValueError) as error:
            raise type(error)(f"probe: {error}") from error
    if not isinstance(value, Probe):
        raise TypeError(f"probe must be a Probe. {check.received('probe', value)}")
    return value
