"""Recipes of x-ray scattering whose bits are known."""

from __future__ import annotations

from typing import Any

import nanotilt as nt
from stream_cases import field_fingerprint

SCATTERING_TARGETS = (
    *("tags", "snr", "parameters", "n_parameters", "run", "beam", "clean"),
    "label",
)


def _of_scattering(scene: nt.Scattering, detector: nt.AreaDetector, **more: Any) -> nt.Recipe:
    fields: dict[str, Any] = {"normalise": "none", "targets": SCATTERING_TARGETS, **more}
    return nt.Recipe({"sample": scene}, detector, **fields)


_CROWDED: dict[str, Any] = {
    "further": 3.0, "diffuse": 1.0, "background": 1.0, "streaks": 0.5, "zingers": 0.5, "edges": 0.3,
}  # fmt: skip

SCATTERING_CASES: dict[str, nt.Recipe] = {
    "tags": _of_scattering(nt.Scattering(), nt.AreaDetector(64, 300.0), normalise="log"),
    "crowded": _of_scattering(
        nt.Scattering(tags="legacy", images_per_run=3, **_CROWDED), nt.AreaDetector(49, 200.0)
    ),
    "exact": _of_scattering(
        nt.Scattering(images_per_run=1, **_CROWDED),
        nt.AreaDetector(
            37, 60.0, distance_m=1.2, energy_kev=12.0, exposure="per pixel", light=0.3,
            counting="exact",
        ),
    ),
    "cells": _of_scattering(
        nt.Scattering(images_per_run=3, **_CROWDED),
        nt.AreaDetector(64, 300.0, n_radii=24, n_azimuths=12, q_range=(0.003, 0.12)),
        targets=("polar", "coefficients"),
    ),
    "wide": _of_scattering(nt.Scattering(images_per_run=2, **_CROWDED), nt.AreaDetector(80, 900.0)),
}  # fmt: skip


def scattering_fingerprints() -> dict[str, Any]:
    """Of all scattering."""
    return {name: field_fingerprint(recipe) for name, recipe in SCATTERING_CASES.items()}
