"""Recipes that between them use every branch of the simulation; what is tested of the stream is tested on all of them."""

from __future__ import annotations

import nanotilt as nt

_OUTLINE = nt.Outline()
_CENTRED = nt.Outline(centre_std=(0.0, 0.0))


def _alone(particle: nt.Particle, detector: nt.Detector) -> nt.Recipe:
    return nt.Recipe(classes={"only": particle}, detector=detector)


CASES: dict[str, nt.Recipe] = {
    **{name: nt.recipes.by_name(name) for name in nt.recipes.names()},
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
    "high dose": _alone(nt.Particle(_OUTLINE), nt.Detector(dose=50.0)),
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
}


def without_normalisation(recipe: nt.Recipe) -> nt.Recipe:
    """The same recipe with views as detected."""
    return nt.Recipe(recipe.classes, recipe.detector, recipe.weights, "none")
