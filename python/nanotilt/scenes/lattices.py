"""Atomic lattices: patches of 2D crystals, perfect or with defects."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from nanotilt._base import checks as check
from nanotilt._base.description import field_values
from nanotilt._base.output import Output
from nanotilt.scenes.defects import Defect, checked_defects, column_number, lowered_defect
from nanotilt.scenes.lattice_terms import (
    CRYSTALS,
    ELEMENTS,
    MOST_DEFECTS,
)
from nanotilt.scenes.scene import Extent, Frame, Scene, angles_output

_RANGES: dict[str, tuple[float, float]] = {
    "scale_std": (0.0, 0.05),
    "strain_std": (0.0, 0.05),
    "tilt_std_deg": (0.0, 25.0),
    "margin_angstrom": (0.0, 1000.0),
    "ripple_angstrom": (0.0, 5.0),
    "ripple_length_angstrom": (10.0, 1000.0),
    "contamination": (0.0, 10.0),
    "contamination_length_angstrom": (1.0, 1000.0),
    "adatoms_per_nm2": (0.0, 25.0),
}

MOST_SPREAD = 2000.0
ADATOM_TILE_NM2 = 0.16
"""Adatoms are drawn in squares of 4 angstrom, of which each has four at most."""


@dataclass(frozen=True)
class Lattice(Scene):
    """A patch of a two-dimensional crystal, perfect or with point defects, seen from above.

    The honeycomb has the lattice vectors a1 = (a, 0) and a2 = (a / 2, a sqrt(3) / 2), atoms A at
    (0, 0) and B at (a / 2, a / (2 sqrt(3))). The first defect of a sample stands at the lattice's
    origin, and the origin lies anywhere in the frame, in perfect patches as well: so places,
    orientations and strains have one distribution whether there is a defect or not. All of a sample
    but its counts is the same in a larger frame, if ``spread_angstrom`` is given.

    Args:
        crystal: "graphene", "hbn", "mos2", "ws2", "mose2", "wse2" or "mote2".
        defects: Kinds of defects, as `Defect` or by their names; none: the lattice is perfect.
        n_defects: Defects of a sample, or (fewest, most), each number equally often; None: 1 where
            there are kinds, else 0. Further ones than the first stand near a uniform place in the
            frame less its margin, turned by one of the lattice's own turns, apart from the others;
            one that finds no place in eight attempts is left out. 32 at most.
        max_defects: Rows of the target ``defects``, so that classes with few and with many defects
            have the same; None: the most that n_defects has, 1 at least.
        turn_deg: (least, most): the lattice's orientation, uniform in between.
        scale_std: Standard deviation of the scale around 1, in [0, 0.05].
        strain_std: Of both parts of the strain [[e1, e2], [e2, -e1]], in [0, 0.05].
        tilt_std_deg: Of the tilt out of the image's plane, about an axis in it at a uniform angle;
            30 degrees are the most that is drawn. The slope of a rippled sheet is of this sort
            within some 15 angstrom.
        relief: (least, most): what a defect's displacements are multiplied by, uniform in between,
            within [0, 2]: so no network learns one geometry by heart. From 0.95 to 1.05 all bonds
            of the relaxed graphene keep to 1.33 ... 1.54 angstrom; at 0.8 they are 1.1 ... 1.7.
        margin_angstrom: How far from the frame's sides the origin stays.
        spread_angstrom: Side of the square about the frame's middle in which the origin lies; None:
            all of the frame but its margin.
        ripple_angstrom: Height (root mean square) of ripples of a freestanding sheet: four random
            waves. What they take from distances in projection is drawn, terms of two waves left
            out; patches with ripples are drawn atom by atom, which takes longer.
        ripple_length_angstrom: Typical length of the ripples, in [10, 1000].
        contamination: Standard deviation of the contamination's thickness, over the lattice's mean
            brightness: eight random waves. Dirty samples have up to 1.
        contamination_length_angstrom: Correlation length of it, in [1, 1000].
        adatoms_per_nm2: Mean number of atoms that lie scattered over the lattice, in [0, 25].
        adatom: Their element.

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value, such as a defect that the crystal cannot have.
    """

    kind: ClassVar[str] = "lattice"
    geometry: ClassVar[str] = "atoms"

    crystal: str = "graphene"
    defects: Sequence[Defect | str] = ()
    n_defects: int | tuple[int, int] | None = None
    max_defects: int | None = None
    turn_deg: tuple[float, float] = (0.0, 360.0)
    scale_std: float = 0.01
    strain_std: float = 0.005
    tilt_std_deg: float = 3.0
    relief: tuple[float, float] = (0.95, 1.05)
    margin_angstrom: float = 3.0
    spread_angstrom: float | None = None
    ripple_angstrom: float = 0.0
    ripple_length_angstrom: float = 75.0
    contamination: float = 0.1
    contamination_length_angstrom: float = 6.25
    adatoms_per_nm2: float = 0.0
    adatom: str = "C"

    def __post_init__(self) -> None:
        crystal = check.choice("crystal", self.crystal, tuple(CRYSTALS))
        defects = checked_defects(self.defects, crystal)
        fields: dict[str, Any] = {
            "crystal": crystal,
            "defects": defects,
            "n_defects": _checked_number(self.n_defects, bool(defects)),
            "turn_deg": check.pair_within("turn_deg", self.turn_deg, -3600.0, 3600.0),
            "relief": check.pair_within("relief", self.relief, 0.0, 2.0),
            "adatom": check.choice("adatom", self.adatom, ELEMENTS),
        }
        for name, (low, high) in _RANGES.items():
            fields[name] = check.within(name, getattr(self, name), low, high)
        if self.spread_angstrom is not None:
            spread = check.real("spread_angstrom", self.spread_angstrom, above=0)
            fields["spread_angstrom"] = check.within("spread_angstrom", spread, 0.0, MOST_SPREAD)
        if self.max_defects is not None:
            least = max(_pair(fields["n_defects"], bool(defects))[1], 1)
            fields["max_defects"] = check.integer(
                "max_defects", self.max_defects, at_least=least, below=MOST_DEFECTS + 1
            )
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @property
    def fewest_and_most(self) -> tuple[int, int]:
        """Fewest and most defects of a sample."""
        return _pair(self.n_defects, bool(self.defects))

    @property
    def longest_list(self) -> int:
        """Rows of the target ``defects``."""
        return self.max_defects or max(self.fewest_and_most[1], 1)

    @property
    def kinds(self) -> tuple[Defect, ...]:
        """The kinds of defects."""
        return tuple(one for one in self.defects if isinstance(one, Defect))

    def truths(self, frame: Frame) -> tuple[Output, ...]:
        """Where the defects and the atoms are, the perfect image, and what was drawn.

        In pixels, (0, 0) is the middle of the first one. ``mask`` counts a pixel to a defect that
        is within 0.8 bond lengths of an atom that is removed, replaced, or moved by more than 0.1
        bond lengths. ``clean`` is the image as it would be without noise and without defects,
        scaled as the view is. An atom's ``element`` is its place in
        `nanotilt.scenes.lattice_terms.ELEMENTS`, a defect's kind that in ``DEFECTS``.
        """
        n = frame.view_shape[0]
        imaging = (
            "background over the lattice's mean, then the probe's widths in angstrom; of a bright "
            "field defocus, spherical aberration and focal spread in angstrom, convergence in rad"
        )
        pose = "x, y of the origin in px; what x and y in angstrom become: xx, xy, yx, yy in px"
        return (
            angles_output(frame.n_views),
            Output("defects", "float32", (self.longest_list, 4), "",
                   "kind, x (px), y (px), orientation (rad) of each defect", length="n_defects"),
            Output("n_defects", "int32", (), "", "how many entries of defects there are"),
            Output("atoms", "float32", (self.most_atoms(n, frame.pixel_angstrom), 5), "",
                   "x (px), y (px), element, sublattice, whether of a defect's core",
                   length="n_atoms"),
            Output("n_atoms", "int32", (), "", "how many entries of atoms there are"),
            Output("mask", "uint8", (n, n), "", "1 + kind of the defect there, 0: none"),
            Output("clean", "float32", (1, n, n), "", "the perfect lattice without noise"),
            Output("counts", "float32", (), "electrons", frame.counts),
            Output("pose", "float32", (6,), "", pose),
            Output("imaging", "float32", (8,), "", imaging),
        )  # fmt: skip

    def most_atoms(self, n_pixels: int, pixel_angstrom: float) -> int:
        """Rows of the target ``atoms``: two fifths more than an unstrained lattice has, and 64.

        Args:
            n_pixels: Pixels on each side of the frame.
            pixel_angstrom: Length of one.
        """
        crystal = CRYSTALS[self.crystal]
        side = n_pixels * pixel_angstrom
        cells = side * side / (crystal.a * crystal.a * 0.8660254037844386)
        return math.ceil(1.4 * (len(crystal.at_a) + len(crystal.at_b)) * cells) + 64

    def extent(self) -> Extent:
        """No rings are drawn; the lattice's own bounds keep views within float32."""
        return Extent(0.0, 0.0, 0.0, 0.0)

    def lowered(self) -> dict[str, Any]:
        """The values that the core draws by, each under its name."""
        crystal = CRYSTALS[self.crystal]
        return {
            "kind": self.kind,
            "version": self.version,
            "a": crystal.a,
            "at_a": column_number(crystal.at_a),
            "at_b": column_number(crystal.at_b),
            "defects": [lowered_defect(one, self.crystal) for one in self.kinds],
            "n_defects": self.fewest_and_most,
            "max_defects": self.longest_list,
            "turns": tuple(angle / 360 for angle in self.turn_deg),
            "tilt_std_rad": math.radians(self.tilt_std_deg),
            "margin": self.margin_angstrom,
            "spread": self.spread_angstrom or 0.0,
            "ripple_height": self.ripple_angstrom,
            "ripple_length": self.ripple_length_angstrom,
            "contamination_length": self.contamination_length_angstrom,
            "adatoms_of_tile": self.adatoms_per_nm2 * ADATOM_TILE_NM2,
            "adatom_element": ELEMENTS.index(self.adatom),
            **field_values(self, without=_LOWERED_OTHERWISE),
        }


