"""Recipes that between them use every branch of the drawing of fields."""

from __future__ import annotations

import hashlib
from typing import Any

import nanotilt as nt
from nanotilt.scenes.field_terms import SOLIDS

ALL = (
    *("label", "instance", "semantic", "depth", "boundary", "distance", "centres", "rays"),
    *("boxes", "n_boxes", "table", "n_table", "clean", "scanned", "dose"),
)


def _case(field: nt.Field, camera: nt.ScanningCamera) -> nt.Recipe:
    merges = ("lineage", "n_lineage") if camera.n_frames > 1 else ()
    return nt.Recipe({"field": field}, camera, normalise="none", targets=(*ALL, *merges))


CASES: dict[str, nt.Recipe] = {
    "plain": _case(nt.Field(number=12), nt.ScanningCamera(64)),
    "crowded": _case(
        nt.Field(number=30, placing="free", contrast_log_std=0.4, solids=SOLIDS),
        nt.ScanningCamera(47, mode="bright_field", dose=5.0, counting="exact", mains_px=1.0),
    ),
    "clusters": _case(
        nt.Field(number=14, placing="clusters", rough_thickness_px=3.0, texture_rms=0.0),
        nt.ScanningCamera(
            50, mode="edges", dose=(20.0, 80.0), flyback_px=3.0, readout_noise=2.0, saturation=3.0,
            bits=8, scan="random", fraction=0.3,
        ),
    ),
    "lattice": _case(
        nt.Field(number=20, placing="lattice", radius_log_std=0.0, ramp_std=0.0),
        nt.ScanningCamera(
            64, dose=None, labels="true", blur_sigma_px=0.0, scan="spiral", fraction=0.25
        ),
    ),
    "hops": _case(
        nt.Field(number=5), nt.ScanningCamera(40, scan="line_hop", fraction=0.2, blur_sigma_px=2.5)
    ),
    "video": _case(
        nt.Field(
            number=9, max_particles=40, placing="free", step_px=2.0, flow_px=(0.5, -0.2),
            stage_step_px=0.3, growth_px3=2.0, coalescing=True, births=0.5, death=0.02,
            blinking=0.05,
        ),
        nt.ScanningCamera(40, n_frames=6, dose=30.0, scan="rows", fraction=0.5),
    ),
}  # fmt: skip


def fingerprint(recipe: nt.Recipe) -> dict[str, str]:
    """The bits of some samples, output by output."""
    batch = recipe.sample(2**63 + 5, 2**40 + 1, 5)
    kinds = {output.name: output.dtype for output in recipe.spec.values()}
    return {
        name: hashlib.sha256(
            batch[name].astype(f"<{batch[name].dtype.str[1:]}").tobytes()
        ).hexdigest()
        for name in kinds
    }


def fingerprints() -> dict[str, Any]:
    """Of all of them."""
    return {name: fingerprint(recipe) for name, recipe in CASES.items()}
