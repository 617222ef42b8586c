"""nanotilt: labelled, simulated electron-microscopy data, straight into Keras.

    import nanotilt as nt

    recipe = nt.recipes.chirality()
    batch = recipe.sample(seed=7, start=0, count=10_000)       # NumPy, C++ threads
    data = nt.stream(recipe, seed=7, batch_size=256)           # tf.data.Dataset, endless
    model = nt.models.StereoClassifier.for_recipe(recipe)      # Keras
    # The stream's order is random already, and Keras can't shuffle a data set without end.
    model.fit(data, steps_per_epoch=400, epochs=10, shuffle=False)
    model.save("model.keras")                                  # nt.load brings it back

Importing this package loads NumPy and the compiled core only; TensorFlow is loaded by `stream`,
Keras by `models` and `load`.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

from nanotilt import _core, lattices, pose, recipes
from nanotilt._base.lazy import LazyModule, register_with_keras
from nanotilt._core import __version__
from nanotilt.instruments.area_detector import AreaDetector
from nanotilt.instruments.bright_field import BrightField
from nanotilt.instruments.camera import Camera
from nanotilt.instruments.dark_field import DarkField, Probe
from nanotilt.instruments.line_detector import Detector
from nanotilt.instruments.scanning_camera import ScanningCamera
from nanotilt.lattices import lattice_fit
from nanotilt.ops import labels, scans
from nanotilt.ops.fourier_bessel import FourierBessel, fourier_bessel
from nanotilt.ops.images import centre_of_mass_roll, rasterise, remove_background
from nanotilt.ops.polar import azimuthal_profile, polar_bins
from nanotilt.ops.projection import gaussian_blur, project, sinogram
from nanotilt.ops.tomography import filtered_back_projection, radon, tilt_series
from nanotilt.recipes.batch import Batch
from nanotilt.recipes.recipe import STREAM_VERSION, Recipe
from nanotilt.scenes import Discs, Field
from nanotilt.scenes.defects import Defect
from nanotilt.scenes.lattices import Lattice
from nanotilt.scenes.particles import Hole, Outline, Particle, Spiral
from nanotilt.scenes.scattering import Scattering
from nanotilt.scenes.shapes import Polygon, RegularPolygon, Square, SShape, TShape
from nanotilt.streaming.batches import batches
from nanotilt.streaming.pairs import stream_pairs
from nanotilt.streaming.stream import stream
from nanotilt.training.loading import load

if TYPE_CHECKING:
    from nanotilt import (
        anomaly,
        experiments,
        limits,
        models,
        segmentation,
        sweeps,
        tracking,
        training,
    )

__all__ = [
    "STREAM_VERSION",
    "AreaDetector",
    "Batch",
    "BrightField",
    "Camera",
    "DarkField",
    "Defect",
    "Detector",
    "Discs",
    "Field",
    "FourierBessel",
    "Hole",
    "Lattice",
    "Outline",
    "Particle",
    "Polygon",
    "Probe",
    "Recipe",
    "RegularPolygon",
    "SShape",
    "ScanningCamera",
    "Scattering",
    "Spiral",
    "Square",
    "TShape",
    "__version__",
    "anomaly",
    "azimuthal_profile",
    "batches",
    "build_info",
    "centre_of_mass_roll",
    "experiments",
    "filtered_back_projection",
    "fourier_bessel",
    "gaussian_blur",
    "labels",
    "lattice_fit",
    "lattices",
    "limits",
    "load",
    "models",
    "polar_bins",
    "pose",
    "project",
    "radon",
    "rasterise",
    "recipes",
    "remove_background",
    "scans",
    "segmentation",
    "sinogram",
    "stream",
    "stream_pairs",
    "sweeps",
    "tilt_series",
    "tracking",
    "training",
]


def build_info() -> dict[str, Any]:
    """How this nanotilt was built, and what it uses on this machine.

    Returns:
        version, stream_version, compiler, flags, build_type, openmp (version date of the OpenMP
        specification, or None), simd_levels (that this processor can run), simd (the level in use;
        the environment variable NANOTILT_SIMD forces one), threads (used unless a call says
        otherwise: NANOTILT_NUM_THREADS, else OMP_NUM_THREADS, else the processors that this process
        may use).

    Raises:
        ValueError: NANOTILT_NUM_THREADS or NANOTILT_SIMD is set to something wrong.
    """
    return {"version": __version__, "stream_version": STREAM_VERSION, **_core.build_info()}


_WHEN_NEEDED = {
    name: LazyModule(f"nanotilt.{name}", f"{what}; loaded with its first use.")
    for name, what in {
        "anomaly": "Patches that are unlike those a network learned",
        "experiments": "The papers' experiments by name",
        "limits": "The best accuracy that is possible on a recipe",
        "models": "Keras 3 networks",
        "segmentation": "Particles in images: instances, sizes and scores",
        "sweeps": "Experiments over seeds and varied values",
        "tracking": "Particles through frames of a video",
        "training": "Training runs, with reports",
    }.items()
}


def __getattr__(name: str) -> ModuleType:
    if name in _WHEN_NEEDED:  # until it is loaded
        return _WHEN_NEEDED[name]
    raise AttributeError(f"module 'nanotilt' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__


register_with_keras()
