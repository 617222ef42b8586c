"""Recipes of atomic lattices: perfect patches and defects, after the AI4SD summer school of 2022.

The report (R. Urquhart et al., "Detect defects in electron microscopy images", 2022,
10.5258/SOTON/AI3SD0245) had 48 x 48 pixels of graphene, and neither its dose nor its pixel size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from nanotilt._base import checks as check
from nanotilt.instruments.bright_field import BrightField
from nanotilt.instruments.dark_field import DarkField
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.defects import Defect
from nanotilt.scenes.lattices import Lattice

Counts: TypeAlias = float | tuple[float, float] | None

GRAPHENE_DEFECTS = (
    "vacancy-5-9",
    "divacancy-5-8-5",
    "stone-wales",
    "divacancy-555-777",
    "silicon",
    "nitrogen",
    "boron",
)
"""Seven kinds, each equally often."""

HBN_DEFECTS = (
    "boron-vacancy",
    "nitrogen-vacancy",
    "carbon-on-boron",
    "carbon-on-nitrogen",
    "triangle-3",
    "triangle-6",
)
MOS2_DEFECTS = (
    "chalcogen-vacancy",
    "chalcogen-vacancy-pair",
    "metal-vacancy",
    "metal-on-chalcogens",
    "chalcogens-on-metal",
    "tungsten-on-metal",
    "selenium-on-chalcogen",
)

SEVERAL_DEFECTS = (
    "vacancy",
    "vacancy-5-9",
    "divacancy-5-8-5",
    "stone-wales",
    "divacancy-555-777",
    "divacancy-5555-6-7777",
    "silicon",
)
"""All kinds of graphene but boron, nitrogen and oxygen, which at 64 electrons of each carbon atom
hardly differ from it."""

TARGETS = ("label", "n_defects", "defects", "counts")


def lattice_defects(
    crystal: str,
    kinds: Sequence[Defect | str],
    counts: Counts = (2.0, 512.0),
    defect_share: float = 0.5,
    n_pixels: int = 48,
    *,
    n_defects: int | tuple[int, int] = 1,
    targets: Sequence[str] = TARGETS,
    lattice: Lattice | None = None,
    camera: DarkField | BrightField | None = None,
) -> Recipe:
    """Is the patch perfect, or has it a defect? Of any crystal and kinds of defects.

    Two classes: "perfect" and "defect". Each view is normalised by itself.

    Args:
        crystal: "graphene", "hbn", "mos2", ...; see `nanotilt.Lattice`.
        kinds: Kinds of defects.
        counts: Detected electrons of each carbon atom, or what weighs as much; (least, most): a
            number between them for each patch, uniform in its logarithm; None: no noise.
        defect_share: Share of patches with defects, in (0, 1].
        n_pixels: Pixels on each side, 16 ... 1024, of 0.3125 angstrom.
        n_defects: Defects of such a patch, or (fewest, most).
        targets: What is drawn beside the patches; see `nanotilt.Lattice.truths`.
        lattice: What else is drawn of both classes; its crystal and defects have no say.
        camera: What sees it instead; ``n_pixels`` and ``counts`` then have no say.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    share = check.within("defect_share", defect_share, 0.0, 1.0)
    if not share > 0:
        raise ValueError(f"defect_share must be > 0. {check.received('defect_share', share)}")
    if camera is None:
        camera = DarkField(n_pixels, counts=counts)
    lattice = Lattice() if lattice is None else lattice
    if not isinstance(lattice, Lattice):
        raise TypeError(f"lattice must be a Lattice. {check.received('lattice', lattice)}")
    listed = tuple(check.sequence("kinds", kinds, "a sequence of defects"))
    if not listed:
        raise ValueError(f"kinds must name one defect at least. {check.received('kinds', kinds)}")
    values = dict(vars(lattice))
    values |= {"crystal": crystal, "defects": listed, "n_defects": n_defects}
    flawed = Lattice(**values)
    values |= {"defects": (), "n_defects": 0, "max_defects": flawed.longest_list}
    return Recipe(
        {"perfect": Lattice(**values), "defect": flawed},
        camera,
        weights=(1 - share, share),
        normalise="view",
        targets=targets,
    )


