"""Recipes as JSON with a few values changed to extreme ones: drawn from, or refused in plain words.

Run as a script: `python fuzz_descriptions.py LOG [NUMBER]` tries so many and writes each to the log
before it is tried, so that it is known which one ended the process. `test_fuzz_descriptions.py`
does.
"""

from __future__ import annotations

import copy
import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nanotilt as nt
import nanotilt.recipes.recipe

OUTLINE = {
    "radius": 1.0, "radius_std": 0.1, "roughness": 0.05, "n_corners": 31, "centre": [0.0, 0.0],
    "centre_std": [0.3, 0.3],
}  # fmt: skip
HOLE = {"kind": "hole", "radius": 0.1, "radius_std": 0.01, "max_offset": 0.4, "density": -1.0}
SPIRAL = {
    "kind": "spiral", "turn": "clockwise", "radius": 0.5, "radius_std": 0.05, "straightness": 0.04,
    "straightness_std": 0.008, "widening": 0.01, "widening_std": 0.002, "max_thickness": 0.1,
    "max_thickness_std": 0.02, "max_offset": 0.1, "density": 1.0,
}  # fmt: skip
SHAPE = {
    "size": 1.2, "size_std": 0.1, "centre": [0.0, 0.0], "centre_std": [0.1, 0.1],
    "orientation_deg": [0.0, 360.0],
}  # fmt: skip
DETECTOR = {
    "n_bins": 9, "lower": -1.5, "upper": 1.5, "shift_std": 0.05, "angles_deg": [0.0, 30.0],
    "angle_std_deg": 1.0, "about": [0.1, 0.0], "background": 20.0, "blur_sigma_px": 0.5,
    "noise": 0.001, "dose": 5.0, "sampling": "ray", "centring": False,
}  # fmt: skip
CAMERA = {
    "n_pixels": 9, "field_of_view": 3.0, "antialias": "exact", "projected": False,
    "background": 0.5, "blur_sigma_px": 0.5, "noise": "uniform", "noise_level": 1.0,
    "remove_background": False, "centring": False, "stereo_deg": 7.0,
}  # fmt: skip
FIELD = {
    "kind": "field", "version": 1, "number": 9.0, "max_particles": 40, "placing": "free",
    "gap_px": 1.0, "cluster_size": 6.0, "cluster_spread_px": 12.0, "lattice_jitter": 0.1,
    "radius_px": 5.0,
    "radius_log_std": 0.25, "ellipsoids": 0.35, "rods": 0.15, "polyhedra": 0.25, "rough": 0.25,
    "axis_log_std": 0.15, "rod_aspect": [2.0, 5.0], "solids": ["cube", "icosahedron"],
    "roughness": 0.16, "rough_thickness_px": 0.0, "contrast": 0.5, "contrast_log_std": 0.1,
    "ramp_std": 0.1, "texture_rms": 0.05, "texture_px": 6.0,
}  # fmt: skip
MOTION = {
    "step_px": 2.0, "flow_px": [0.5, -0.2], "stage_step_px": 0.3, "growth_px3": 2.0,
    "coalescing": True, "births": 0.5, "death": 0.02, "blinking": 0.05,
}  # fmt: skip
STILL = {
    "step_px": 0.0, "flow_px": [0.0, 0.0], "stage_step_px": 0.0, "growth_px3": 0.0,
    "coalescing": False, "births": 0.0, "death": 0.0, "blinking": 0.0,
}  # fmt: skip
SCANNING_CAMERA = {
    "version": 1, "n_pixels": 33, "n_frames": 1, "pixel_nm": 1.0, "mode": "bright_field",
    "edge_height": 0.25, "blur_sigma_px": 0.8, "jitter_px": 0.25, "drift_px": 1.0,
    "mains_px": 0.5, "mains_rows": 7.3,
    "flyback_px": 1.0, "flyback_columns": 8.0, "dose": [2.0, 30.0], "counting": "fast",
    "readout_noise": 0.5, "saturation": 4.0, "bits": 8, "labels": "seen", "scan": "random",
    "fraction": 0.5,
}  # fmt: skip
LATTICE = {
    "kind": "lattice", "version": 1, "crystal": "graphene",
    "defects": [{"kind": "vacancy-5-9", "share": 1.0}, {"kind": "silicon", "share": 2.0}],
    "n_defects": [0, 3], "max_defects": 5, "turn_deg": [0.0, 360.0], "scale_std": 0.01,
    "strain_std": 0.005, "tilt_std_deg": 3.0, "relief": [0.8, 1.1], "margin_angstrom": 2.0,
    "spread_angstrom": None, "ripple_angstrom": 0.0, "ripple_length_angstrom": 75.0,
    "contamination": 0.1, "contamination_length_angstrom": 6.25, "adatoms_per_nm2": 1.0,
    "adatom": "C",
}  # fmt: skip
DARK_FIELD = {
    "version": 1, "n_pixels": 31, "pixel_angstrom": 0.3125, "counts": [2.0, 512.0],
    "detector": "60kv-54-200", "z_power": None,
    "probe": {"sigmas": [[0.4, 0.55], [1.2, 1.2]], "shares": [0.8, 0.2]},
    "background": [0.1, 0.4], "counting": "fast", "jitter_px": 0.3, "drift_px": 1.0,
    "flyback_px": 1.0, "flyback_columns": 30.0, "readout_noise": 0.5, "saturation": 100.0,
}  # fmt: skip
SCATTERING = {
    "kind": "scattering", "version": 1, "tags": "visible", "images_per_run": 3,
    "contributions": [0.1, 0.1, 0.1, 0.2, 0.2, 0.1, 0.2, 0.2, 0.2, 0.1], "further": 2.0,
    "diffuse": 0.9, "background": 0.9, "streaks": 0.5, "zingers": 0.5, "stops": 1.0, "edges": 0.5,
    "calibration": 0.1, "calibration_first": True, "beam_counts": 1e5,
}  # fmt: skip
AREA_DETECTOR = {
    "version": 1, "n_pixels": 40, "pixel_um": 75.0, "distance_m": 0.6, "energy_kev": 9.0,
    "exposure": "solid angle", "light": 1.0, "counting": "fast",
}  # fmt: skip


