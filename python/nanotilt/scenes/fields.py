"""Fields: many nanoparticles on a support, in one image or in the frames of a video."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from nanotilt._base import checks as check
from nanotilt._base.description import field_values
from nanotilt._base.output import Output
from nanotilt.scenes.field_terms import (
    COLUMNS,
    KINDS,
    LARGEST,
    MOST_PARTICLES,
    N_RAYS,
    PLACINGS,
    RANGES,
    SOLIDS,
    STAR_GRID,
)
from nanotilt.scenes.scene import Extent, Frame, Scene, angles_output


@dataclass(frozen=True)
class Field(Scene):
    """Many particles on a support, as a scanning camera sees them; for a video also their motion.

    Lengths are in pixels of the camera. Sizes are log-normal: a particle's radius is that of the
    sphere whose volume it has, radius_px exp(radius_log_std z) with z normal (rods have a smaller
    one, see ``rod_aspect``). All of a particle but its place follows from its number alone.

    Args:
        number: Mean number of particles in the image, in [0, 4096]; the number of each sample is a
            Poisson number. With "apart" fewer may find a place; with "lattice" it is fixed by the
            lattice.
        max_particles: Most particles of a sample, 1 ... 4096: the length of ``table`` and
            ``boxes``. None: number + 6 sqrt(number) + 8, rounded up to a multiple of 8.
        placing: "apart": outlines lie gap_px apart or more; a particle that finds no place in 32
            attempts is left out. "free": anywhere, one over the other. "clusters": groups around
            random places (Thomas 1949). "lattice": hexagonal, with a random turn.
        gap_px: Smallest gap between the convex hulls of two outlines placed "apart", >= 0.
        cluster_size: Mean number of particles of a group, >= 1.
        cluster_spread_px: Standard deviation of a group's places, >= 0.
        lattice_jitter: Standard deviation of a particle's place, in lattice spacings, in [0, 1].
        radius_px: Median radius, >= 0.5.
        radius_log_std: Standard deviation of the radius's logarithm, in [0, 3].
        ellipsoids: Share of ellipsoids, >= 0, relative to the other three kinds.
        rods: Share of rods, which lie flat: cylinders with round ends.
        polyhedra: Share of polyhedra.
        rough: Share of domes or plates with a rough outline.
        axis_log_std: Of each semi-axis of an ellipsoid, in [0, 1]; it is turned in space at random.
        rod_aspect: Least and most of length over width, uniform in between, each in [1, 100]. The
            width is 1.4 times the drawn radius.
        solids: The polyhedra, of `nanotilt.scenes.field_terms.SOLIDS`, each equally often; they
            have the sphere's volume and are turned in space at random.
        roughness: The outline of a rough particle is r (1 + sum over k = 2 ... 9 of roughness / k
            (a cos k phi + b sin k phi)), a and b normal; in [0, 1].
        rough_thickness_px: Thickness of rough particles, which are plates then; 0: they are domes,
            2 r sqrt(1 - g^2) thick, g from 0 in the middle to 1 at the outline.
        contrast: What the middle of a sphere of median size adds to the background, which is 1; of
            a bright field, the exponent by which it weakens the beam. Within +-100.
        contrast_log_std: Standard deviation of the logarithm of a particle's contrast, in [0, 3]:
            of different elements, by Z to the power of 1.6.
        ramp_std: Standard deviation of the background's change across the image, in each direction.
        texture_rms: Standard deviation of the support's texture, >= 0: 24 waves.
        texture_px: Its length: wave vectors are normal, of 1 / texture_px in each direction.
        step_px: Of a video: standard deviation of a particle's step in x and in y from frame to
            frame, of the median size; it goes with 1 / sqrt(radius) (Stokes and Einstein).
        flow_px: What all particles move by in every frame, (x, y).
        stage_step_px: Standard deviation of a step that all particles share.
        growth_px3: What the cube of each radius grows by in a frame (coarsening); below 0 particles
            shrink, and vanish below a radius of half a pixel.
        coalescing: Whether two particles become one, of the volume and centre of mass of both, when
            their middles are closer than 0.9 of the sum of their radii. The new one has the shape
            of the larger and a number of its own; ``lineage`` tells of both.
        births: Chance that a new particle appears in a frame.
        death: Chance of every particle to vanish in a frame.
        blinking: Chance of every particle not to be seen in a frame.

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    kind: ClassVar[str] = "field"
    geometry: ClassVar[str] = "bodies"

    number: float = 45.0
    max_particles: int | None = None
    placing: Literal["apart", "free", "clusters", "lattice"] = "apart"
    gap_px: float = 1.0
    cluster_size: float = 6.0
    cluster_spread_px: float = 12.0
    lattice_jitter: float = 0.1
    radius_px: float = 5.0
    radius_log_std: float = 0.25
    ellipsoids: float = 0.35
    rods: float = 0.15
    polyhedra: float = 0.25
    rough: float = 0.25
    axis_log_std: float = 0.15
    rod_aspect: tuple[float, float] = (2.0, 5.0)
    solids: Sequence[str] = ("cube", "octahedron", "truncated_octahedron")
    roughness: float = 0.16
    rough_thickness_px: float = 0.0
    contrast: float = 0.5
    contrast_log_std: float = 0.0
    ramp_std: float = 0.1
    texture_rms: float = 0.05
    texture_px: float = 6.0
    step_px: float = 0.0
    flow_px: tuple[float, float] = (0.0, 0.0)
    stage_step_px: float = 0.0
    growth_px3: float = 0.0
    coalescing: bool = False
    births: float = 0.0
    death: float = 0.0
    blinking: float = 0.0

    def __post_init__(self) -> None:
        number = check.within("number", self.number, 0.0, MOST_PARTICLES)
        most = self.max_particles
        if most is not None:
            most = check.integer("max_particles", most, at_least=1, below=MOST_PARTICLES + 1)
        fields: dict[str, Any] = {
            "number": number,
            "max_particles": most,
            "placing": check.choice("placing", self.placing, PLACINGS),
            "rod_aspect": check.reals("rod_aspect", self.rod_aspect),
            "solids": _checked_solids(self.solids),
            "flow_px": check.reals("flow_px", self.flow_px),
            "coalescing": check.flag("coalescing", self.coalescing),
        }
        for name, (low, high) in RANGES.items():
            fields[name] = check.within(name, getattr(self, name), low, high)
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        self._check_together()

    def _check_together(self) -> None:
        aspect = self.rod_aspect
        if len(aspect) != 2 or not 1 <= aspect[0] <= aspect[1] <= 100:
            raise ValueError(
                "rod_aspect must be (least, most) with 1 <= least <= most <= 100. "
                f"{check.received('rod_aspect', aspect)}"
            )
        if len(self.flow_px) != 2 or not max(map(abs, self.flow_px)) <= LARGEST:
            raise ValueError(
                "flow_px must be (x, y), each within +-1e6. "
                f"{check.received('flow_px', self.flow_px)}"
            )
        if not self.ellipsoids + self.rods + self.polyhedra + self.rough > 0:
            raise ValueError(
                "ellipsoids, rods, polyhedra or rough must be > 0. Received: 0 for all of them"
            )
        if self.radius_px * math.exp(7 * self.radius_log_std) > LARGEST:
            raise ValueError(
                "radius_log_std must be so small that radius_px * exp(7 radius_log_std) is <= 1e6. "
                f"{check.received('radius_log_std', self.radius_log_std)}"
            )

    @property
    def longest_table(self) -> int:
        """Most particles of a sample: max_particles, or what follows from the number."""
        if self.max_particles is not None:
            return self.max_particles
        enough = math.ceil((self.number + 6 * math.sqrt(self.number) + 8) / 8) * 8
        return min(enough, MOST_PARTICLES)

    @property
    def moves(self) -> bool:
        """Whether anything changes from frame to frame."""
        still = ("step_px", "stage_step_px", "growth_px3", "births", "death", "blinking")
        return self.coalescing or any(self.flow_px) or any(getattr(self, name) for name in still)

    def covered_share(self, n_pixels: int) -> float:
        """Share of an image that all outlines together have, on average.

        Args:
            n_pixels: Pixels on each side of the image.
        """
        kinds = self.ellipsoids + self.rods + self.polyhedra + self.rough
        aspect = 0.5 * sum(self.rod_aspect)
        of_rod = 0.49 * (1 + 4 * (aspect - 1) / math.pi)
        mean = (kinds - self.rods + of_rod * self.rods) / kinds
        area = math.pi * self.radius_px**2 * math.exp(2 * self.radius_log_std**2) * mean
        return self.number * area / n_pixels**2

    def truths(self, frame: Frame) -> tuple[Output, ...]:
        """Masks, maps and lists of the particles; of a video, frame by frame."""
        n, most = frame.view_shape[0], self.longest_table
        frames = (frame.n_views,) if frame.n_views > 1 else ()
        image = (*frames, n, n)
        columns = ", ".join(f"{name} ({unit})" if unit else name for name, unit in COLUMNS.items())
        star = (*frames, n // STAR_GRID, n // STAR_GRID, N_RAYS)
        outputs = [
            angles_output(frame.n_views),
            Output("instance", "int16", image, "", "the number of the particle there, 0: none"),
            Output("semantic", "uint8", image, "", f"1 ... 4 for {', '.join(KINDS)}, 0: none"),
            Output("depth", "float32", image, "", "1 in a particle's middle, 0 at its outline"),
            Output("boundary", "uint8", image, "", "1 at the rim of an instance, within it"),
            Output("distance", "float32", image, "px", "to the nearest pixel of another instance"),
            Output("centres", "float32", image, "", "1 in middles, falling off as a Gaussian"),
            Output("rays", "float32", star, "px", "from every second pixel to its outline"),
            _list("boxes", (*frames, most, 4), "px", "left, top, right, bottom of what is visible",
                  frames),
            _count("boxes", frames),
            _list("table", (*frames, most, len(COLUMNS)), "", f"of each particle: {columns}",
                  frames),
            _count("table", frames),
            Output("clean", "float32", image, "", "the image without noise, background 1"),
            Output("scanned", "uint8", image, "", "1 where the scan goes"),
            Output("dose", "float32", (), "electrons", "per pixel of background; 0: no noise"),
        ]  # fmt: skip
        if frames:
            words = "frame of each merge, number of what it made, of the larger and the smaller one"
            outputs += [_list("lineage", (most, 4), "", words, (), "int32"), _count("lineage", ())]
        return tuple(outputs)

    def extent(self) -> Extent:
        """No rings are drawn; the fields' own bounds keep views within float32."""
        return Extent(0.0, 0.0, 0.0, 0.0)

    def lowered(self) -> dict[str, Any]:
        """The values that the core draws by, each under its name."""
        return {
            "kind": self.kind,
            "version": self.version,
            **field_values(self, without=("max_particles", "solids")),
            "max_particles": self.longest_table,
            "solids": tuple(SOLIDS.index(solid) for solid in self.solids),
        }


def _checked_solids(solids: Any) -> tuple[str, ...]:
    listed = check.sequence("solids", solids, "names of polyhedra")
    if not 1 <= len(listed) <= 64:
        raise ValueError(f"solids must hold 1 to 64 names. {check.received('solids', solids)}")
    return tuple(check.choice(f"solids[{i}]", name, SOLIDS) for i, name in enumerate(listed))


def _list(
    name: str,
    shape: tuple[int, ...],
    unit: str,
    meaning: str,
    frames: tuple[int, ...],
    dtype: str = "float32",
) -> Output:
    """A padded list; of a video one for each frame, whose lengths `_count` has."""
    return Output(name, dtype, shape, unit, meaning, length=None if frames else f"n_{name}")


def _count(name: str, frames: tuple[int, ...]) -> Output:
    return Output(f"n_{name}", "int32", frames, "", f"how many entries of {name} there are")
