"""How a sweep begins runs that a `FieldRequest` describes, and goes on with them."""

from __future__ import annotations

from nanotilt.runs.fields import configuration as field_configuration
from nanotilt.runs.fields.configuration import FieldRequest
from nanotilt.runs.folder import RunFolder
from nanotilt.sweeps.cells import Cell, Sweep
from nanotilt.training import Watcher


def check_resumable(folder: RunFolder) -> None:
    """Raises ValueError unless a run that was stopped can go on."""
    field_configuration.read(folder)


def begin(request: FieldRequest, cell: Cell, watcher: Watcher) -> bool:
    """Runs one run from the beginning; tells whether the user stopped it."""
    from nanotilt.training.methods.by_kind import RUNS

    folder = RunFolder.create(cell.folder, overwrite=True)
    return RUNS[request.kind].begin(request, folder, watcher).interrupted


def resume(sweep: Sweep, cell: Cell, watcher: Watcher) -> bool:
    """Goes on with a run that was stopped; tells whether the user stopped it again."""
    from nanotilt.training.methods.by_kind import RUNS

    kind = cell.experiment.asked().kind
    folder = RunFolder.reopen(cell.folder)
    return RUNS[kind].resume(folder, watcher, sweep.n_threads).interrupted
