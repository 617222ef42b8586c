"""Recipes that differ from the one trained on in one thing, and whose views have its scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nanotilt.instruments.area_detector import AreaDetector
from nanotilt.instruments.atom_image import AtomImage
from nanotilt.instruments.camera import Camera
from nanotilt.instruments.line_detector import Detector
from nanotilt.instruments.scanning_camera import ScanningCamera
from nanotilt.recipes.checks import Normalise
from nanotilt.recipes.pearson import Dose
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.fields import Field
from nanotilt.scenes.lattices import Lattice
from nanotilt.scenes.particles import Outline, Particle
from nanotilt.scenes.scene import Scene

_SPECK = Outline(radius=1e-9, radius_std=0.0, roughness=0.0, n_corners=3, centre_std=(0.0, 0.0))
"""A particle too small to be seen: far below the rounding of a float32 next to any background."""


def has_steady_noise(recipe: Recipe) -> bool:
    """Whether there is noise that can be multiplied while everything else stays.

    A detector's relative noise and a camera's normal noise are; uniform noise would change the
    brightness of the whole image, too, and counts are numbers that can't be multiplied; a scanning
    camera and a dark field are given fewer electrons instead.
    """
    if isinstance(recipe.detector, ScanningCamera):
        return recipe.detector.dose is not None and not recipe.detector.saturation
    if isinstance(recipe.detector, AreaDetector):
        return False
    if isinstance(recipe.detector, AtomImage):
        return recipe.detector.electrons is not None and not recipe.detector.saturation
    if isinstance(recipe.detector, Camera):
        return recipe.detector.noise == "gaussian"
    return recipe.detector.noise > 0


def with_noise(recipe: Recipe, factor: float) -> Recipe:
    """The recipe with its relative, or a camera's normal, noise multiplied; same particles, scale.

    The bounds of "dataset" normalisation would move with the noise, so those of `recipe` are
    kept: the network sees values as it was trained on, only noisier. Sample i has the same
    particle and the same random numbers, so its noise is the same but for the factor.

    Args:
        recipe: What the network was trained on.
        factor: >= 0.
    """
    noisier: Camera | Detector | ScanningCamera | AtomImage | AreaDetector
    if isinstance(recipe.detector, ScanningCamera):
        scanning = recipe.detector
        noisier = replace(scanning, dose=_less(scanning.dose, factor))
    elif isinstance(recipe.detector, AtomImage):
        atoms = recipe.detector
        noisier = atoms.with_electrons(_less(atoms.electrons, factor))
    elif isinstance(recipe.detector, AreaDetector):
        noisier = replace(recipe.detector, light=recipe.detector.light / factor**2)
    elif isinstance(recipe.detector, Camera):
        camera = recipe.detector
        noisier = (
            replace(camera, noise_level=factor * camera.noise_level)
            if factor > 0
            else replace(camera, noise="none")
        )
    else:
        noisier = replace(recipe.detector, noise=factor * recipe.detector.noise)
    return Recipe(recipe.classes, noisier, recipe.weights, _fixed_scale(recipe))


def empty_space(recipe: Recipe) -> Recipe:
    """What the instrument sees where there is no particle: background, blur and noise.

    Args:
        recipe: What the network was trained on; instrument and scale are its.
    """
    nothing: Scene = Particle(_SPECK)
    if isinstance(recipe.detector, ScanningCamera):
        nothing = Field(number=0.0)
    if isinstance(recipe.detector, AtomImage):
        nothing = replace(next(iter(_lattices(recipe))), defects=(), n_defects=0, contamination=0.0)
        empty = recipe.detector.without_lattice()
        return Recipe({"empty": nothing}, empty, normalise=_fixed_scale(recipe))
    return Recipe({"empty": nothing}, recipe.detector, normalise=_fixed_scale(recipe))


def _lattices(recipe: Recipe) -> Iterator[Lattice]:
    return (scene for scene in recipe.classes.values() if isinstance(scene, Lattice))


def _less(dose: Dose, factor: float) -> Dose:
    """The dose that gives counting noise `factor` times as large, beside the same signal."""
    if dose is None or factor == 0:
        return None
    if isinstance(dose, tuple):
        return (dose[0] / factor**2, dose[1] / factor**2)
    return dose / factor**2


def _fixed_scale(recipe: Recipe) -> Normalise:
    return recipe.normalise if recipe.normalise in ("none", "view", "log") else recipe.bounds