def _recipe(view: dict[str, Any], *particles: dict[str, Any], **more: Any) -> dict[str, Any]:
    classes = [{"label": f"class {i}", **particle} for i, particle in enumerate(particles)]
    return {"classes": classes, **view, **more}


ROUGH = {"outline": OUTLINE, "features": [HOLE, SPIRAL]}
BASES = [
    _recipe({"detector": DETECTOR}, ROUGH, {"outline": OUTLINE}, normalise="none"),
    _recipe({"detector": {**DETECTOR, "dose": None, "centring": True}}, ROUGH),
    _recipe({"detector": {**DETECTOR, "sampling": "bin"}}, ROUGH, normalise=[0.0, 30.0]),
    _recipe({"detector": {**DETECTOR, "noise": 0.0, "background": 0.0}}, ROUGH, weights=[1.0]),
    _recipe({"camera": CAMERA}, ROUGH, normalise="none"),
    _recipe(
        {"camera": {**CAMERA, "antialias": 3, "noise": "poisson", "remove_background": True}},
        {"outline": {"kind": "square", **SHAPE}}, ROUGH, weights=[1.0, 2.0],
    ),
    _recipe(
        {"camera": {**CAMERA, "projected": True, "noise": "gaussian", "centring": True}},
        {"outline": {"kind": "polygon", "vertices": [[0.0, 0.0], [1.0, 0.5], [0.0, 1.0]], **SHAPE}},
    ),
    _recipe(
        {"detector": {**DETECTOR, "sampling": "bin"}},
        {"outline": {"kind": "regular_polygon", "n_sides": 6, **SHAPE}},
        {"outline": {"kind": "t_shape", **SHAPE}},
    ),
    _recipe({"scanning_camera": SCANNING_CAMERA}, {**FIELD, **STILL}, normalise="none",
            targets=["label", "instance", "depth", "rays", "boxes", "table", "n_table", "clean"]),
    _recipe({"scanning_camera": {**SCANNING_CAMERA, "n_frames": 3, "mode": "edges"}},
            {**FIELD, **MOTION}, normalise="none",
            targets=["label", "table", "distance", "lineage"]),
    _recipe({"dark_field": DARK_FIELD}, LATTICE, {**LATTICE, "ripple_angstrom": 1.0},
            normalise="view",
            targets=["label", "defects", "n_defects", "atoms", "n_atoms", "mask", "clean"]),
    _recipe({"dark_field": {**DARK_FIELD, "counts": None, "z_power": 1.7}},
            {**LATTICE, "crystal": "mos2", "defects": [{"kind": "metal-vacancy", "share": 1.0}]},
            normalise="none", targets=["label", "pose", "imaging", "counts"]),
    _recipe({"area_detector": AREA_DETECTOR}, SCATTERING, {**SCATTERING, "tags": "legacy"},
            normalise="log", targets=["label", "tags", "snr", "parameters", "n_parameters", "run"]),
]  # fmt: skip

