"""Fields of particles again, slowly and in double precision: from random words to image and masks.

Follows the descriptions of `nanotilt.Field` and `nanotilt.ScanningCamera`. Polyhedra come from
intersecting half spaces, point by point; rough outlines from their Fourier sums.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

import nanotilt as nt
from oracle_random import Position, philox4x32, random_words

Floats = npt.NDArray[np.float64]
FIELD, BODY, TEXTURE, SCAN = 7, 8, 9, 10


def uniform(word: Any) -> Any:
    """In (0, 1)."""
    return (np.asarray(word, dtype=np.float64) + 0.5) / 2**32


def two_normals(radius_word: Any, angle_word: Any) -> tuple[float, float]:
    radius = math.sqrt(-2 * math.log(uniform(radius_word)))
    angle = 2 * math.pi * uniform(angle_word)
    return radius * math.cos(angle), radius * math.sin(angle)


def rotation(words: Any) -> Floats:
    """Of a uniform quaternion (Shoemake 1992)."""
    share = uniform(words[0])
    p, q = 2 * math.pi * uniform(words[1]), 2 * math.pi * uniform(words[2])
    s, t = math.sqrt(1 - share), math.sqrt(share)
    x, y, z, w = s * math.sin(p), s * math.cos(p), t * math.sin(q), t * math.cos(q)
    return np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ])  # fmt: skip


def half_spaces(solid: str) -> tuple[Floats, Floats]:
    """Normals (n, 3) of length 1 and distances (n,) of a solid of the unit sphere's volume."""
    axes = [s * np.eye(3)[a] for a in range(3) for s in (1, -1)]
    diagonals = [np.array(v) / math.sqrt(3) for v in itertools.product((1, -1), repeat=3)]
    known: dict[str, tuple[list[Any], list[float], float]] = {
        "cube": (axes, [1.0] * 6, 8.0),
        "octahedron": (diagonals, [1.0] * 8, 4 * math.sqrt(3)),
    }
    if solid in known:
        normals, distances, volume = known[solid]
    else:
        normals, distances = [*axes, *diagonals], [1.154] * 6 + [1.0] * 8
        # An octahedron less six pyramids; their height is what the cube cuts off.
        height = math.sqrt(3) - 1.154
        volume = 4 * math.sqrt(3) - 6 * (2 / 3) * height**3
    scale = (4 / 3 * math.pi / volume) ** (1 / 3)
    return np.array(normals), scale * np.array(distances)


