"""The known answers of the stream as the C++ tests read them (tests/cpp/known_answers.cpp).

A build for another compiler or processor is judged by them without Python. Plain text, a word and
its values on each line: `range` (seed, start, samples, particles) for all recipes, `normals` (seed,
index, purpose, groups of 64, digest), then for each recipe its name, its wire bytes in hexadecimal
digits, for measured bounds the number of samples they were measured on, and SHA-256 digests of
little-endian float32 and int32 arrays.

Fields and lattices have files of their own (tests/cpp/field_answers.cpp): each recipe has its
`range` (seed, start, samples) and a digest of every output, and nothing of rings.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping

import numpy as np

import nanotilt as nt
from nanotilt._core import _testing
from nanotilt.recipes.bounds import N_CALIBRATION_SAMPLES
from stream_cases import FIELD_RANGE, field_fingerprint, fingerprint

N_SAMPLES = 2000
# As in stream_cases.fingerprint, whose digests these are.
RANGES = ((7, 0, N_SAMPLES, 20), (2**64 - 1, 2**40 + 1, N_SAMPLES, 20))
NORMALS = ((3, 0, 2, 4000), (2**64 - 1, 2**63 + 5, 1, 100))


def digests(recipe: nt.Recipe) -> dict[str, str]:
    """Of samples and rings, as in the JSON file of known answers."""
    found = fingerprint(recipe, count=N_SAMPLES)
    return {name: found[f"{name} sha256"] for name in ("views", "label", "angle_rad", "rings")}


def bare_kernels(recipe: nt.Recipe) -> str:
    """Digest of projections of a few particles at nine angles, and of these blurred."""
    sha = hashlib.sha256()
    for index in range(3):
        rings, densities = zip(*recipe.particle(7, index), strict=True)
        for sampling in ("ray", "bin"):
            seen = nt.project(
                rings,
                densities,
                angles_rad=[i * math.pi / 9 for i in range(9)],
                n_bins=33,
                lower=-2.0,
                upper=1.75,
                about=(0.25, -0.125),
                sampling=sampling,
            )
            sha.update(seen.astype("<f4").tobytes())
            for sigma in (0.5, 1.75, 20.0):
                sha.update(nt.gaussian_blur(seen, sigma).astype("<f4").tobytes())
    return sha.hexdigest()


def normals(seed: int, index: int, purpose: int, n_groups: int) -> str:
    """Digest of many normals."""
    drawn: np.typing.NDArray[np.float32] = _testing.standard_normals(seed, index, purpose, n_groups)
    return hashlib.sha256(drawn.astype("<f4").tobytes()).hexdigest()


def recipe_lines(name: str, recipe: nt.Recipe) -> Iterator[str]:
    """What the file says of one recipe."""
    yield f"recipe {name}"
    yield f"wire {recipe.packed.hex()}"
    if recipe.normalise == "dataset":
        yield f"calibration_samples {N_CALIBRATION_SAMPLES}"
    for part, digest in digests(recipe).items():
        yield f"{part} {digest}"
    yield f"kernels {bare_kernels(recipe)}"
    yield "end"


def text(cases: Mapping[str, nt.Recipe]) -> str:
    """The whole file of some recipes."""
    lines = [f"range {' '.join(map(str, numbers))}" for numbers in RANGES]
    lines += [f"normals {' '.join(map(str, place))} {normals(*place)}" for place in NORMALS]
    for name, recipe in cases.items():
        lines += recipe_lines(name, recipe)
    return "\n".join(lines) + "\n"


def field_lines(name: str, recipe: nt.Recipe) -> list[str]:
    """What the file of fields, or that of lattices, says of one recipe."""
    outputs = [f"output {output} {sha}" for output, sha in field_fingerprint(recipe).items()]
    return [
        f"recipe {name}",
        f"wire {recipe.packed.hex()}",
        f"range {' '.join(map(str, FIELD_RANGE))}",
        *outputs,
        "end",
    ]
