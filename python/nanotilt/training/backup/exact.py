"""A Keras callback that lets training go on bit for bit where it was killed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base.checks import integer, received
from nanotilt._base.files import check_writable, write_whole
from nanotilt._base.optional import needed_for
from nanotilt._base.text_files import damaged

with needed_for("nanotilt.training.ExactBackup"):
    import keras

Arrays = dict[str, npt.NDArray[Any]]

_FORMAT = 1
_TOLD = "told"
"""The array that holds all that is no array, as JSON in UTF-8."""

_NEVER_KEPT = ("model", "params", "_model", "_params")


class ExactBackup(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps the whole state of training after each epoch, and goes on from it, bit for bit.

    The state is the network's weights, those of the optimizer, the number of gradient steps, the
    generators of dropout, and what other callbacks know; and how many samples were trained on, so
    that the stream goes on with the first that was not. Killed at any moment and started again, the
    same script ends with the same weights on the same machine with the same versions and threads;
    at most an epoch is trained anew. An epoch is any number of steps of an endless stream.

    Args:
        path: The file, such as "backup.npz". It is written beside and renamed, so that it is whole
            whenever the process is killed. If it is there already, training goes on from it.
        batch_size: Samples in a step.
        callbacks: Other callbacks whose state is kept, such as EarlyStopping: their numbers,
            strings and arrays. They stand before the backup in the list that `fit` is given, and
            in the same order each time.

    Attributes:
        history: The logs of each epoch done, those before an interruption too.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value, or the file is damaged.
        OSError: The file can't be read, or could not be written.

    Example:
        >>> backup = nt.training.ExactBackup("backup.npz", batch_size=256)  # doctest: +SKIP
        >>> model.fit(  # doctest: +SKIP
        ...     nt.stream(recipe, seed=7, batch_size=256, start=backup.position),
        ...     initial_epoch=backup.epoch, epochs=20, steps_per_epoch=400, shuffle=False,
        ...     callbacks=[backup],
        ... )
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        batch_size: int,
        callbacks: Sequence[keras.callbacks.Callback] = (),
    ) -> None:
        super().__init__()
        if not isinstance(path, (str, os.PathLike)):
            raise TypeError(f"path must be the path of a file. {received('path', path)}")
        self._path = Path(path)
        self._batch_size = integer("batch_size", batch_size, at_least=1)
        if not isinstance(callbacks, Sequence):
            raise TypeError(f"callbacks must be a sequence. {received('callbacks', callbacks)}")
        for i, one in enumerate(callbacks):
            if not isinstance(one, keras.callbacks.Callback):
                raise TypeError(
                    f"callbacks must be Keras callbacks. {received(f'callbacks[{i}]', one)}"
                )
        self._others = tuple(callbacks)
        self.history: list[dict[str, float]] = []
        self._steps = 0
        self._ended = False
        self._in_epoch = 0
        self._arrays: Arrays | None = None
        self._told: dict[str, Any] = {}
        if self._path.exists():
            self._read()
        check_writable(self._path)

    @property
    def epoch(self) -> int:
        """The epoch to begin with, for ``initial_epoch``; beyond all if a callback ended it."""
        return sys.maxsize if self._ended else len(self.history)

    @property
    def steps(self) -> int:
        """Gradient steps done, of whole epochs."""
        return self._steps

    @property
    def position(self) -> int:
        """The first sample that was not trained on, if the first of all was 0."""
        return self._steps * self._batch_size

    # What Keras calls

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Puts the state back into the network."""
        if not self.model.built or self.model.optimizer is None:
            raise ValueError(
                "model must be built and compiled before fit, so that its state can be put back: "
                "give it an Input. Received: a model without weights"
            )
        self.model.optimizer.build(self.model.trainable_variables)
        if self._arrays is None:
            return
        for kind, variables in self._variables().items():
            kept = [self._arrays[name] for name in self._names(kind, self._arrays)]
            shapes = [[tuple(one.shape) for one in each] for each in (kept, variables)]
            if shapes[0] != shapes[1]:
                raise ValueError(
                    f"path must hold the backup of a model built alike. Received: {self._path}, "
                    f"whose {kind} has {len(kept)} variables, not the {len(variables)} of the same "
                    "shapes"
                )
            for variable, value in zip(variables, kept, strict=True):
                variable.assign(value)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Puts the state of other callbacks back, which forget it when training begins."""
        self._in_epoch = 0
        if epoch != len(self.history):
            raise ValueError(
                f"initial_epoch must be the backup's epoch, {len(self.history)}. "
                f"Received: initial_epoch={epoch}"
            )
        if self._arrays is None:
            return
        for i, one in enumerate(self._others):
            _put_back(one, self._told["callbacks"][i], self._arrays, f"callback_{i}_")
        self._arrays = None

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Counts steps; `batch` is the last one's number in the epoch, from 0."""
        self._in_epoch = batch + 1

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Writes the state."""
        self._steps += self._in_epoch
        self.history.append({name: float(value) for name, value in (logs or {}).items()})
        self._write(False)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Writes what callbacks made of the network at last, such as its best weights."""
        if self.history and not self._ended and self._arrays is None:
            self._write(bool(self.model.stop_training))

    # The file

    def _variables(self) -> dict[str, list[Any]]:
        return {"model": self.model.variables, "optimizer": self.model.optimizer.variables}

    @staticmethod
    def _names(kind: str, arrays: Arrays) -> list[str]:
        n = sum(name.startswith(f"{kind}_") for name in arrays)
        return [f"{kind}_{i}" for i in range(n)]

    def _write(self, ended: bool) -> None:
        arrays: dict[str, Any] = {
            f"{kind}_{i}": _array_of(variable)
            for kind, variables in self._variables().items()
            for i, variable in enumerate(variables)
        }
        told: dict[str, Any] = {
            "format": _FORMAT, "steps": self._steps, "batch_size": self._batch_size,
            "history": self.history, "ended": ended, "callbacks": [],
        }  # fmt: skip
        for i, one in enumerate(self._others):
            told["callbacks"].append(_kept(one, arrays, f"callback_{i}_"))
        arrays[_TOLD] = np.frombuffer(json.dumps(told).encode(), np.uint8)

        def write(partial: Path) -> None:
            with partial.open("wb") as file:
                np.savez(file, **arrays)

        write_whole(self._path, write)

    def _read(self) -> None:
        try:
            with self._path.open("rb") as file, np.load(file) as found:
                arrays = {name: found[name] for name in found.files}
            told = json.loads(arrays.pop(_TOLD).tobytes())
            history = [dict(logs) for logs in told["history"]]
            steps, ended, kinds = int(told["steps"]), bool(told["ended"]), told["callbacks"]
        except OSError:
            raise
        except Exception as error:  # zip, NumPy and JSON each raise what they like
            raise damaged(self._path, error) from error
        for field, now in (("format", _FORMAT), ("batch_size", self._batch_size)):
            if told.get(field) != now:
                raise ValueError(
                    f"{field} must be that of the backup {self._path}, {told.get(field)}. "
                    f"Received: {field}={now}"
                )
        names = [type(one).__name__ for one in self._others]
        if [one["name"] for one in kinds] != names:
            raise ValueError(
                "callbacks must be those of the backup "
                f"{self._path}, {[one['name'] for one in kinds]}. Received: {names}"
            )
        self.history, self._steps, self._ended = history, steps, ended
        self._arrays, self._told = arrays, told


