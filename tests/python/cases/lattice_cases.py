"""Patches of lattices, for tests of what is drawn."""

from __future__ import annotations

import nanotilt as nt
from nanotilt.scenes.scene import Scene


def drawn(
    lattice: Scene, camera: nt.DarkField, seed: int, start: int, count: int, *targets: str
) -> nt.Batch:
    """Samples of one lattice, in electrons."""
    recipe = nt.Recipe({"patch": lattice}, camera, normalise="none", targets=targets)
    return recipe.sample(seed, start, count)


def assert_same(first: nt.Batch, second: nt.Batch) -> None:
    """All outputs of two batches have the same bits."""
    assert first.keys() == second.keys()
    for name in first.keys():  # noqa: SIM118 (iterating over a batch gives arrays)
        assert first[name].tobytes() == second[name].tobytes(), name
