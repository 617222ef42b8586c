"""Images of atomic lattices again, slowly and in double precision.

Follows the description of `nanotilt.DarkField`: every Gaussian of the probe is summed over the
whole frame, atom by atom, without series, windows or differences.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

import nanotilt as nt
from nanotilt.scenes.lattice_terms import CRYSTALS, ELEMENTS
from nanotilt.scenes.scene import Scene
from oracle_crystal import ROOT3, Atom, Floats, Sample, atoms_of, drawn, mask_of, numbers, seen_at
from oracle_field import two_normals, uniform
from oracle_random import Position, random_words

SCAN, ADATOMS = 10, 15


def looked_at(camera: nt.DarkField, at: Position) -> tuple[Floats, Floats]:
    """Where each pixel is looked at: x (row, column), y (row,)."""
    n = camera.n_pixels
    drift = two_normals(*random_words(at, SCAN, 0xFFFF)[0, :2])
    jitter = np.array(
        [two_normals(*words[:2])[0] for words in random_words(at, SCAN, np.arange(n))]
    )
    time = (np.arange(n) + 0.5) / n - 0.5
    pulled = camera.flyback_px * np.exp(-np.arange(n) / camera.flyback_columns)
    rows = camera.jitter_px * jitter + camera.drift_px * drift[0] * time
    return np.arange(n) + pulled + rows[:, None], np.arange(n) + camera.drift_px * drift[1] * time


def adatoms(lattice: nt.Lattice, camera: nt.DarkField, at: Position) -> Floats:
    """Places of scattered atoms (n, 2) in pixels, in and around the frame."""
    tile = 4.0 / camera.pixel_angstrom
    middle = (camera.n_pixels - 1) / 2
    reach = math.ceil((camera.n_pixels / 2 + 60 / camera.pixel_angstrom / 4) / tile) + 1
    chance = lattice.adatoms_per_nm2 * 0.16 / 4
    places = []
    for row in range(-reach, reach):
        columns = np.arange(-reach, reach)
        blocks = (4 * (columns & 0xFFFF)[:, None] + np.arange(4)).ravel()
        words = random_words(at, ADATOMS | (row & 0xFFFF) << 8, blocks)
        there = uniform(words[:, 0]) < chance
        x = middle + tile * (np.repeat(columns, 4) + uniform(words[:, 1]))
        y = middle + tile * (row + uniform(words[:, 2]))
        places.append(np.column_stack([x, y])[there])
    return np.concatenate(places)


def gaussians(places: Floats, weights: Floats, sigma: float, x: Floats, y: Floats) -> Floats:
    """Sum of Gaussians of unit mass times their weights."""
    down = np.exp(-((y[:, None] - places[:, 1]) ** 2) / (2 * sigma**2)) * weights
    down /= 2 * math.pi * sigma**2
    if np.ptp(x, axis=0).max() == 0:
        across: Floats = np.exp(-((x[0] - places[:, :1]) ** 2) / (2 * sigma**2))
        return np.asarray(down @ across)
    return np.stack([
        one @ np.exp(-((line - places[:, :1]) ** 2) / (2 * sigma**2))
        for one, line in zip(down, x, strict=True)
    ])  # fmt: skip


def contamination(lattice: nt.Lattice, camera: nt.DarkField, at: Position) -> Floats:
    x, y = looked_at(camera, at)
    middle = (camera.n_pixels - 1) / 2
    thickness = np.zeros_like(x)
    words, drawn_normals = numbers(at)
    for word, (kx, ky) in zip(words[32:40], drawn_normals[16:32].reshape(8, 2), strict=True):
        phase = 2 * math.pi * float(uniform(word))
        along = (kx * (x - middle) + ky * (y[:, None] - middle)) * camera.pixel_angstrom
        wave = np.cos(along / lattice.contamination_length_angstrom + phase)
        thickness += math.sqrt(2 / 8) * wave
    return lattice.contamination * thickness


@dataclass
class Seen:
    """What the oracle makes of a sample."""

    sample: Sample
    expected: Floats  # electrons
    clean: Floats  # without defects
    atoms: list[Atom]
    places: Floats  # of the atoms in pixels
    mask: npt.NDArray[np.uint8]

    @property
    def contrast(self) -> float:
        return float(self.expected.std())


def seen(lattice: nt.Lattice, camera: nt.DarkField, seed: int, sample: int) -> Seen:
    """Expected electrons of each pixel, with and without defects, and the lists of truths."""
    at = Position(seed, sample)
    words = drawn(lattice, camera, at)
    crystal = CRYSTALS[lattice.crystal]
    bond, pixel = crystal.a / ROOT3, camera.pixel_angstrom
    weigh = dict(zip(ELEMENTS, camera.weights, strict=True))
    beyond = (
        7 * max(words.sigmas)
        + 2
        + pixel * (4 * camera.jitter_px + 4 * camera.drift_px + abs(camera.flyback_px))
    )
    atoms = atoms_of(lattice, camera, words, beyond)
    sites = np.array([atom.site for atom in atoms]) * bond
    before = seen_at(lattice, camera, at, words, sites)
    offsets = np.array([atom.offset for atom in atoms]) * bond
    after = seen_at(lattice, camera, at, words, sites + offsets)
    own = (crystal.at_a, crystal.at_b)
    perfect = np.array([sum(weigh[e] for e in own[atom.sublattice]) for atom in atoms])
    flawed = np.array([sum(weigh[e] for e in atom.elements) for atom in atoms])
    cell = crystal.a**2 * ROOT3 / 2
    mean = words.counts * sum(weigh[e] for column in own for e in column) * pixel**2 / cell
    background = mean * np.maximum(words.background + contamination(lattice, camera, at), 0)
    if lattice.adatoms_per_nm2 > 0:
        scattered = adatoms(lattice, camera, at)
        extra = np.full(len(scattered), weigh[lattice.adatom])
        before, after = (np.concatenate([list_, scattered]) for list_ in (before, after))
        perfect, flawed = (np.concatenate([list_, extra]) for list_ in (perfect, flawed))
    x, y = looked_at(camera, at)
    total = sum(camera.probe.shares)
    images = []
    for places, weights in ((after, flawed), (before, perfect)):
        image = background.copy()
        for sigma, share in zip(words.sigmas, camera.probe.shares, strict=True):
            image += words.counts * share / total * gaussians(places, weights, sigma / pixel, x, y)
        images.append(image)
    return Seen(words, images[0], images[1], atoms, after[: len(atoms)],
                mask_of(lattice, camera, words, atoms, after))  # fmt: skip


def patches(
    lattice: Scene, camera: nt.DarkField, seed: int, start: int, count: int, *targets: str
) -> nt.Batch:
    """Samples of one lattice as nanotilt draws them, in electrons, to be compared."""
    recipe = nt.Recipe({"patch": lattice}, camera, normalise="none", targets=targets)
    return recipe.sample(seed, start, count)