_LOWERED_OTHERWISE = (
    "crystal", "defects", "n_defects", "max_defects", "turn_deg", "tilt_std_deg",
    "margin_angstrom", "spread_angstrom", "ripple_angstrom", "ripple_length_angstrom",
    "contamination_length_angstrom", "adatoms_per_nm2", "adatom",
)  # fmt: skip


def _checked_number(value: Any, any_kinds: bool) -> int | tuple[int, int] | None:
    if value is None:
        return None
    value = check.plain("n_defects", value)
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        listed = check.integers("n_defects", value, at_least=0, below=MOST_DEFECTS + 1)
        if len(listed) != 2 or listed[0] > listed[1]:
            raise ValueError(
                "n_defects must be a number, or (fewest, most) with fewest <= most. "
                f"{check.received('n_defects', value)}"
            )
        number: int | tuple[int, int] = (listed[0], listed[1])
    else:
        number = check.integer("n_defects", value, at_least=0, below=MOST_DEFECTS + 1)
    if _pair(number, any_kinds)[1] > 0 and not any_kinds:
        raise ValueError(
            f"n_defects must be 0 without kinds of defects. {check.received('n_defects', value)}"
        )
    return number


def _pair(number: int | tuple[int, int] | None, any_kinds: bool) -> tuple[int, int]:
    if number is None:
        number = 1 if any_kinds else 0
    return number if isinstance(number, tuple) else (number, number)
