"""TensorFlow, started quietly."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nanotilt._base import optional
from nanotilt._base.optional import needed_for

_NEEDED = ("tensorflow", "keras", "matplotlib")


def check_installed(*others: str) -> None:
    """Raises ImportError, telling how to get them, unless all that training needs is installed.

    It loads nothing.

    Args:
        others: Further packages, such as "rich", to show how it goes.
    """
    optional.check_installed("Training", *_NEEDED, *others)


def load(n_threads: int | None) -> Any:
    """Imports TensorFlow and Keras without their greetings, and sets TensorFlow's threads.

    Args:
        n_threads: Threads of TensorFlow; None leaves them as they are. Without effect if TensorFlow
            has begun to work before.

    Returns:
        The module tensorflow.

    Raises:
        RuntimeError: Keras runs on another backend.
    """
    if "tensorflow" in sys.modules:
        return _started(n_threads)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # errors only
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with silent_stderr():
        return _started(n_threads)


def _started(n_threads: int | None) -> Any:
    with needed_for("Training"):
        import keras
        import tensorflow as tf

    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            "training needs Keras on TensorFlow; set the environment variable KERAS_BACKEND "
            "to tensorflow. "
            f"Received: KERAS_BACKEND={keras.backend.backend()}"
        )
    if n_threads is not None:
        try:
            tf.config.threading.set_intra_op_parallelism_threads(n_threads)
            tf.config.threading.set_inter_op_parallelism_threads(n_threads)
        except RuntimeError:  # TensorFlow is at work already, with the threads it has
            pass
    tf.config.list_logical_devices()  # looks for GPUs now, while its remarks are kept back
    return tf


@contextmanager
def silent_stderr() -> Iterator[None]:
    """Keeps back what the process, its C++ libraries included, writes to standard error.

    Should an exception come, it is written after all.
    """
    try:
        kept = os.dup(2)
    except OSError:  # the process has no standard error
        yield
        return
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        except Exception:
            os.dup2(kept, 2)
            file.seek(0)
            os.write(2, file.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
