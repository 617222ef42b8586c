"""X-ray scattering again, slowly: from the parameters of a sample to what its parts add.

What the table of parameters does not hold (rings, spots, turns, grains) is drawn again from the
words that belong to it. Profiles are averaged over a pixel's width along the radius, by 200 values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

import nanotilt as nt
from nanotilt.scenes.scattering_terms import COLUMNS, KINDS
from oracle_random import Position, normals, random_words
from oracle_scattering_peaks import peaks

Floats: TypeAlias = Any
"""Arrays of float64; NumPy's types do not tell what sums and products of these are."""
Row: TypeAlias = dict[str, float]
Profile: TypeAlias = Callable[..., Floats]

SCATTERING, GRAIN = 17, 18
FIRST_PART = 16
REFERENCE_Q = 5.6902e-4
SPHERES_APART, SPHERE, BOX = 25.0, 10.0, 1000.0


@dataclass
class Part:
    """What one contribution adds; `even`: its mean over the azimuth; `higher`: less one order."""

    row: Row
    all: Floats
    even: Floats | None = None
    higher: Floats | None = None


def gaussian(z: Floats, sigma: float) -> Floats:
    return np.exp(-(z**2) / (2 * sigma**2))


def kernel(angle: Floats, eta: float) -> Floats:
    """The Poisson kernel: mean 1, peak (1 + eta) / (1 - eta)."""
    return (1 - eta**2) / ((1 + eta) ** 2 - 4 * eta * np.cos(angle / 2) ** 2)


def sphere(x: Floats) -> Floats:
    x = np.maximum(np.abs(x), 1e-2)  # below, rounding is worse than 1 - x^2 / 5
    return ((np.sin(x) - x * np.cos(x)) / x**3) ** 2


