"""Which recipes of crystals the oracle of defects knows, and the doses it is asked at."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from nanotilt._base import checks as check
from nanotilt.instruments.dark_field import DarkField
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.lattices import Lattice

MOST_PIXELS = 256
"""On each side: all patches that a defect may make of one are drawn."""

USUAL_COUNTS = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)
"""Electrons of each carbon atom at which recipes are looked at that draw this number."""

_STRAIGHT = ("jitter_px", "drift_px", "flyback_px")
_COUNTING = ("readout_noise", "saturation")


def known(recipe: Recipe) -> tuple[Lattice, DarkField, tuple[float, float]]:
    """The lattice with defects, what sees it, shares of perfect ones and of those with defects.

    Raises:
        ValueError: the oracle does not know such recipes.
    """
    camera = recipe.detector
    if not isinstance(camera, DarkField):
        raise ValueError(
            "the recipe must have a DarkField: the oracle knows how defects change what a scanning "
            f"probe counts; it does not know that of {check.kind_in_words(camera)}. "
            f"{check.received('detector', camera)}"
        )
    if camera.n_pixels > MOST_PIXELS:
        raise ValueError(
            f"n_pixels must be <= {MOST_PIXELS}: a defect may be at any site, and each is drawn. "
            f"{check.received('n_pixels', camera.n_pixels)}"
        )
    for name in (*_STRAIGHT, *_COUNTING):
        if getattr(camera, name) != 0:
            raise ValueError(
                f"{name} must be 0: the oracle knows Poisson counts of a straight scan. "
                f"{check.received(name, getattr(camera, name))}"
            )
    scenes = list(recipe.classes.values())
    ranges = [one.fewest_and_most for one in scenes if isinstance(one, Lattice)]
    if sorted(ranges) != [(0, 0), (1, 1)] or len(scenes) != 2:
        raise ValueError(
            "classes must be two, a lattice that is perfect and one with n_defects=1: the oracle "
            f"weighs one defect against none. {check.received('classes', dict(recipe.classes))}"
        )
    place = ranges.index((1, 1))
    perfect, flawed = scenes[1 - place], scenes[place]
    assert isinstance(flawed, Lattice)
    for entry in dataclasses.fields(flawed):
        here, there = (getattr(one, entry.name) for one in (perfect, flawed))
        if entry.name not in ("defects", "n_defects", "max_defects", "relief") and here != there:
            raise ValueError(
                f"{entry.name} must be the same in both classes, or it would tell them apart. "
                f"Received: {entry.name}={here!r} and {there!r}"
            )
    if flawed.ripple_angstrom != 0:
        raise ValueError(
            "ripple_angstrom must be 0: the oracle knows flat sheets. "
            f"{check.received('ripple_angstrom', flawed.ripple_angstrom)}"
        )
    shares = recipe.weights or (1.0, 1.0)
    listed = list(shares.values()) if isinstance(shares, Mapping) else list(shares)
    if not listed[place] > 0:
        raise ValueError(
            "the class with defects must have a share above 0. "
            f"{check.received('weights', recipe.weights)}"
        )
    return flawed, camera, (listed[1 - place], listed[place])


def checked_counts(counts: Any, camera: DarkField) -> tuple[float, ...]:
    """Counts to ask at: those asked for, else what the camera's number or range has.

    Raises:
        TypeError: they are no sequence of numbers.
        ValueError: there are none, one is out of range, or the camera has no noise.
    """
    if counts is None:
        own = camera.counts
        if own is None:
            raise ValueError(
                "counts must be given for a recipe without noise. Received: counts=None"
            )
        if not isinstance(own, tuple):
            return (float(own),)
        return tuple(dose for dose in USUAL_COUNTS if own[0] <= dose <= own[1]) or own
    listed = check.sequence("counts", counts, "a sequence of electrons of each carbon atom")
    if not listed:
        raise ValueError(f"counts must be one at least. {check.received('counts', counts)}")
    return tuple(check.within(f"counts[{i}]", one, 1e-6, 1e9) for i, one in enumerate(listed))