def _array_of(variable: Any) -> npt.NDArray[Any]:
    """Its value in a kind of number that NumPy's files hold: bfloat16 is exact in float32."""
    value = np.asarray(keras.ops.convert_to_numpy(variable))
    return value if value.dtype.kind in "biufc" else value.astype(np.float32)


def _kept(callback: Any, arrays: Arrays, prefix: str) -> dict[str, Any]:
    """What a callback knows: its plain values; arrays, and lists of them, go into `arrays`."""
    values: dict[str, Any] = {}
    lists: dict[str, int] = {}
    functions: dict[str, str] = {}  # of keras.ops: which way is better, where it was found out
    for name, value in vars(callback).items():
        if name in _NEVER_KEPT:
            continue
        if isinstance(value, (list, tuple)) and value and all(hasattr(v, "shape") for v in value):
            lists[name] = len(value)
            arrays |= {f"{prefix}{name}_{i}": np.asarray(v) for i, v in enumerate(value)}
        elif isinstance(value, (np.ndarray, np.generic)):
            lists[name] = -1
            arrays[f"{prefix}{name}"] = np.asarray(value)
        elif value is None or isinstance(value, (bool, int, float, str)):
            values[name] = value
        elif value is getattr(keras.ops, getattr(value, "__name__", ""), callback):
            functions[name] = value.__name__
    name = type(callback).__name__
    return {"name": name, "values": values, "lists": lists, "functions": functions}


def _put_back(callback: Any, told: Mapping[str, Any], arrays: Arrays, prefix: str) -> None:
    for name, value in told["values"].items():
        setattr(callback, name, value)
    for name, function in told["functions"].items():
        setattr(callback, name, getattr(keras.ops, function))
    for name, n in told["lists"].items():
        if n < 0:
            setattr(callback, name, arrays[f"{prefix}{name}"][()])
        else:
            setattr(callback, name, [arrays[f"{prefix}{name}_{i}"] for i in range(n)])
