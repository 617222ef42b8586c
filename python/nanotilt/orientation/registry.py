"""All orientation experiments, in the order of the paper."""

from __future__ import annotations

from nanotilt._base import checks as check
from nanotilt.orientation import (
    s_projection_ground_truth,
    s_projection_label_free,
    s_reconstruction,
    square_curriculum,
    square_expanding,
    square_ground_truth,
    square_label_free,
    square_pretrained,
    square_u_net,
    square_u_net_without_skips,
    t_projection_ground_truth,
)
from nanotilt.orientation.experiment import OrientationExperiment

_EXPERIMENTS: dict[str, OrientationExperiment] = {
    module.EXPERIMENT.name: module.EXPERIMENT
    for module in (
        square_ground_truth,
        square_pretrained,
        square_expanding,
        square_curriculum,
        square_label_free,
        square_u_net,
        square_u_net_without_skips,
        s_projection_ground_truth,
        s_projection_label_free,
        s_reconstruction,
        t_projection_ground_truth,
    )
}


def names() -> tuple[str, ...]:
    """Names that `by_name` knows, in the order of the paper."""
    return tuple(_EXPERIMENTS)


def by_name(name: str) -> OrientationExperiment:
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