def graphene_defects(
    counts: Counts = (2.0, 512.0), defect_share: float = 0.5, n_pixels: int = 48
) -> Recipe:
    """Is the patch of graphene perfect, or has it a defect?

    Seven kinds, each equally often: a reconstructed vacancy, divacancies 5-8-5 and 555-777, a
    Stone-Wales defect, silicon, nitrogen, boron. Boron and nitrogen hardly differ from carbon.

    Args:
        counts: Detected electrons of each carbon atom; (least, most): a number between them for
            each patch, uniform in its logarithm; None: no noise.
        defect_share: Share of patches with a defect, in (0, 1].
        n_pixels: Pixels on each side, 16 ... 1024, of 0.3125 angstrom.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    return lattice_defects("graphene", GRAPHENE_DEFECTS, counts, defect_share, n_pixels)


def graphene_several_defects(
    counts: Counts = (2.0, 512.0), defect_share: float = 0.9, n_pixels: int = 48
) -> Recipe:
    """Which defects has the patch of graphene, and where?

    One to three of seven kinds, each equally often: vacancies, left alone and reconstructed,
    divacancies 5-8-5, 555-777 and 5555-6-7777, Stone-Wales defects, silicon. Those that find no
    place apart from the others are left out; a tenth of the patches is perfect.

    Args:
        counts: As for `graphene_defects`.
        defect_share: As for `graphene_defects`.
        n_pixels: As for `graphene_defects`.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    return lattice_defects(
        "graphene", SEVERAL_DEFECTS, counts, defect_share, n_pixels, n_defects=(1, 3)
    )


def graphene_vacancy(
    counts: Counts = (2.0, 512.0), defect_share: float = 0.5, n_pixels: int = 48
) -> Recipe:
    """Is an atom missing in the patch of graphene?

    The vacancy is reconstructed: two of its three neighbours have a weak bond (5-9).

    Args:
        counts: As for `graphene_defects`.
        defect_share: As for `graphene_defects`.
        n_pixels: As for `graphene_defects`.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    return lattice_defects("graphene", ("vacancy-5-9",), counts, defect_share, n_pixels)


def graphene_hrtem(
    dose: Counts = (1e4, 1e6), defect_share: float = 0.5, n_pixels: int = 48
) -> Recipe:
    """Is the patch of graphene perfect, or has it a defect, in a bright field of 80 kV?

    The defects of `graphene_defects`, as a `nanotilt.BrightField` sees them: defocus within 200
    angstrom, spherical aberration within 20 micrometres, both anew for each patch.

    Args:
        dose: Electrons per square angstrom; (least, most): a number between them for each patch,
            uniform in its logarithm; None: no noise.
        defect_share: As for `graphene_defects`.
        n_pixels: As for `graphene_defects`.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    camera = BrightField(n_pixels, dose=dose)
    # Unevenly lit by 1 %, where the atoms' contrast is 3 to 10 %.
    lattice = Lattice(contamination=0.01, contamination_length_angstrom=20.0)
    return lattice_defects(
        "graphene", GRAPHENE_DEFECTS, None, defect_share, lattice=lattice, camera=camera
    )


def hbn_defects(
    counts: Counts = (2.0, 512.0), defect_share: float = 0.5, n_pixels: int = 48
) -> Recipe:
    """Is the patch of hexagonal boron nitride perfect, or has it a defect?

    Six kinds: vacancies of both elements, carbon in place of each, triangles with edges of
    nitrogen.

    Args:
        counts: Detected electrons of what would be a carbon atom; else as for `graphene_defects`.
        defect_share: As for `graphene_defects`.
        n_pixels: As for `graphene_defects`.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    return lattice_defects("hbn", HBN_DEFECTS, counts, defect_share, n_pixels)


def mos2_defects(
    counts: Counts = (2.0, 512.0), defect_share: float = 0.5, n_pixels: int = 48
) -> Recipe:
    """Is the patch of molybdenum disulphide perfect, or has it a defect?

    Seven kinds: one or both sulphur atoms missing, molybdenum missing, antisites of both, tungsten
    for molybdenum, selenium for a sulphur atom.

    Args:
        counts: Detected electrons of what would be a carbon atom; else as for `graphene_defects`.
        defect_share: As for `graphene_defects`.
        n_pixels: As for `graphene_defects`.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    return lattice_defects("mos2", MOS2_DEFECTS, counts, defect_share, n_pixels)