VALUES: list[Any] = [
    0, -0.0, 0.0, 1, 1.0, -1.0, 2, 3, 1e-46, 7e-46, 1.4e-45, 5e-324, 1e-38, 1e-30, 1e-12, 1e6, 1e18,
    1e30, 1e38, 3.4e38, 3.4028234663852886e38, 3.5e38, 1e39, 1e308, -1e38, math.nan, math.inf,
    -math.inf, 10**400, 255, 256, 257, 1024, 4096, 65536, 2**20, 2**20 + 1, 2**31, 2**63, True,
    None, "1", [], [0.0], {},
]  # fmt: skip

Place = tuple[str | int, ...]


def places(value: Any, here: Place = ()) -> Iterator[Place]:
    """Where in a JSON value numbers, words and flags stand."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(item, (dict, list)):
            yield from places(item, (*here, key))
        if not isinstance(item, dict):
            yield (*here, key)


@st.composite
def recipes(draw: st.DrawFn) -> str:
    """A good recipe of which up to three values have been changed."""
    value = json.loads(json.dumps(draw(st.sampled_from(BASES))))
    for _ in range(draw(st.integers(1, 3))):
        *parents, last = draw(st.sampled_from(list(places(value))))
        parent = value
        for key in parents:
            parent = parent[key]
        extreme = st.sampled_from(VALUES) | st.floats(width=64) | st.floats(-2, 2)
        parent[last] = copy.deepcopy(draw(extreme))  # a list may be changed itself, next time
    return json.dumps(value)


FIELDS = {
    *OUTLINE, *HOLE, *SPIRAL, *SHAPE, *DETECTOR, *CAMERA, "vertices", "n_sides", "classes",
    "label", "outline", "features", "weights", "normalise", "detector", "camera", *FIELD, *MOTION,
    *SCANNING_CAMERA, "scanning_camera", "targets", *LATTICE, *DARK_FIELD, "dark_field", "share",
    "sigmas", "shares", *SCATTERING, *AREA_DETECTOR, "area_detector",
}  # fmt: skip


def quick(recipe: nt.Recipe) -> bool:
    """Whether a sample takes well under a second, also where rings cross themselves."""
    view = recipe.detector
    if isinstance(view, nt.ScanningCamera):
        longest = max(
            scene.longest_table for scene in recipe.classes.values() if isinstance(scene, nt.Field)
        )
        each = longest + 4 * view.blur_sigma_px + 100
        return view.n_frames * view.n_pixels**2 * each < 5e6
    if not isinstance(view, (nt.Detector, nt.Camera)):
        return view.n_pixels < 200
    corners = max(
        particle.outline.n_corners * (1 + 4 * len(particle.features))
        if isinstance(particle.outline, nt.Outline)
        else len(particle.outline.corners)
        for particle in recipe.particles.values()
    )
    if isinstance(view, nt.Camera):
        points = (view.n_pixels * (view.antialias if isinstance(view.antialias, int) else 1)) ** 2
        slow_rings = True
    else:
        points, slow_rings = view.n_bins, view.sampling == "bin"
    cost = recipe.n_views * (points + corners + math.prod(recipe.view_shape) * view.blur_sigma_px)
    return cost < 1e5 and corners < (600 if slow_rings else 1e5)


def drawn(text: str) -> bool:
    """Draws from a recipe; False where it is refused, by an error that names a field."""
    try:
        recipe = nt.Recipe.from_json(text)
        if not quick(recipe):
            return True
        batch = recipe.sample(1, 2**63 - 2, 2, n_threads=1)
    except (TypeError, ValueError) as error:
        message = str(error)
        assert "Received" in message, message
        assert any(field in message for field in FIELDS), message
        return False
    assert batch.views.shape == (2, recipe.n_views, *recipe.view_shape)
    assert set(batch.label) <= set(range(len(recipe.classes)))
    if isinstance(recipe.detector, (nt.ScanningCamera, nt.DarkField, nt.AreaDetector)):
        assert np.isfinite(batch.views).all()
    else:
        assert all(len(ring) >= 3 for ring, _ in recipe.particle(1, 7))
    return True


def main(log: Path, number: int) -> None:
    """Tries so many recipes; the log tells the last one, and how many were refused."""
    # The usual 16,384 would take nearly all the time.
    nanotilt.recipes.bounds.N_CALIBRATION_SAMPLES = 64
    counts = {True: 0, False: 0}

    @settings(
        max_examples=number, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(recipes())
    def try_one(text: str) -> None:
        log.write_text(text)
        counts[drawn(text)] += 1

    try_one()
    log.write_text(json.dumps({"drawn": counts[True], "refused": counts[False]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
