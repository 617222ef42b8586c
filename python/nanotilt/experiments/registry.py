"""All experiments, in the order of the paper."""

from __future__ import annotations

from nanotilt._base import checks as check
from nanotilt.experiments import (
    carved_spiral,
    chirality,
    chirality_early,
    chirality_off_centre,
    chirality_same_view,
    chirality_third_class,
    dense_hole,
    dense_hole_after_chirality,
    dual,
    dual_carved_spiral,
    dual_dense_hole,
    dual_fading,
    dual_pretrained,
    dual_weighted,
    hole,
    hole_64,
    hole_after_chirality,
    hole_same_view,
    hole_stereo,
    hole_stereo_early,
    small_hole,
    small_hole_same_view,
    small_hole_stereo,
    small_spiral,
    small_spiral_after_chirality,
)
from nanotilt.experiments.experiment import Experiment

_EXPERIMENTS: dict[str, Experiment] = {
    module.EXPERIMENT.name: module.EXPERIMENT
    for module in (
        hole,
        hole_stereo,
        small_hole,
        small_hole_stereo,
        hole_same_view,
        small_hole_same_view,
        hole_stereo_early,
        chirality,
        chirality_off_centre,
        chirality_same_view,
        chirality_early,
        chirality_third_class,
        hole_64,
        hole_after_chirality,
        dual,
        dual_weighted,
        dual_fading,
        dual_pretrained,
        small_spiral,
        small_spiral_after_chirality,
        dense_hole,
        dense_hole_after_chirality,
        dual_dense_hole,
        carved_spiral,
        dual_carved_spiral,
    )
}


def names() -> tuple[str, ...]:
    """Names that `by_name` knows, in the order of the paper."""
    return tuple(_EXPERIMENTS)


def by_name(name: str) -> Experiment:
    """An experiment.

    Raises:
        TypeError: `name` is not a string.
        ValueError: there is no such experiment.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a string. {check.received('name', name)}")
    if name not in _EXPERIMENTS:
        raise ValueError(
            f"name must be one of {', '.join(_EXPERIMENTS)}. {check.received('name', name)}"
        )
    return _EXPERIMENTS[name]
