"""What is looked at. `SCENES` lists the kinds, by the names that JSON gives them."""

from nanotilt.scenes.discs import Discs
from nanotilt.scenes.fields import Field
from nanotilt.scenes.lattices import Lattice
from nanotilt.scenes.particles import Particle
from nanotilt.scenes.scattering import Scattering
from nanotilt.scenes.scene import Scene

__all__ = ["SCENES", "Discs", "Field", "Lattice", "Particle", "Scattering", "Scene"]

SCENES: dict[str, type[Scene]] = {
    scene.kind: scene for scene in (Particle, Discs, Field, Lattice, Scattering)
}
