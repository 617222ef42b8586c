"""The state after an epoch, complete enough to go on as if nothing had happened."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from nanotilt._base.decoding import decode, member
from nanotilt._base.files import flush_to_disk
from nanotilt._base.optional import needed_for
from nanotilt._base.text_files import damaged, read_json_object
from nanotilt.runs.folder import RunFolder
from nanotilt.runs.records import EpochRecord, Try

with needed_for("Training"):
    import keras

Record = TypeVar("Record")
"""A line of the history."""

_COMPLETE = re.compile(r"checkpoint-epoch-(\d+)")
_STATE, _MODEL, _ARRAYS = "state.json", "model.keras", "arrays.npz"


@dataclass(frozen=True)
class BestWeights:
    """The weights with the smallest validation loss so far.

    Attributes:
        epoch: The epoch after which they were taken.
        val_loss: Their validation loss.
        weights: What ``model.get_weights()`` gave.
    """

    epoch: int
    val_loss: float
    weights: list[npt.NDArray[Any]]


@dataclass(frozen=True)
class State(Generic[Record]):
    """What is needed to go on after an epoch.

    Attributes:
        model: The network with its optimizer.
        history: The epochs done, counted from 1.
        best: The best weights, for runs that stop early.
        seconds: Time spent so far, by what it was spent on.
        failed: Earlier tries, which stayed at chance.
    """

    model: keras.Model
    history: tuple[Record, ...]
    best: BestWeights | None
    seconds: dict[str, float]
    failed: tuple[Try, ...] = ()


Checkpoint = State[EpochRecord]
"""That of a network that classifies."""


@dataclass(frozen=True)
class _Best:
    """What state.json tells of the best weights, which are in arrays.npz."""

    epoch: int
    val_loss: float
    n_weights: int


@dataclass(frozen=True)
class _Told:
    """What state.json holds besides the history."""

    best: _Best | None
    seconds: dict[str, float]
    failed: tuple[Try, ...]


def save(folder: RunFolder, checkpoint: State[Any]) -> None:
    """Writes a checkpoint beside the previous one, names it in one step, then removes that one."""
    final = folder.path / f"checkpoint-epoch-{len(checkpoint.history):04d}"
    partial = final.with_name(f"{final.name}.{secrets.token_hex(8)}.partial")
    partial.mkdir()
    try:
        _write(partial, checkpoint)
        shutil.rmtree(final, ignore_errors=True)
        os.replace(partial, final)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    for path in _all(folder):
        if path != final:
            shutil.rmtree(path)


def _write(partial: Path, checkpoint: State[Any]) -> None:
    """Writes the files of a checkpoint, and waits until they are on disk."""
    checkpoint.model.save(partial / _MODEL)
    # The states of the dropout layers' generators are no weights: a .keras file leaves them out.
    arrays = {f"generator_{i}": v.numpy() for i, v in enumerate(_generators(checkpoint.model))}
    if checkpoint.best is not None:
        arrays |= {f"best_{i}": weight for i, weight in enumerate(checkpoint.best.weights)}
    np.savez(partial / _ARRAYS, **arrays)
    (partial / _STATE).write_text(json.dumps(_state(checkpoint), indent=2), encoding="utf-8")
    for path in partial.iterdir():
        flush_to_disk(path)


def load_latest(folder: RunFolder) -> Checkpoint | None:
    """Reads the last complete checkpoint of a network that classifies; see `load_state`."""
    return load_state(folder, EpochRecord)


def load_state(folder: RunFolder, record: type[Record]) -> State[Record] | None:
    """Reads the last complete checkpoint, or None if no epoch was completed.

    Args:
        folder: The run's folder.
        record: What the lines of its history are.

    Raises:
        ValueError: it is damaged.
    """
    paths = [path for path in _all(folder) if _COMPLETE.fullmatch(path.name)]
    if not paths:
        return None
    path = max(paths, key=lambda path: int(path.name.rpartition("-")[2]))
    try:
        return _load(path, record)
    except Exception as error:  # Keras, HDF5, zip and NumPy each raise what they like
        words = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"the checkpoint {path} is damaged: {words}") from error


def remove_all(folder: RunFolder) -> None:
    """Deletes all checkpoints, complete or not."""
    for path in _all(folder):
        shutil.rmtree(path)


def _all(folder: RunFolder) -> list[Path]:
    return list(folder.path.glob("checkpoint-epoch-*"))


def _load(path: Path, record: type[Record]) -> State[Record]:
    history, state = _read_state(path / _STATE, record)
    model = keras.saving.load_model(path / _MODEL)
    with (path / _ARRAYS).open("rb") as file, np.load(file) as arrays:
        for i, variable in enumerate(_generators(model)):
            variable.assign(arrays[f"generator_{i}"])
        best = None
        if state.best is not None:
            weights = [arrays[f"best_{i}"] for i in range(state.best.n_weights)]
            best = BestWeights(state.best.epoch, state.best.val_loss, weights)
    return State(model, history, best, state.seconds, state.failed)


def _read_state(path: Path, record: type[Record]) -> tuple[tuple[Record, ...], _Told]:
    value = read_json_object(path)
    try:
        # A network that went astray has losses that are no numbers; its run can go on all the same.
        history = member(value, "history", tuple[record, ...], finite=False)  # type: ignore[valid-type]
        told = decode(_Told, value, "", finite=False, lenient=True)
        if not history:
            raise ValueError("history must hold one epoch at least. Received: history=[]")
    except ValueError as error:
        raise damaged(path, error) from error
    return history, told


def _state(checkpoint: State[Any]) -> dict[str, Any]:
    best = checkpoint.best
    told = _Told(
        None if best is None else _Best(best.epoch, best.val_loss, len(best.weights)),
        checkpoint.seconds,
        checkpoint.failed,
    )
    history = [dataclasses.asdict(record) for record in checkpoint.history]
    return {"history": history, **dataclasses.asdict(told)}


def put_into(source: keras.Model, target: keras.Model) -> None:
    """Gives a network the whole state of another that was built alike, its optimizer's included.

    Args:
        source: A network as a checkpoint holds it.
        target: One that the same code has built and compiled.

    Raises:
        ValueError: they are not alike.
    """
    target.optimizer.build(target.trainable_variables)
    theirs = [*source.variables, *source.optimizer.variables]
    ours = [*target.variables, *target.optimizer.variables]
    shapes = [[tuple(variable.shape) for variable in each] for each in (theirs, ours)]
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"the network of the checkpoint must be built as the run's own. "
            f"Received: {len(theirs)} variables, not the {len(ours)} of the same shapes"
        )
    for variable, value in zip(ours, theirs, strict=True):
        variable.assign(value)


def _generators(model: keras.Model) -> list[Any]:
    """The states of a network's random generators."""
    weights = {id(weight) for weight in model.weights}
    return [variable for variable in model.variables if id(variable) not in weights]
