"""The user's own network in a sweep: where an experiment can take one, and that it fits."""

from __future__ import annotations

from collections.abc import Iterable

from nanotilt._base.checks import received
from nanotilt.experiments.experiment import Experiment
from nanotilt.runs.folder import RunFolder
from nanotilt.sweeps import classification
from nanotilt.sweeps.cells import Cell, Sweep
from nanotilt.tasks.kinds import CLASSIFICATION
from nanotilt.training import Watcher


def check_taken(experiment: Experiment, model: str, varied: Iterable[str]) -> None:
    """Raises ValueError, with the reason, where an experiment can't take the user's own network.

    Args:
        experiment: What is to be run.
        model: The network's name, "package.module:function".
        varied: Names of what is varied.
    """
    reason = _reason(experiment)
    if reason:
        raise ValueError(
            f"model must be one of nanotilt's own in {experiment.name}: {reason}. "
            f"{received('model', model)}"
        )
    if "width" in varied:
        raise ValueError(
            "width can't be varied with a network of your own: it is a factor on the units of "
            f"nanotilt's networks. {received('model', model)}"
        )


def _reason(experiment: Experiment) -> str:
    """Why an experiment takes nanotilt's networks alone; empty if it takes others, too."""
    if experiment.kind != CLASSIFICATION:
        return f"it asks for {experiment.kind}, and networks of your own classify"
    if experiment.pretrained_on is not None:
        return (
            f"it starts from the weights of a network that was trained on "
            f"{experiment.pretrained_on}, and takes over layers that nanotilt knows"
        )
    if experiment.network:
        options = ", ".join(f"{name}={value!r}" for name, value in experiment.network.items())
        return f"it is about an option of nanotilt's networks, {options}"
    return ""


def check_fits(sweep: Sweep, cells: Iterable[Cell], watcher: Watcher) -> None:
    """Builds the user's own network for each recipe of the runs that are left.

    What is wrong with it is known before any folder is made. TensorFlow is loaded already.

    Args:
        sweep: All runs.
        cells: Those that are left.
        watcher: Is told.

    Raises:
        TypeError: the function returns no network, or one whose outputs are no float32 tensor.
        ValueError: the function can't be imported, or its network does not fit a recipe.
    """
    from nanotilt.training import beginning, run

    built = set()
    with watcher.stage("Building the network"):
        for cell in cells:
            request, options = classification.asked(sweep, cell, None)
            if request.recipe.digest not in built:
                settings = run.resolve(request, options)
                beginning.new_state(request, settings, RunFolder(cell.folder))
                built.add(request.recipe.digest)