class Parts:
    """Contributions and diffuse scattering of one sample on one detector."""

    def __init__(self, detector: nt.AreaDetector, batch: nt.Batch, i: int, at: Position) -> None:
        self.detector, self.at = detector, at
        table = batch["parameters"][i, : batch["n_parameters"][i]].astype(float)
        self.rows: list[Row] = [dict(zip(COLUMNS, row, strict=True)) for row in table]
        self.kinds = [KINDS[int(row["kind"])] for row in self.rows]
        n = detector.n_pixels
        self.unit = 75.0 / detector.pixel_um
        self.counts = detector.light / self.unit**2
        self.noise = detector.light / self.unit
        if detector.exposure == "per pixel":
            self.counts = self.noise = detector.light
        self.k = 2 * math.pi * detector.energy_kev / 12.398419
        self.tangent = detector.pixel_um * 1e-6 / detector.distance_m
        beam = self.row("beam")
        place = np.arange(n) + 0.5
        self.x, self.y = np.meshgrid(place - beam["x"] * n, place - beam["y"] * n)
        self.r = np.hypot(self.x, self.y)
        self.chi = np.arctan2(self.x, self.y)

    def row(self, kind: str) -> Row:
        return self.rows[self.kinds.index(kind)]

    def q_of(self, r: Floats) -> Floats:
        return 2 * self.k * np.sin(0.5 * np.arctan(r * self.tangent))

    def averaged(self, profile: Profile) -> Floats:
        """A profile over q at every pixel, its mean over a pixel's width along the radius."""
        total = np.zeros_like(self.r)
        for shift in (np.arange(200) + 0.5) / 200 - 0.5:
            total += profile(self.q_of(np.abs(self.r + shift)))
        return total / 200

    def words(self, part: int, first: int, n: int) -> Floats:
        """Uniform numbers of a contribution, by their places."""
        blocks = np.arange(first // 4, (first + n + 3) // 4)
        words = random_words(self.at, SCATTERING | (FIRST_PART + part) << 8, blocks)
        return ((words.reshape(-1) + 0.5) / 2**32)[first % 4 :][:n]

    def parts(self) -> Iterator[Part]:
        """All contributions, then what is diffuse, each sort of that as one part."""
        number = 0
        for kind, row in zip(self.kinds, self.rows, strict=True):
            if KINDS.index(kind) < 10:
                yield self.contribution(kind, row, number)
                number += 1
            elif kind == "silver behenate":
                yield self.behenate(row)
        for turned in (False, True):
            low = [
                self.low_q(kind, row)
                for kind, row in zip(self.kinds, self.rows, strict=True)
                if kind in ("power law", "ornstein-zernike", "debye-bueche", "guinier")
                and (row["chi"] != 0) == turned
            ]
            if low:
                yield Part({"kind": KINDS.index("power law"), "turned": turned}, sum(low))
        for kind, row in zip(self.kinds, self.rows, strict=True):
            if kind == "high-q":
                s2 = row["s"] ** 2
                top = row["amplitude"] * self.counts / -math.expm1(-s2 * 0.01)
                yield Part(
                    row, self.stretched(row, lambda q, s2=s2, top=top: -top * np.expm1(-s2 * q**2))
                )

    def stretched(self, row: Row, profile: Profile) -> Floats:
        """A profile over q, or over q sqrt(sin^2 + stretch^2 cos^2) of the angle to chi."""
        if row["stretch"] == 1:
            return self.averaged(profile)
        return profile(self.distorted(row))

    def distorted(self, row: Row) -> Floats:
        angle = self.chi - row["chi"]
        stretch = np.sqrt(np.sin(angle) ** 2 + (row["stretch"] * np.cos(angle)) ** 2)
        return self.q_of(self.r) * stretch

    def low_q(self, kind: str, row: Row) -> Floats:
        length = row["length"]
        profile: dict[str, Profile] = {
            "power law": lambda q: (np.maximum(q / REFERENCE_Q, 0.5)) ** row["s"],
            "ornstein-zernike": lambda q: 1 / (1 + (q * length) ** 2),
            "debye-bueche": lambda q: 1 / (1 + (q * length) ** 2) ** 2,
            "guinier": lambda q: np.exp(-((q * length) ** 2) / 3),
        }
        return row["amplitude"] * self.counts * self.stretched(row, profile[kind])

    def behenate(self, row: Row) -> Part:
        shares = (
            1, .5965, .3822, .1798, .1123, .0825, .0627, .0462, .0391, .0332, .0352
        )  # fmt: skip
        rings = [*zip(range(1, 12), shares, strict=True), (12.7230, 0.0771), (12.8903, 0.0678)]
        c = row["amplitude"] * self.counts
        first, *others = (
            c * share * self.averaged(lambda q, o=o: gaussian(q - o * 0.1076, 0.05 * 0.1076))
            for o, share in rings
        )
        return Part(row, first + sum(others), higher=sum(others))

    def contribution(self, kind: str, row: Row, number: int) -> Part:
        c, q0, dq, s = row["amplitude"] * self.counts, row["q0"], row["dq"], row["s"]
        azimuth = kernel(row["m"] * (self.chi - row["chi"]), row["eta"])
        if kind in ("ring", "halo", "coherent halo"):
            even = c * self.averaged(lambda q: gaussian(q - q0, dq))
            if kind != "ring":
                even *= -np.expm1(-((s * self.q_of(self.r)) ** 2))
            if kind == "coherent halo":
                even *= self.grains(number, row["scale"], 10.0, 7.0)
            return Part(row, even * azimuth, even)
        if kind == "rings":
            orders = [
                math.exp(-((s * q0) ** 2) * (i**2 - 1))
                * self.averaged(lambda q, i=i: gaussian(q - i * q0, dq))
                for i in range(1, 25)
            ]
            scale = c * (1 - row["eta"]) / (1 + row["eta"])
            even, higher = scale * sum(orders), scale * sum(orders[1:])
            return Part(row, even * azimuth, even, higher * azimuth)
        if kind == "spheres":
            return Part(row, c * self.averaged(lambda q: sphere(q * row["length"])))
        if kind in ("lattice", "distorted lattice"):
            return self.lattice(kind, row, c)
        if kind == "mesostructure":
            return Part(row, c * self.mesostructure(row, number))
        return self.many_rings(kind, row, number, c)

    def lattice(self, kind: str, row: Row, c: float) -> Part:
        x, weight = peaks(int(row["number"]))
        q0, dq, radius = row["q0"], row["dq"], row["length"]

        def weakened(q: Floats) -> Floats:
            return np.exp(-((row["s"] * 2 * math.pi * q / q0) ** 2))

        def of_orders(q: Floats, form: Floats) -> Floats:
            return form * weakened(q) / np.maximum(q, REFERENCE_Q / 2) ** 2

        def between(q: Floats) -> Floats:
            return sphere(q * radius) * (1 - weakened(q))

        plain = kind == "lattice"

        def profile(q: Floats) -> Floats:
            sum_of = sum(w * gaussian(q - h * q0, dq) for h, w in zip(x, weight, strict=True))
            value = of_orders(q, sphere(q * radius)) * sum_of
            return value + between(q) if plain else value

        places = np.concatenate([x * q0, q0 * 2.0 ** ((np.arange(96) - 80) / 8)])
        scale = c / profile(places).max()
        if plain:
            form = self.averaged(lambda q: of_orders(q, sphere(q * radius)))
            rings = [
                w * form * self.averaged(lambda q, h=h: gaussian(q - h * q0, dq))
                for h, w in zip(x, weight, strict=True)
            ]
            all_of_it = sum(rings) + self.averaged(between)
            return Part(row, scale * all_of_it, higher=scale * sum(rings[1:]))
        q = self.distorted(row)
        stays = row["scale"] == 1
        pixel2 = (self.k * self.tangent) ** 2 * (1 + row["stretch"] ** 2) / 24
        width = math.hypot(dq, math.sqrt(pixel2))
        form = self.averaged(lambda p: sphere(p * radius)) if stays else sphere(q * radius)
        shape = scale * of_orders(q, form) * dq / width
        rings = [w * shape * gaussian(q - h * q0, width) for h, w in zip(x, weight, strict=True)]
        return Part(row, sum(rings), higher=sum(rings[1:]))

    def many_rings(self, kind: str, row: Row, number: int, c: float) -> Part:
        total, even, higher = (np.zeros_like(self.r) for _ in range(3))
        for i in range(int(row["number"])):
            u = self.words(number, 32 + 32 * i, 32)
            q = row["q0"] + i * row["scale"] * (0.2 + 1.3 * u[0])
            ring = c * (0.1 + 0.9 * u[1]) * self.averaged(lambda p, q=q: gaussian(p - q, row["dq"]))
            spots, mean = np.ones_like(ring), 1.0
            if kind == "speckled rings":
                n = 2 + int(13 * u[2])
                places = math.pi * (2 * u[3 : 3 + 2 * n : 2] - 1)
                shares = 0.001 + 0.999 * u[4 : 4 + 2 * n : 2]
                spots, mean = np.zeros_like(ring), float(shares.sum())
                for place, share in zip(places, shares, strict=True):
                    spots += share * kernel(row["m"] * (self.chi - place), row["eta"])
            total += ring * spots
            even += ring * mean
            higher += ring * spots if i > 0 else 0.0
        return Part(row, total, even if kind == "speckled rings" else None, higher)

    def mesostructure(self, row: Row, number: int) -> Floats:
        """A sum over 27 spheres squared, in steps of the transform of a box of 1000."""
        zoom, n_turns = row["scale"], int(row["number"])
        width, middle = BOX / 8, BOX / 16

        def shape(q: Floats) -> Floats:
            u = q / (REFERENCE_Q * zoom)
            form = sphere(2 * math.pi * u / BOX * SPHERE)
            value = form * gaussian(u, width) * -np.expm1(-u / middle)
            return np.where(u < 3.4 * width, value, 0.0)

        step = self.k * self.tangent / (REFERENCE_Q * zoom)  # of the transform for each pixel
        total = np.zeros_like(self.r)
        corners = np.stack(np.meshgrid(*[[-1, 0, 1]] * 3), -1).reshape(-1, 3) * SPHERES_APART
        for turn in range(n_turns):
            u = self.words(number, 1024 + 4 * turn, 3)
            a, cos_b, c = 2 * math.pi * u[0], 2 * u[1] - 1, 2 * math.pi * u[2]
            sin_b = math.sqrt(1 - cos_b**2)
            about_z, about_x, again = (
                np.array(
                    [[math.cos(a), -math.sin(a), 0], [math.sin(a), math.cos(a), 0], [0, 0, 1]]
                ),
                np.array([[1, 0, 0], [0, cos_b, -sin_b], [0, sin_b, cos_b]]),
                np.array(
                    [[math.cos(c), -math.sin(c), 0], [math.sin(c), math.cos(c), 0], [0, 0, 1]]
                ),
            )
            places = corners @ (again @ about_x @ about_z).T
            phase = 2 * math.pi * step / BOX * (
                places[:, 0, None, None] * self.x + places[:, 1, None, None] * self.y
            )  # fmt: skip
            total += np.abs(np.exp(1j * phase).sum(axis=0)) ** 2
        largest = shape(np.arange(256) * (width / 128) * REFERENCE_Q * zoom).max()
        share = max(0.05 * n_turns, 0.5) if n_turns > 1 else 0.5
        return self.averaged(shape) * total / (largest * 27**2 * share)

    def grains(self, field: int, grain: float, mean: float, std: float) -> Floats:
        """A cubic B-spline through normals on a grid, cut at 0."""
        step = grain * self.unit
        place = (np.arange(self.detector.n_pixels) + 0.5) / step
        first = place.astype(int)
        n = int(first.max()) + 4
        nodes = np.stack([normals(self.at, GRAIN | (8 * i + field) << 8, n) for i in range(n)])
        f = place - first
        weights = (
            np.stack([(1 - f) ** 3, 4 - 6 * f**2 + 3 * f**3, 1 + 3 * f + 3 * f**2 - 3 * f**3, f**3])
            / 6
        )
        spline = np.zeros((len(f), n))
        for j in range(4):
            spline[np.arange(len(f)), first + j] = weights[j]
        return np.maximum(mean + std * (315 / 151) * (spline @ nodes @ spline.T), 0.0)
