"""Descriptions of bright fields: high-resolution transmission electron microscopy of a lattice."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from nanotilt._base import checks as check
from nanotilt.instruments.atom_image import AtomImage, Electrons
from nanotilt.instruments.instrument import COUNTING_KINDS
from nanotilt.instruments.scattering_factors import (
    REST_ENERGY_KEV,
    lobato_parameters,
    wavelength,
)
from nanotilt.scenes.lattice_terms import ELEMENTS, FEWEST_PATCH_PIXELS, MOST_PATCH_PIXELS
from nanotilt.scenes.lattices import Lattice
from nanotilt.scenes.scene import Scene

POTENTIAL_OF_SCATTERING = 47.878
"""Volt angstrom^2 of projected potential for an angstrom of scattering factor."""

ANGSTROM_IN_UM = 1e4


@dataclass(frozen=True)
class BrightField(AtomImage):
    """A wide electron beam through a lattice, an objective lens, and a camera that counts (HRTEM).

    The lattice turns the wave's phase by 1e-3 rad for each volt angstrom of its projected potential
    V (80 kV), and the lens turns phase into amplitude: psi = 1 + F^-1[i sigma V exp(-i chi) E],
    with chi = -pi lambda D q^2 + pi / 2 Cs lambda^3 q^4 and E the envelopes of focal spread and
    convergence. The intensity is 1 + 2 Re(psi - 1), or abs(psi)^2 to second order. Potentials are
    those of Lobato and Van Dyck (2014). Against multislice simulations the linear image has a
    correlation of 0.97 to 0.996 (graphene, 80 kV).

    Values are numbers of electrons. A lattice's contamination is the unevenness of the illumination
    here; ripples and adatoms it must not have.

    Args:
        n_pixels: Pixels on each side, 16 ... 1024.
        pixel_angstrom: Length of a pixel, in [0.05, 2].
        dose: Electrons per square angstrom, in [1e-6, 1e9]; (least, most): a number between them
            for each sample, uniform in its logarithm; None: expected values of one electron per
            square angstrom, without noise.
        kilovolts: Accelerating voltage, in [10, 3000].
        defocus_angstrom: (least, most), uniform in between from sample to sample; > 0: underfocus.
        spherical_um: (least, most) of the spherical aberration Cs in micrometres.
        focal_spread_angstrom: (least, most) standard deviation of the focus.
        convergence_mrad: (least, most) half-angle at which the illumination has fallen to 1 / e.
        vibration_angstrom: Standard deviation of the atoms' own motion, in each direction.
        camera_sigma_px: Standard deviation of the camera's blur; it is applied to the wave, which
            is right to first order.
        second_order: Whether the intensity has its second order, too.
        counting: How electrons are counted, as for Camera: "fast" or "exact".
        readout_noise: Standard deviation of the camera's own noise, in electrons.
        saturation: Largest value, in electrons; 0: any.

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    kind: ClassVar[str] = "bright_field"
    counted: ClassVar[str] = "per square angstrom"

    dose: float | tuple[float, float] | None = (1e4, 1e6)
    kilovolts: float = 80.0
    defocus_angstrom: tuple[float, float] = (-200.0, 200.0)
    spherical_um: tuple[float, float] = (-20.0, 20.0)
    focal_spread_angstrom: tuple[float, float] = (25.0, 50.0)
    convergence_mrad: tuple[float, float] = (0.1, 0.3)
    vibration_angstrom: float = 0.06
    camera_sigma_px: float = 0.5
    second_order: bool = False

    def __post_init__(self) -> None:
        n = check.integer(
            "n_pixels", self.n_pixels, at_least=FEWEST_PATCH_PIXELS, below=MOST_PATCH_PIXELS + 1
        )
        fields: dict[str, Any] = {
            "n_pixels": n,
            "dose": check.electrons("dose", self.dose),
            "second_order": check.flag("second_order", self.second_order),
            "counting": check.choice("counting", self.counting, COUNTING_KINDS),
        }
        for name, (low, high) in _RANGES.items():
            fields[name] = check.within(name, getattr(self, name), low, high)
        for name, (low, high) in _PAIRS.items():
            fields[name] = check.pair_within(name, getattr(self, name), low, high)
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @property
    def electrons(self) -> Electrons:
        """What its images' noise goes by: electrons per square angstrom."""
        return self.dose

    def with_electrons(self, electrons: Electrons) -> BrightField:
        """The same instrument with another dose.

        Args:
            electrons: As `dose`.
        """
        return replace(self, dose=electrons)

    def without_lattice(self) -> BrightField:
        """The same instrument in focus, blurred, of atoms that shake: no contrast is left."""
        focused = replace(self, defocus_angstrom=(0.0, 0.0), spherical_um=(0.0, 0.0))
        return replace(focused, camera_sigma_px=5.0, vibration_angstrom=1.0)

    @property
    def phase_of_potential(self) -> float:
        """Radians that a volt angstrom of projected potential turns the wave's phase by: sigma."""
        volts = 1e3 * self.kilovolts
        energies = (REST_ENERGY_KEV + self.kilovolts) / (2 * REST_ENERGY_KEV + self.kilovolts)
        return 2 * math.pi / (wavelength(self.kilovolts) * volts) * energies

    def check_sees(self, field: str, scene: Scene) -> None:
        """Raises ValueError where it cannot see a scene; `field` says where the scene stands."""
        super().check_sees(field, scene)
        assert isinstance(scene, Lattice)
        for name in ("ripple_angstrom", "adatoms_per_nm2"):
            if getattr(scene, name):
                raise ValueError(
                    f"{field}.{name} must be 0 for a BrightField, which draws sheets as sums of "
                    f"waves. {check.received(f'{field}.{name}', getattr(scene, name))}"
                )

    def lowered(self) -> dict[str, Any]:
        """The values that the core draws by, each under its name."""
        dose = self.dose if isinstance(self.dose, tuple) else (self.dose or 0.0,) * 2
        parameters = [lobato_parameters(element) for element in ELEMENTS]
        return {
            "kind": self.kind,
            "version": self.version,
            "n_pixels": self.n_pixels,
            "pixel_angstrom": self.pixel_angstrom,
            "counts": dose,
            "counting": self.counting,
            "readout_noise": self.readout_noise,
            "saturation": self.saturation,
            "second_order": self.second_order,
            "wavelength": wavelength(self.kilovolts),
            "phase_of_potential": self.phase_of_potential,
            "lobato_a": [POTENTIAL_OF_SCATTERING * a for one, _ in parameters for a in one],
            "lobato_b": [b for _, one in parameters for b in one],
            "defocus": self.defocus_angstrom,
            "spherical": tuple(ANGSTROM_IN_UM * cs for cs in self.spherical_um),
            "focal_spread": self.focal_spread_angstrom,
            "convergence": tuple(1e-3 * angle for angle in self.convergence_mrad),
            "vibration": self.vibration_angstrom,
            "camera_sigma": self.camera_sigma_px * self.pixel_angstrom,
        }


_RANGES: dict[str, tuple[float, float]] = {
    "pixel_angstrom": (0.05, 2.0),
    "kilovolts": (10.0, 3000.0),
    "vibration_angstrom": (0.0, 1.0),
    "camera_sigma_px": (0.0, 5.0),
    "readout_noise": (0.0, 1e6),
    "saturation": (0.0, 1e9),
}

_PAIRS: dict[str, tuple[float, float]] = {
    "defocus_angstrom": (-1e5, 1e5),
    "spherical_um": (-1e4, 1e4),
    "focal_spread_angstrom": (0.0, 1e4),
    "convergence_mrad": (0.0, 100.0),
}
