"""The script that makes the tables of defects: it makes what is stored."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nanotilt.scenes import defect_tables
from nanotilt.scenes.lattice_terms import DEFECT_FAMILIES
from places import script

GRAPHENE = DEFECT_FAMILIES["graphene"]
OTHERS = (*DEFECT_FAMILIES["hbn"], *DEFECT_FAMILIES["dichalcogenide"])


def check_made(kinds: tuple[str, ...]) -> None:
    """The script makes what is stored, up to what a minimum found elsewhere may differ by."""
    maker = script("make_defect_tables")
    families = json.loads(defect_tables.FILE.read_text(encoding="utf-8"))
    stored = {kind: made for tables in families.values() for kind, made in tables.items()}
    for kind in kinds:
        made = maker.made(kind)
        assert {**made, "sites": 0} == {**stored[kind], "sites": 0}
        new, old = (
            {tuple(row[:3]): (row[3:5], row[5:]) for row in one["sites"]}
            for one in (made, stored[kind])
        )
        for site in new.keys() | old.keys():
            (here, elements), (there, others) = (
                one.get(site, ([0.0, 0.0], [])) for one in (new, old)
            )
            both = site in new and site in old
            assert np.abs(np.subtract(here, there)).max() < (3e-4 if both else 0.0042)
            assert elements == others


def test_the_script_makes_the_tables() -> None:
    check_made(("stone-wales", "vacancy", "nitrogen", "silicon", *OTHERS))


@pytest.mark.slow
def test_the_script_makes_all_tables() -> None:
    check_made(GRAPHENE)


@pytest.mark.slow
def test_energies_order_as_published() -> None:
    """555-777 lies below 5-8-5: Lee et al., Phys. Rev. Lett. 95, 205501 (2005)."""
    maker = script("make_defect_tables")
    energy = {
        kind: maker.structure(kind)[0].relax() for kind in ("divacancy-5-8-5", "divacancy-555-777")
    }
    assert energy["divacancy-555-777"] < 0.95 * energy["divacancy-5-8-5"]
