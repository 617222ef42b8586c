"""What all instruments have that take images of atoms."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

from nanotilt._base import checks as check
from nanotilt.instruments.instrument import Instrument
from nanotilt.scenes.lattices import Lattice
from nanotilt.scenes.scene import Frame, Scene

Electrons: TypeAlias = float | tuple[float, float] | None
"""A number of electrons, (least, most), or None for no noise."""


@dataclass(frozen=True)
class AtomImage(Instrument):
    """One image of a lattice, whose values are numbers of electrons.

    Attributes:
        counted: What the target ``counts`` tells, in words.
        n_pixels: Pixels on each side, 16 ... 1024.
        pixel_angstrom: Length of a pixel, in [0.05, 2].
        counting: How electrons are counted, as for Camera: "fast" or "exact".
        readout_noise: Standard deviation of the detector's own noise, in electrons.
        saturation: Largest value, in electrons; 0: any.
    """

    sees: ClassVar[tuple[str, ...]] = ("atoms",)
    centring: ClassVar[bool] = False
    counted: ClassVar[str]

    n_pixels: int = 48
    pixel_angstrom: float = 0.3125
    counting: Literal["exact", "fast"] = field(default="fast", kw_only=True)
    readout_noise: float = field(default=0.0, kw_only=True)
    saturation: float = field(default=0.0, kw_only=True)

    @property
    @abstractmethod
    def electrons(self) -> Electrons:
        """What its images' noise goes by: counts of an atom, or electrons for an area."""

    @abstractmethod
    def with_electrons(self, electrons: Electrons) -> AtomImage:
        """The same instrument with other counts or another dose.

        Args:
            electrons: A number, (least, most), or None for no noise.
        """

    @abstractmethod
    def without_lattice(self) -> AtomImage:
        """The same instrument where it sees as good as nothing of a lattice, and as much light."""

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
        return Frame(1, self.view_shape, True, self.pixel_angstrom, self.counted)

    @property
    def angles_deg(self) -> tuple[float, ...]:
        """The specimen is not tilted on purpose: 0."""
        return (0.0,)

    def check_sees(self, field: str, scene: Scene) -> None:
        """Raises ValueError where it cannot see a scene; `field` says where the scene stands."""
        super().check_sees(field, scene)
        assert isinstance(scene, Lattice)
        side = self.n_pixels * self.pixel_angstrom
        margin = scene.margin_angstrom
        if scene.spread_angstrom is None and not side > 2 * margin:
            raise ValueError(
                f"{field}.margin_angstrom must be below half the frame, which is {side:g} angstrom "
                f"wide. {check.received(f'{field}.margin_angstrom', margin)}"
            )
