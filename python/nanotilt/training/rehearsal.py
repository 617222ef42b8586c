"""Finds out before training what would fail after it: room for files, memory, the report."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from nanotilt import limits
from nanotilt._base.checks import received
from nanotilt.recipes import measure
from nanotilt.runs.configuration import Request
from nanotilt.runs.folder import RunFolder
from nanotilt.runs.settings import Settings

_BYTES_PER_PARAMETER = 4 * 8
"""A checkpoint holds weights, two moments of the optimizer and the best weights; of two checkpoints
each is there for a moment while one replaces the other."""

_OTHER_BYTES = 2**24
"""Report, insight and history, generously."""


def rehearse(request: Request, settings: Settings, n_parameters: int, folder: RunFolder) -> None:
    """Does on a small scale what follows training.

    Args:
        request: What is to be trained.
        settings: How.
        n_parameters: Parameters of the network.
        folder: Where its files go.

    Raises:
        ImportError: what the report is drawn with is not installed.
        OSError: there is no room for the run's files.
        ValueError: the test's predictions don't fit into memory, or a sample can't be drawn.
    """
    check_room(folder.path, n_parameters)
    _check_memory(settings, request.asked.n_outputs)
    _draw_a_sample(request, settings)


def check_room(path: Path, n_parameters: int) -> None:
    """Finds out whether a run's files fit on the disk.

    Args:
        path: The run's folder.
        n_parameters: Parameters of the network.

    Raises:
        OSError: they don't.
    """
    free = shutil.disk_usage(path).free
    needed = _BYTES_PER_PARAMETER * n_parameters + _OTHER_BYTES
    if free < needed:
        raise OSError(
            f"the out folder {path} has too little room: a run needs some "
            f"{needed / 1e6:,.0f} MB. Received: {free / 1e6:,.0f} MB"
        )


def _check_memory(settings: Settings, n_outputs: int) -> None:
    """The test keeps a label and all probabilities of each sample."""
    for field in ("validation_samples", "test_samples"):
        count = getattr(settings, field)
        if 4 * (1 + n_outputs) * count > _memory_bytes():
            raise ValueError(
                f"{field} must be small enough for their predictions to fit into memory. "
                f"{received(field, count)}"
            )


def _memory_bytes() -> int:
    """Memory that this machine has; where the system does not tell, more than any has."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return 2**63


def _draw_a_sample(request: Request, settings: Settings) -> None:
    """Measures and draws the first sample as the report does, its class's name beside it."""
    from nanotilt.report import style
    from nanotilt.report.drawing import Scales, card, draw_sample
    from nanotilt.report.page import report_page  # noqa: F401  all that draws the report loads here

    recipe = request.recipe
    sample = draw_sample(recipe, settings.seed, 0)
    measure.quantities(recipe, settings.seed, 0, recipe.sample(settings.seed, 0, 1).label)
    limits.measured(recipe)  # the report shows it
    figure = card(recipe, sample, Scales.of(recipe, [sample]))
    style.inline_svg(figure, f"{request.recipe_name}: {', '.join(recipe.class_names)}")
