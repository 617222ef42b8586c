"""All experiments of all papers, in the papers' order."""

from __future__ import annotations

from nanotilt._base import checks as check
from nanotilt.experiments import ai4sd_2022, lashley_2017, laurie_2024, pearson, sullivan_2020
from nanotilt.experiments.experiment import Experiment
from nanotilt.tasks.kinds import KINDS

_EXPERIMENTS: dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in (
        *sullivan_2020.EXPERIMENTS,
        *laurie_2024.EXPERIMENTS,
        *pearson.EXPERIMENTS,
        *ai4sd_2022.EXPERIMENTS,
        *lashley_2017.EXPERIMENTS,
    )
}


def names(kind: str | None = None) -> tuple[str, ...]:
    """Names that `by_name` knows, paper by paper.

    Args:
        kind: "classification", "orientation", "segmentation", "anomaly", "detection" or
            "tagging": only experiments that ask this. None: all.

    Raises:
        TypeError: `kind` is not a string.
        ValueError: there is no such kind.
    """
    if kind is not None:
        kind = check.choice("kind", kind, KINDS)
    return tuple(name for name, one in _EXPERIMENTS.items() if kind in (None, one.kind))


def by_name(name: str) -> Experiment:
    """The experiment of a name.

    Args:
        name: One of `names()`.

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
