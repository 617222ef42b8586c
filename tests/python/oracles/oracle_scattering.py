"""X-ray scattering again, slowly: from the parameters of a sample to rates, ratios and tags."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from scipy import special

from nanotilt.scenes.scattering_terms import KINDS, TAGS
from oracle_random import normals
from oracle_scattering_parts import Floats, Part, Parts, Row, kernel

__all__ = ["Scatter", "kernel"]

NOISE = 19


class Scatter(Parts):
    """One sample on one detector."""

    def background(self) -> Floats:
        """All that is no part: the beam, what is constant or smooth, windows, streaks."""
        total = np.zeros_like(self.r)
        pixel = self.k * self.tangent
        for kind, row in zip(self.kinds, self.rows, strict=True):
            c = row["amplitude"] * self.counts
            if kind == "beam":
                sigma = 2 * math.sqrt(2 * math.log(2)) / self.unit
                total += (
                    c
                    * _box_mean(self.x, row["length"] / sigma)
                    * _box_mean(self.y, row["scale"] / sigma)
                )
            elif kind == "silver behenate":
                total += 0.01 * c + 10 * c * self.averaged(lambda q: np.exp(-((800 * q) ** 2) / 3))
            elif kind == "constant":
                total += c
            elif kind == "smooth background":
                total += self.grains(6, row["scale"], c, row["s"] * self.counts)
            elif kind == "square window":
                total += (
                    c * self._window(self.x, row, row["x"]) * self._window(self.y, row, row["y"])
                )
            elif kind == "round window":
                far = np.hypot(self.x - row["x"] * self.unit, self.y - row["y"] * self.unit)
                total += c * special.ndtr(
                    (row["length"] * self.unit - far) / (row["s"] * self.unit)
                )
            elif kind == "streak":
                along, across = (math.sqrt(row[name] / 2) / pixel for name in ("q0", "dq"))
                x, y = (along, across) if row["number"] == 0 else (across, along)
                total += c * _box_mean(self.x, x) * _box_mean(self.y, y)
        return total

    def _window(self, place: Floats, row: Row, middle: float) -> Floats:
        size, blur = row["length"] * self.unit, row["s"] * self.unit
        off = place - middle * self.unit
        return special.ndtr((off + size) / blur) - special.ndtr((off - size) / blur)

    def passed(self) -> Floats:
        """What the stop and an edge let through."""
        light = np.ones_like(self.r)
        for kind, row in zip(self.kinds, self.rows, strict=True):
            blur, size, length = (row[name] * self.unit for name in ("s", "length", "scale"))
            sin, cos = math.sin(row["chi"]), math.cos(row["chi"])
            if kind == "linear stop":
                across = special.ndtr((self.x + size) / blur) - special.ndtr((self.x - size) / blur)
                light *= 1 - special.ndtr((self.y + length) / blur) * across
            elif kind == "round stop":
                along, across = self.x * sin + self.y * cos, np.abs(self.x * cos - self.y * sin)
                stem = np.where(along > 0, across - math.tan(math.radians(2)) * along, np.inf)
                light *= special.ndtr(np.minimum(self.r - size, stem) / blur)
            elif kind == "wedge stop":
                x, y = self.x - length * sin, self.y - length * cos
                along, across = x * sin + y * cos, np.abs(x * cos - y * sin)
                far = across * math.cos(row["stretch"]) - along * math.sin(row["stretch"])
                light *= special.ndtr(far / blur)
            elif kind == "edge":
                light *= special.expit(-(self.q_of(self.r) - row["q0"]) / row["dq"])
        return light

    def spread(self) -> float:
        """Standard deviation of each pixel's background."""
        variance = sum(
            row["s"] ** 2
            for kind, row in zip(self.kinds, self.rows, strict=True)
            if kind == "constant"
        )
        if "silver behenate" in self.kinds:
            variance = (0.4 * 0.01 * self.row("silver behenate")["amplitude"]) ** 2
        return math.sqrt(variance) * self.noise

    def rate(self) -> Floats:
        """Expected counts before stop and noise."""
        return self.background() + sum(part.all for part in self.parts())

    def expected(self) -> Floats:
        """Expected counts, the background's noise among them; without zingers."""
        n = self.detector.n_pixels
        pitch = -(-n // 64) * 64
        noise = normals(self.at, NOISE, pitch * n).reshape(n, pitch)[:, :n]
        seen = (self.rate() + self.spread() * noise) * self.passed() + 0.002 * self.counts
        return np.clip(seen, 0.0, 65535.0)

    def ratios(self) -> Floats:
        """The best signal-to-noise ratio of each tag."""
        passed = self.passed()
        variance = self.rate() * passed + (self.spread() * passed) ** 2 + 0.002 * self.counts
        best = np.zeros(len(TAGS))
        for part in self.parts():
            for tag, signal in _signals(part):
                ratio = math.sqrt(((signal * passed) ** 2 / variance).sum())
                best[TAGS.index(tag)] = max(best[TAGS.index(tag)], ratio)
        return best


def _box_mean(x: Floats, sigma: float) -> Floats:
    """A Gaussian of height 1, its mean over each pixel."""
    share = special.ndtr((x + 0.5) / sigma) - special.ndtr((x - 0.5) / sigma)
    return share * sigma * math.sqrt(2 * math.pi)


def _signals(part: Part) -> Iterator[tuple[str, Floats]]:
    """Tags that a part may have, each with what has to be seen for it."""
    kind = KINDS[int(part.row["kind"])]
    shape = "halo" if "halo" in kind else "ring"
    if kind in ("power law", "high-q"):
        yield {"power law": "low-q", "high-q": "high-q"}[kind], part.all
    elif kind not in ("spheres", "mesostructure", "distorted lattice"):
        yield shape, part.all
    if part.even is not None and not (kind == "coherent halo" and part.row["eta"] <= 0.05):
        if kind != "speckled rings":
            yield f"symmetry {shape}", part.all - part.even
        if part.row["m"] in (2, 4, 6):
            yield f"{part.row['m']:.0f}-fold", part.all - part.even
    if part.higher is not None:
        yield "higher orders", part.higher
