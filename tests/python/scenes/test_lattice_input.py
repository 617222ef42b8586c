"""Atomic lattices: what is refused, and in which words."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

import nanotilt as nt
from nanotilt import _core
from nanotilt.recipes import checks

VACANCY = ("vacancy",)
PAIR = [(0.4, 0.5)]
graphene: Callable[..., nt.Lattice] = lambda **fields: nt.Lattice("graphene", VACANCY, **fields)  # noqa: E731


def seen(**fields: Any) -> nt.Recipe:
    """A recipe of a perfect lattice and one with vacancies."""
    values: dict[str, Any] = {"normalise": "view", "detector": nt.DarkField(), **fields}
    return nt.Recipe({"perfect": nt.Lattice(), "defect": nt.Lattice("graphene", VACANCY)}, **values)


WRONG_VALUES: list[tuple[Callable[..., Any], dict[str, Any], str]] = [
    (nt.Lattice, {"crystal": "diamond"}, "crystal must be"),
    (nt.Lattice, {"crystal": "hbn", "defects": ["stone-wales"]}, r"what hbn can have: boron-vac"),
    (nt.Lattice, {"crystal": "graphene", "defects": ["triangle-3"]}, "what graphene can have"),
    (nt.Lattice, {"crystal": "wse2", "defects": ["tungsten-on-metal"]}, r"defects\[0\]: wse2 h"),
    (nt.Lattice, {"defects": ["vacancy", nt.Defect("vacancy")]}, "kinds of defects must differ"),
    (nt.Lattice, {"defects": [nt.Defect("vacancy", 0)]}, "one share of the defects at least"),
    (nt.Lattice, {"defects": [{"kind": "vacancy", "size": 1}]}, r"fields kind, share alone"),
    (nt.Lattice, {"n_defects": 1}, "n_defects must be 0 without kinds"),
    (graphene, {"n_defects": (3, 1)}, r"n_defects must be a number, or \(fewest, most\)"),
    (graphene, {"n_defects": 33}, "n_defects must be < 33"),
    (graphene, {"n_defects": -1}, "n_defects must be >= 0"),
    (graphene, {"n_defects": 4, "max_defects": 3}, "max_defects must be >= 4"),
    (graphene, {"max_defects": 33}, "max_defects must be < 33"),
    (graphene, {"turn_deg": (3, 1)}, "turn_deg must be"),
    (graphene, {"scale_std": -0.1}, "scale_std must be"),
    (graphene, {"strain_std": math.nan}, "strain_std must be"),
    (graphene, {"tilt_std_deg": 26}, "tilt_std_deg must be"),
    (graphene, {"relief": (0, 3)}, "relief must be"),
    (graphene, {"margin_angstrom": -1}, "margin_angstrom must be"),
    (graphene, {"spread_angstrom": 0}, "spread_angstrom must be > 0"),
    (graphene, {"ripple_angstrom": 6}, "ripple_angstrom must be"),
    (graphene, {"ripple_length_angstrom": 9}, "ripple_length_angstrom must be"),
    (graphene, {"contamination": math.inf}, "contamination must be"),
    (graphene, {"contamination_length_angstrom": 0.5}, "contamination_length_angstrom must be"),
    (graphene, {"adatoms_per_nm2": 26}, "adatoms_per_nm2 must be"),
    (graphene, {"adatom": "Au"}, 'adatom must be "B" or "C"'),
    (nt.Defect, {"kind": "hole"}, "kind must be"),
    (nt.Defect, {"kind": "vacancy", "share": -1}, "share must be >= 0"),
    (nt.Defect, {"kind": "vacancy", "share": 1e7}, "share must be <= 1e6"),
    (nt.Probe, {"sigmas": [], "shares": []}, "sigmas must hold 1 to 4 pairs"),
    (nt.Probe, {"sigmas": [(0.4, 0.3)], "shares": [1]}, r"sigmas\[0\] must be \(least, most\)"),
    (nt.Probe, {"sigmas": [(0.1, 0.3)], "shares": [1]}, r"sigmas\[0\] must be \(least, most\)"),
    (nt.Probe, {"sigmas": PAIR}, "shares must have 1 entries"),
    (nt.Probe, {"sigmas": PAIR, "shares": [0]}, "shares must be such that their sum is > 0"),
    (nt.Probe, {"sigmas": PAIR * 5, "shares": [1] * 5}, "sigmas must hold 1 to 4 pairs"),
    (nt.DarkField, {"n_pixels": 15}, "n_pixels must be >= 16"),
    (nt.DarkField, {"n_pixels": 1025}, "n_pixels must be < 1025"),
    (nt.DarkField, {"pixel_angstrom": 3}, "pixel_angstrom must be"),
    *(
        (nt.DarkField, {"counts": counts}, "counts must be")
        for counts in (0, -1, math.nan, 1e10, (5, 2), (0, 3), (1, 2, 3))
    ),
    (nt.DarkField, {"detector": "300kv"}, "detector must be"),
    (nt.DarkField, {"z_power": 5}, "z_power must be"),
    (nt.DarkField, {"probe": {"width": 1}}, "probe must have the fields sigmas, shares alone"),
    (nt.DarkField, {"background": (0.4, 0.1)}, "background must be"),
    (nt.DarkField, {"counting": "slow"}, "counting must be"),
    (nt.DarkField, {"jitter_px": -1}, "jitter_px must be"),
    (nt.DarkField, {"drift_px": 101}, "drift_px must be"),
    (nt.DarkField, {"flyback_px": -200}, "flyback_px must be"),
    (nt.DarkField, {"flyback_columns": 0}, "flyback_columns must be"),
    (nt.DarkField, {"readout_noise": -1}, "readout_noise must be"),
    (nt.DarkField, {"saturation": -1}, "saturation must be"),
    (seen, {"detector": nt.DarkField(16, 0.3)}, "margin_angstrom must be below half the frame"),
    (seen, {"detector": nt.Camera()}, "a Camera sees rings; a Lattice consists of atoms"),
    (seen, {"detector": nt.ScanningCamera()}, "sees bodies; a Lattice consists of atoms"),
    (seen, {"targets": ("instance",)}, "targets must be what a lattice has: label"),
    (nt.recipes.graphene_defects, {"counts": 0}, "counts must be"),
    (nt.recipes.graphene_defects, {"defect_share": 0}, "defect_share must be > 0"),
    (nt.recipes.graphene_defects, {"defect_share": 2}, "defect_share must be"),
    (nt.recipes.hbn_defects, {"n_pixels": 17}, "margin_angstrom must be below half the frame"),
    (nt.recipes.lattice_defects, {"crystal": "hbn", "kinds": ()}, "kinds must name one defect"),
    (nt.recipes.lattice_defects, {"crystal": "hbn", "kinds": VACANCY}, "what hbn can have"),
]  # fmt: skip

WRONG_KINDS: list[tuple[Callable[..., Any], dict[str, Any], str]] = [
    (nt.Lattice, {"crystal": 3}, "crystal must be"),
    (nt.Lattice, {"defects": "vacancy"}, "defects must be a sequence"),
    (nt.Lattice, {"defects": [3]}, r"defects\[0\] must be a Defect"),
    (graphene, {"n_defects": "1"}, "n_defects must be an integer"),
    (graphene, {"n_defects": True}, "n_defects must be an integer"),
    (graphene, {"turn_deg": 3}, "turn_deg must be 2 real numbers"),
    (nt.Defect, {"kind": 3}, "kind must be"),
    (nt.Defect, {"kind": "vacancy", "share": "1"}, "share must be a real number"),
    (nt.Probe, {"sigmas": 0.4, "shares": [1]}, "sigmas must be pairs"),
    (nt.Probe, {"sigmas": [0.4], "shares": [1]}, r"sigmas\[0\] must be 2 real numbers"),
    (nt.DarkField, {"n_pixels": 48.5}, "n_pixels must be an integer"),
    (nt.DarkField, {"counts": "1"}, "counts must be a real number"),
    (nt.DarkField, {"probe": 0.4}, "probe must be a Probe"),
    (nt.DarkField, {"background": 0.3}, "background must be 2 real numbers"),
    (nt.recipes.lattice_defects, {"crystal": "hbn", "kinds": 3}, "kinds must be a sequence"),
    (
        nt.recipes.lattice_defects,
        {"crystal": "hbn", "kinds": ("triangle-1",), "lattice": 3},
        "lattice must be a Lattice",
    ),
]


def call(described: Callable[..., Any], fields: dict[str, Any]) -> str:
    """The message of what is raised."""
    with pytest.raises((TypeError, ValueError)) as caught:
        described(**fields)
    assert "Received: " in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("described", "fields", "message"), WRONG_VALUES)
def test_wrong_values(described: Callable[..., Any], fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        described(**fields)
    call(described, fields)


@pytest.mark.parametrize(("described", "fields", "message"), WRONG_KINDS)
def test_wrong_kinds(described: Callable[..., Any], fields: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        described(**fields)
    call(described, fields)


def test_views_are_normalised_one_by_one_of_atoms_alone() -> None:
    for scene, detector in (
        (nt.Particle(nt.Outline()), nt.Detector()),
        (nt.Field(), nt.ScanningCamera()),
    ):
        with pytest.raises(ValueError, match="views of atoms alone may be normalised one by one"):
            nt.Recipe({"a": scene}, detector, normalise="view")


def test_lists_have_one_length_in_all_classes() -> None:
    """The error tells which class has which; `max_defects` makes them alike."""
    several = nt.Lattice("graphene", VACANCY, n_defects=3)

    def both(perfect: nt.Lattice) -> nt.Recipe:
        classes = {"perfect": perfect, "defect": several}
        return nt.Recipe(classes, nt.DarkField(), normalise="view", targets=("defects",))

    with pytest.raises(ValueError, match=r"one shape in all classes.*'defect' \(3, 4\)"):
        both(nt.Lattice())
    assert both(nt.Lattice(max_defects=3)).spec["defects"].shape == (3, 4)


def test_many_kinds_of_defects_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the recipe, and by the core, which counts what the description asks for."""
    several = nt.Lattice("graphene", ("vacancy", "silicon", "nitrogen", "boron"))

    def classes(count: int) -> dict[str, nt.Lattice]:
        return {str(i): several for i in range(count)}

    assert nt.Recipe(classes(1024), nt.DarkField(), normalise="view").class_names[-1] == "1023"
    with pytest.raises(ValueError, match=r"<= 4096 kinds of defects, all together.*4100"):
        nt.Recipe(classes(1025), nt.DarkField(), normalise="view")
    monkeypatch.setattr(checks, "DEFECT_KINDS_LIMIT", 2**20)
    with pytest.raises(ValueError, match="more than 4096 kinds of defects"):
        _core.Sampler(nt.Recipe(classes(1025), nt.DarkField(), normalise="view").packed)


def test_unknown_fields_of_json_are_named() -> None:
    value = json.loads(seen().to_json())
    del value["digest"]
    value["dark_field"]["dose"] = 3
    with pytest.raises(ValueError, match="dose"):
        nt.Recipe.from_json(json.dumps(value))