@dataclass
class Body:
    """Thickness and gauge at points relative to its middle."""

    kind: int
    radius: float
    shape: dict[str, Any]
    x: float = 0.0
    y: float = 0.0

    def at(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return (self._ellipsoid, self._rod, self._polyhedron, self._rough)[self.kind](x, y)

    def _ellipsoid(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        # z of both surfaces: roots of the quadric v' S v = 1.
        s = self.shape["quadric"]
        b = 2 * (s[0, 2] * x + s[1, 2] * y)
        c = s[0, 0] * x**2 + 2 * s[0, 1] * x * y + s[1, 1] * y**2 - 1
        roots = b**2 - 4 * s[2, 2] * c
        thickness = np.sqrt(np.maximum(roots, 0)) / s[2, 2]
        middle = 2 / math.sqrt(s[2, 2])
        inside = np.sqrt(np.maximum(1 - (thickness / middle) ** 2, 0))
        outside = np.sqrt(np.maximum(1 - roots / (4 * s[2, 2]), 1))
        return thickness, np.where(roots > 0, inside, outside)

    def _rod(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        ux, uy = self.shape["direction"]
        half, thin = self.shape["half"], self.shape["thin"]
        along = np.clip(x * ux + y * uy, -half, half)
        distance = np.hypot(x - along * ux, y - along * uy)
        return 2 * np.sqrt(np.maximum(thin**2 - distance**2, 0)), distance / thin

    def _polyhedron(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        thickness = self._through(x, y)
        # The gauge by bisection: the point scaled by 1 / g lies on the outline.
        low, high = np.zeros_like(x), np.full_like(x, 60.0)
        for _ in range(40):
            middle = 0.5 * (low + high)
            inside = self._through(x / middle, y / middle) > 0
            low, high = np.where(inside, low, middle), np.where(inside, middle, high)
        return thickness, high

    def _through(self, x: Floats, y: Floats) -> Floats:
        upper, lower = np.full_like(x, np.inf), np.full_like(x, -np.inf)
        for (nx, ny, nz), distance in zip(*self.shape["half_spaces"], strict=True):
            rest = distance * self.radius - nx * x - ny * y
            if nz > 0:
                upper = np.minimum(upper, rest / nz)
            else:
                lower = np.maximum(lower, rest / nz)
        return np.maximum(upper - lower, 0)

    def _rough(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        phi = np.arctan2(y, x)
        distance = np.ones_like(phi)
        for k, (a, b) in enumerate(self.shape["harmonics"], start=2):
            distance += a * np.cos(k * phi) + b * np.sin(k * phi)
        gauge = np.hypot(x, y) / (self.radius * np.maximum(distance, 0.3))
        plate = self.shape["plate"]
        if plate:
            return np.where(gauge < 1, plate, 0.0), gauge
        return 2 * self.radius * np.sqrt(np.maximum(1 - gauge**2, 0)), gauge


def shaped(field: nt.Field, at: Position, number: int) -> Body:
    words = random_words(at, BODY, 64 * number + np.arange(32))
    shares = np.cumsum([field.ellipsoids, field.rods, field.polyhedra, field.rough])
    kind = int(np.searchsorted(shares / shares[-1], uniform(words[0, 0]), side="right"))
    size, first = two_normals(words[0, 1], words[0, 2])
    radius = field.radius_px * math.exp(field.radius_log_std * size)
    shape: dict[str, Any] = {}
    if kind == 0:
        factors = np.array([first, *two_normals(words[1, 0], words[1, 1])])
        axes = radius * np.exp(field.axis_log_std * factors)
        turn = rotation(words[2])
        shape["quadric"] = turn @ np.diag(axes**-2.0) @ turn.T
    elif kind == 1:
        azimuth = 2 * math.pi * uniform(words[0, 3])
        low, high = field.rod_aspect
        aspect = low + (high - low) * uniform(words[1, 2])
        shape = {
            "direction": (math.cos(azimuth), math.sin(azimuth)),
            "thin": 0.7 * radius,
            "half": 0.7 * radius * (aspect - 1),
        }
    elif kind == 2:
        solid = field.solids[int(words[1, 3]) * len(field.solids) >> 32]
        normals, distances = half_spaces(solid)
        shape["half_spaces"] = (normals @ rotation(words[2]).T, distances)
    else:
        pairs = [two_normals(*words[3 + k, :2]) for k in range(8)]
        shape["harmonics"] = [
            tuple(field.roughness / k * value for value in pair)
            for k, pair in enumerate(pairs, start=2)
        ]
        shape["plate"] = field.rough_thickness_px
    return Body(kind, radius, shape)


def placed_freely(field: nt.Field, at: Position, n_pixels: int) -> list[Body]:
    """All bodies of a sample whose placing is "free"."""
    n_parts = int(field.number / 16) + 1
    mean = field.number / n_parts
    words = random_words(at, FIELD, 64 + np.arange(-(-n_parts // 4))).reshape(-1)[:n_parts]
    wanted = 0
    for word in words:
        term = below = math.exp(-mean)
        k = 0
        while below <= uniform(word):
            k += 1
            term *= mean / k
            below += term
        wanted += k
    bodies = [shaped(field, at, number) for number in range(min(wanted, field.longest_table))]
    for number, body in enumerate(bodies):
        place = random_words(at, BODY, 64 * number + 16)[0]
        body.x, body.y = (n_pixels * uniform(word) for word in place[:2])
    return bodies


def beam(camera: nt.ScanningCamera, at: Position) -> tuple[Floats, Floats]:
    """Where each pixel of the first frame is looked at: x and y, (n, n)."""
    n = camera.n_pixels
    shared = random_words(at, SCAN, 0xFFFF)[0]
    drift = two_normals(shared[0], shared[1])
    rows = random_words(at, SCAN, np.arange(n))
    jitter = np.array([two_normals(*row[:2])[0] for row in rows])
    time = (np.arange(n) + 0.5) / n - 0.5
    turn = np.arange(n) / camera.mains_rows + uniform(shared[2])
    row_x = camera.jitter_px * jitter + camera.drift_px * drift[0] * time
    row_x += camera.mains_px * np.sin(2 * math.pi * turn)
    pulled = camera.flyback_px * np.exp(-np.arange(n) / camera.flyback_columns)
    x = np.arange(n) + 0.5 + pulled + row_x[:, None]
    y = (np.arange(n) + 0.5 + camera.drift_px * drift[1] * time)[:, None] + np.zeros(n)
    return x, y


def support(field: nt.Field, at: Position, n: int) -> Floats:
    """Background, ramp and texture."""
    across, down = two_normals(*random_words(at, FIELD, 1)[0, :2])
    place = (np.arange(n) + 0.5) / n - 0.5
    image = 1 + field.ramp_std * (across * place + down * place[:, None])
    pixels = np.arange(n)
    for words in random_words(at, TEXTURE, np.arange(24)):
        kx, ky = (k / field.texture_px for k in two_normals(words[0], words[1]))
        phase = 2 * math.pi * uniform(words[2])
        wave = np.cos(kx * pixels + ky * pixels[:, None] + phase)
        image = image + field.texture_rms * math.sqrt(2 / 24) * wave
    return image


@dataclass
class Seen:
    """What the oracle makes of a sample."""

    clean: Floats
    depth: Floats
    instance: npt.NDArray[np.int64]
    bodies: list[Body]


def seen(field: nt.Field, camera: nt.ScanningCamera, seed: int, sample: int) -> Seen:
    """The first frame of a sample without counting, of a field whose placing is "free"."""
    at = Position(seed, sample)
    n = camera.n_pixels
    bodies = placed_freely(field, at, n)
    x, y = beam(camera, at)
    straight = np.arange(n) + 0.5
    total = np.zeros((n, n))
    depth, instance = np.zeros((n, n)), np.zeros((n, n), np.int64)
    for number, body in enumerate(bodies, start=1):
        thickness, gauge = body.at(x - body.x, y - body.y)
        total += field.contrast * thickness / (2 * field.radius_px)
        if camera.mode == "edges":
            slope = np.maximum(1 - gauge**2, 0.04)
            total += np.where(gauge < 1, camera.edge_height * (slope**-0.5 - 1), 0)
        if camera.labels == "true":
            _, gauge = body.at(straight - body.x + np.zeros((n, 1)),
                               straight[:, None] - body.y + np.zeros(n))  # fmt: skip
        deeper = 1 - gauge > depth
        depth, instance = np.where(deeper, 1 - gauge, depth), np.where(deeper, number, instance)
    background = support(field, at, n)
    plain = background * np.exp(-total) if camera.mode == "bright_field" else background + total
    clean = gaussian_filter(plain, camera.blur_sigma_px, mode="reflect", truncate=4.0)
    return Seen(np.maximum(clean, 0.05), depth, instance, bodies)


__all__ = ["Body", "Seen", "philox4x32", "seen", "shaped"]
