"""Recipes that between them use every branch of the simulation.

What is tested of the stream is tested on all of them.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import numpy as np

import nanotilt as nt
from nanotilt.scenes.field_terms import SOLIDS
from nanotilt.scenes.lattice_terms import DEFECT_FAMILIES

_OUTLINE = nt.Outline()
_CENTRED = nt.Outline(centre_std=(0.0, 0.0))


def _alone(particle: nt.Particle, detector: nt.Detector | nt.Camera) -> nt.Recipe:
    return nt.Recipe(classes={"only": particle}, detector=detector)


CASES: dict[str, nt.Recipe] = {
    **{
        name: nt.recipes.by_name(name)
        for name in nt.recipes.names()
        # Fields have outputs of their own: tests/python/scenes/test_field_bits.py.
        if isinstance(nt.recipes.by_name(name).detector, (nt.Detector, nt.Camera))
    },
    "bare": nt.Recipe(
        classes={"solid": nt.Particle(_OUTLINE)},
        detector=nt.Detector(noise=0.0, blur_sigma_px=0.0, background=0.0, shift_std=0.0),
        normalise="none",
    ),
    "many features": _alone(
        nt.Particle(
            _OUTLINE,
            (
                nt.Hole(0.2, 0.05),
                nt.Spiral("clockwise"),
                nt.Hole(0.15, density=2.5),
                nt.Spiral("anticlockwise", radius=0.3, max_offset=0.3, density=-0.5),
            ),
        ),
        nt.Detector(n_bins=48, angles_deg=(0, 30, -75), angle_std_deg=5, about=(0.3, -0.2)),
    ),
    "self-crossing rings": _alone(
        nt.Particle(
            nt.Outline(roughness=0.4, n_corners=31),
            (nt.Hole(0.3, 0.1), nt.Spiral("clockwise", widening=0.2, max_thickness=0.5)),
        ),
        nt.Detector(angles_deg=(10.0, 100.0)),
    ),
    "bins": _alone(
        nt.Particle(_OUTLINE, (nt.Hole(0.05, 0.02), nt.Spiral("anticlockwise"))),
        nt.Detector(n_bins=50, sampling="bin", angles_deg=(0, 45), angle_std_deg=2),
    ),
    "self-crossing bins": _alone(
        nt.Particle(
            nt.Outline(roughness=0.4, n_corners=20),
            (nt.Spiral("anticlockwise", widening=0.2, max_thickness=0.5),),
        ),
        nt.Detector(sampling="bin"),
    ),
    "low dose": _alone(nt.Particle(_OUTLINE), nt.Detector(dose=0.2, noise=0.0)),
    "high dose": _alone(nt.Particle(_OUTLINE), nt.Detector(dose=50.0, angles_deg=(0, 90))),
    "fast counts": _alone(  # some 15 of a bin, beside the particle fewer than 16 and within it more
        nt.Particle(_OUTLINE),
        nt.Detector(n_bins=45, dose=0.75, noise=0.0, angles_deg=(0, 90), counting="fast"),
    ),
    "centring": _alone(
        nt.Particle(_OUTLINE, (nt.Spiral("clockwise"),)),
        nt.Detector(n_bins=64, angles_deg=(0, 90), centring=True),
    ),
    "weights": nt.Recipe(
        classes={
            "none": nt.Particle(_CENTRED),
            "right": nt.Particle(_CENTRED, (nt.Spiral("clockwise"),)),
            "never": nt.Particle(_CENTRED),
            "hole": nt.Particle(_OUTLINE, (nt.Hole(),)),
        },
        detector=nt.Detector(n_bins=17),
        weights={"none": 3.0, "right": 1.5, "never": 0.0, "hole": 0.2},
        normalise=(18.0, 24.0),
    ),
    "one wide bin": _alone(nt.Particle(_OUTLINE), nt.Detector(n_bins=1, blur_sigma_px=2.0)),
    "wide blur": _alone(nt.Particle(_OUTLINE), nt.Detector(n_bins=9, blur_sigma_px=7.0)),
    "shapes on a detector": nt.Recipe(
        classes={"hexagon": nt.Particle(nt.RegularPolygon(6)), "T": nt.Particle(nt.TShape())},
        detector=nt.Detector(angles_deg=(0, 20), angle_std_deg=3),
    ),
    "bow-tie from above": _alone(
        nt.Particle(nt.Polygon([(-0.7, -0.6), (0.8, 0.5), (0.8, -0.5), (-0.6, 0.7)])),
        nt.Camera(n_pixels=19, noise="gaussian", noise_level=0.1, blur_sigma_px=0.8, stereo_deg=7),
    ),
    "rings from above": _alone(
        nt.Particle(
            nt.Outline(roughness=0.4, n_corners=31),
            (nt.Hole(0.3, 0.1), nt.Spiral("clockwise", widening=0.2, max_thickness=0.5)),
        ),
        nt.Camera(n_pixels=24, noise="poisson", noise_level=8.0, background=2.0),
    ),
    "exact counts from above": _alone(
        nt.Particle(_OUTLINE, (nt.Hole(),)),
        nt.Camera(
            n_pixels=21, noise="poisson", noise_level=6.0, background=1.0, counting="exact",
            stereo_deg=50,
        ),
    ),
    "points from above": _alone(
        nt.Particle(_OUTLINE, (nt.Hole(),)),
        nt.Camera(n_pixels=31, antialias=3, stereo_deg=(30, -40), remove_background=True),
    ),
    "projected image": _alone(
        nt.Particle(nt.SShape(centre_std=(0.3, 0.3))),
        nt.Camera(n_pixels=40, projected=True, centring=True, blur_sigma_px=0.5, stereo_deg=10),
    ),
    "projected image that cuts off": _alone(
        nt.Particle(nt.TShape(size=2.5, centre_std=(0.8, 0.8))),
        nt.Camera(n_pixels=33, projected=True, noise="poisson", noise_level=2.0, stereo_deg=35),
    ),
    "projected rings": _alone(
        nt.Particle(
            nt.Outline(roughness=0.3, n_corners=31), (nt.Hole(0.3, 0.1), nt.Spiral("clockwise"))
        ),
        nt.Camera(n_pixels=40, projected=True, antialias="exact", noise="none", background=1.0),
    ),
}  # fmt: skip

CASES_OF: dict[str, dict[str, nt.Recipe]] = {
    f"stream_v{nt.STREAM_VERSION}": {
        name: recipe for name, recipe in CASES.items() if isinstance(recipe.detector, nt.Detector)
    },
    f"camera_v{nt.Camera.version}": {
        name: recipe for name, recipe in CASES.items() if isinstance(recipe.detector, nt.Camera)
    },
}
"""By the file of known answers, without its extension: each kind of instrument has its versions."""

DETECTOR_CASES = {
    name: recipe for name, recipe in CASES.items()
    if isinstance(recipe.detector, nt.Detector) and name != "shapes on a detector"
}  # fmt: skip
"""Those that the oracle of rough circles on a detector covers."""


def without_normalisation(recipe: nt.Recipe) -> nt.Recipe:
    """The same recipe with views as detected."""
    return nt.Recipe(recipe.classes, recipe.detector, recipe.weights, "none")


def fingerprint(
    recipe: nt.Recipe, *, count: int = 500, n_threads: int | None = None
) -> dict[str, Any]:
    """What two machines must agree on: bounds, and all bits of some samples and their rings."""
    whole = {name: hashlib.sha256() for name in ("views", "label", "angle_rad", "rings")}
    for seed, start in ((7, 0), (2**64 - 1, 2**40 + 1)):
        batch = recipe.sample(seed, start, count, n_threads=n_threads)
        whole["views"].update(batch.views.astype("<f4").tobytes())
        whole["label"].update(batch.label.astype("<i4").tobytes())
        whole["angle_rad"].update(batch.angle_rad.astype("<f4").tobytes())
        for index in range(start, start + 20):
            for ring, _ in recipe.particle(seed, index):
                whole["rings"].update(ring.astype("<f4").tobytes())
    return {
        "bounds": [bound.hex() for bound in recipe.bounds],
        **{f"{name} sha256": sha.hexdigest() for name, sha in whole.items()},
    }


def fingerprints() -> dict[str, dict[str, Any]]:
    """Of all recipes, and of the bare kernels."""
    angle = np.linspace(0, 40, 400)
    ring = np.stack([np.sin(angle) * (1 + angle / 9), np.cos(1.7 * angle)], axis=-1).astype(
        np.float32
    )
    star = ring[:7] * np.float32(0.3)
    kernels = hashlib.sha256()
    for sampling in ("ray", "bin"):
        grid: dict[str, Any] = {"n_bins": 33, "lower": -2, "upper": 2, "sampling": sampling}
        seen = nt.sinogram([ring, star, star[::-1]], [1, 2, -0.5], n_angles=9, **grid)
        kernels.update(seen.tobytes())
        kernels.update(nt.gaussian_blur(seen, 1.7).tobytes())
    result = {name: fingerprint(recipe) for name, recipe in CASES.items()}
    result["kernels"] = {"sha256": kernels.hexdigest()}
    return result


FIELD_TARGETS = (
    *("label", "instance", "semantic", "depth", "boundary", "distance", "centres", "rays"),
    *("boxes", "n_boxes", "table", "n_table", "clean", "scanned", "dose"),
)


def _of_field(field: nt.Field, camera: nt.ScanningCamera) -> nt.Recipe:
    merges = ("lineage", "n_lineage") if camera.n_frames > 1 else ()
    return nt.Recipe({"field": field}, camera, normalise="none", targets=(*FIELD_TARGETS, *merges))


FIELD_CASES: dict[str, nt.Recipe] = {
    "plain": _of_field(nt.Field(number=12), nt.ScanningCamera(64)),
    "crowded": _of_field(
        nt.Field(number=30, placing="free", contrast_log_std=0.4, solids=SOLIDS),
        nt.ScanningCamera(47, mode="bright_field", dose=5.0, counting="exact", mains_px=1.0),
    ),
    "clusters": _of_field(
        nt.Field(number=14, placing="clusters", rough_thickness_px=3.0, texture_rms=0.0),
        nt.ScanningCamera(
            50, mode="edges", dose=(20.0, 80.0), flyback_px=3.0, readout_noise=2.0, saturation=3.0,
            bits=8, scan="random", fraction=0.3,
        ),
    ),
    "lattice": _of_field(
        nt.Field(number=20, placing="lattice", radius_log_std=0.0, ramp_std=0.0),
        nt.ScanningCamera(
            64, dose=None, labels="true", blur_sigma_px=0.0, scan="spiral", fraction=0.25
        ),
    ),
    "hops": _of_field(
        nt.Field(number=5), nt.ScanningCamera(40, scan="line_hop", fraction=0.2, blur_sigma_px=2.5)
    ),
    "video": _of_field(
        nt.Field(
            number=9, max_particles=40, placing="free", step_px=2.0, flow_px=(0.5, -0.2),
            stage_step_px=0.3, growth_px3=2.0, coalescing=True, births=0.5, death=0.02,
            blinking=0.05,
        ),
        nt.ScanningCamera(40, n_frames=6, dose=30.0, scan="rows", fraction=0.5),
    ),
}  # fmt: skip


LATTICE_TARGETS = (
    *("label", "defects", "n_defects", "atoms", "n_atoms", "mask", "clean", "counts", "pose"),
    "imaging",
)


def _of_lattice(
    lattice: nt.Lattice, camera: nt.DarkField, normalise: Literal["none", "view"] = "none"
) -> nt.Recipe:
    return nt.Recipe({"patch": lattice}, camera, normalise=normalise, targets=LATTICE_TARGETS)


LATTICE_CASES: dict[str, nt.Recipe] = {
    "graphene": _of_lattice(
        nt.Lattice("graphene", DEFECT_FAMILIES["graphene"]), nt.DarkField(48), "view"
    ),
    "perfect": _of_lattice(nt.Lattice("hbn"), nt.DarkField(17, 0.5, counts=None), "view"),
    "several": _of_lattice(
        nt.Lattice("mos2", DEFECT_FAMILIES["dichalcogenide"], n_defects=(1, 6), max_defects=9),
        nt.DarkField(80, counts=(0.01, 5e3), counting="exact", detector="80kv-50-200"),
    ),
    "rippled": _of_lattice(
        nt.Lattice(
            "graphene", ("stone-wales", "silicon"), ripple_angstrom=1.0, adatoms_per_nm2=5.0,
            adatom="Si", contamination=0.7,
        ),
        nt.DarkField(50, counts=20.0, jitter_px=0.5, drift_px=2.0, flyback_px=3.0),
        "view",
    ),
    "scanned": _of_lattice(
        nt.Lattice("hbn", ("triangle-3", "carbon-on-boron"), tilt_std_deg=10.0, contamination=0.0),
        nt.DarkField(
            33, 0.25, counts=300.0, z_power=1.7, jitter_px=1.5, readout_noise=2.0, saturation=40.0,
            probe=nt.Probe([(0.3, 0.5), (1.0, 2.0), (0.6, 0.6)], [3, 1, 1]),
        ),
    ),
}  # fmt: skip


FIELD_RANGE = (2**63 + 5, 2**40 + 1, 5)
"""Seed, start and number of the samples that the known answers of fields and lattices are of."""


def field_fingerprint(recipe: nt.Recipe) -> dict[str, str]:
    """The bits of some samples, output by output."""
    batch = recipe.sample(*FIELD_RANGE)
    kinds = {output.name: output.dtype for output in recipe.spec.values()}
    return {
        name: hashlib.sha256(
            batch[name].astype(f"<{batch[name].dtype.str[1:]}").tobytes()
        ).hexdigest()
        for name in kinds
    }


def field_fingerprints() -> dict[str, Any]:
    """Of all fields."""
    return {name: field_fingerprint(recipe) for name, recipe in FIELD_CASES.items()}


def lattice_fingerprints() -> dict[str, Any]:
    """Of all lattices."""
    return {name: field_fingerprint(recipe) for name, recipe in LATTICE_CASES.items()}
