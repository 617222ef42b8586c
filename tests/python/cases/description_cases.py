"""One of every description, and recipes of several kinds."""

from __future__ import annotations

import dataclasses
from typing import Any

import nanotilt as nt

DESCRIPTIONS: tuple[Any, ...] = (
    nt.Outline(),
    nt.Hole(),
    nt.Spiral("clockwise"),
    nt.Particle(nt.Outline(), (nt.Hole(), nt.Spiral("anticlockwise"))),
    nt.Detector(dose=4.0, angles_deg=(0.0, 90.0)),
    nt.Camera(antialias=4, stereo_deg=10.0),
    nt.Camera(stereo_deg=(10.0, 20.0), projected=True),
    nt.Square(),
    nt.RegularPolygon(5),
    nt.Polygon([(0, 0), (1, 0), (0, 1)]),
    nt.TShape(),
    nt.SShape(),
)
RECIPES: tuple[nt.Recipe, ...] = (
    nt.recipes.hole(),
    nt.recipes.square(),
    dataclasses.replace(nt.recipes.small_spiral(), normalise=(10.0, 30.0)),
)
