"""The TensorFlow op in other processes: loaded early, twice, or by a worker of tf.data service."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import nanotilt as nt
from child_processes import finished, running
from nanotilt.streaming import routes

tf = pytest.importorskip("tensorflow")

LIBRARY = routes._op_library()

# Every script starts with this; error_of(path) tells why that library hasn't registered the op.
PREAMBLE = """
import ctypes, sys
import numpy as np

def error_of(path):
    function = ctypes.CDLL(path).nanotilt_tf_op_error
    function.restype = ctypes.c_char_p
    return function()

def check_stream():
    import nanotilt
    recipe = nanotilt.recipes.chirality()
    data = nanotilt.stream(recipe, 3, 10, count=1000, route="op")
    views = np.concatenate([views for views, _ in data.as_numpy_iterator()])
    assert np.array_equal(views, recipe.sample(3, 0, 1000).views)
"""

SERVICE = """
import sys
import tensorflow as tf
import nanotilt

nanotilt.streaming.stream.load_op()
service = tf.data.experimental.service
dispatcher = service.DispatchServer(service.DispatcherConfig(port=0))
worker = service.WorkerServer(
    service.WorkerConfig(dispatcher_address=dispatcher.target.partition("://")[2])
)
print(dispatcher.target, flush=True)
sys.stdin.read()
"""


def run_python(script: str, *arguments: object) -> str:
    """Runs a script in a new process and returns what it printed."""
    done = finished([sys.executable, "-c", PREAMBLE + textwrap.dedent(script), *arguments])
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_nanotilt_leaves_tensorflow_alone() -> None:
    run_python("import nanotilt.streaming.stream; assert 'tensorflow' not in sys.modules")


def test_the_library_loads_without_tensorflow_and_says_what_is_missing() -> None:
    printed = run_python("print(error_of(sys.argv[1]).decode())", LIBRARY)
    assert printed.startswith(
        "TensorFlow's C function TF_NewStatus was not found: TensorFlow is not loaded"
    )


def test_a_tensorflow_without_the_c_functions_is_told_from_none(tmp_path: Path) -> None:
    library = tmp_path / "libtensorflow_of_another_kind.so"
    shutil.copy(LIBRARY, library)  # any library will do: what counts is its name
    printed = run_python("print(error_of(sys.argv[1]).decode())", library)
    assert "TF_NewStatus was not found: the TensorFlow loaded in this process lacks it" in printed


def test_the_op_works_when_its_library_was_loaded_before_tensorflow() -> None:
    run_python(
        """
        assert b"TensorFlow is not loaded" in error_of(sys.argv[1])
        check_stream()
        assert error_of(sys.argv[1]) is None
        """,
        LIBRARY,
    )


@pytest.mark.parametrize("copy_first", [True, False])
def test_a_second_copy_of_the_library_does_no_harm(tmp_path: Path, copy_first: bool) -> None:
    copy = tmp_path / "copy_of_the_op.so"
    shutil.copy(LIBRARY, copy)
    first, second = (copy, LIBRARY) if copy_first else (LIBRARY, copy)
    run_python(
        """
        import tensorflow as tf
        for path in sys.argv[1:]:
            for _ in range(2):
                tf.load_op_library(path)
                assert error_of(path) is None
        check_stream()
        """,
        first,
        second,
    )


def test_tf_datas_debug_mode() -> None:
    run_python(
        """
        import tensorflow as tf
        tf.data.experimental.enable_debug_mode()
        check_stream()
        """
    )


@pytest.fixture(scope="module")
def service_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dispatcher and a worker of tf.data service in another process, on loopback."""
    log = tmp_path_factory.mktemp("service") / "log.txt"
    command = [sys.executable, "-c", SERVICE]
    with (
        log.open("w") as errors,
        running(command, limit_s=3600, stdin=subprocess.PIPE, stderr=errors) as process,
    ):
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("grpc://"), log.read_text()
        yield address


@pytest.mark.parametrize("count", [None, 3000])
def test_another_process_draws_through_tf_data_service(
    service_address: str, count: int | None
) -> None:
    recipe = nt.recipes.chirality()
    data = nt.stream(recipe, 8, 64, start=5, count=count, route="op").apply(
        tf.data.experimental.service.distribute(
            tf.data.experimental.service.ShardingPolicy.OFF, service_address
        )
    )
    views, label = zip(*data.take(47).as_numpy_iterator(), strict=True)
    expected = recipe.sample(8, 5, 3000 if count else 47 * 64)
    assert np.concatenate(views).tobytes() == expected.views.tobytes()
    assert np.concatenate(label).tobytes() == expected.label.tobytes()


def test_tf_data_service_shares_a_counted_stream_out(service_address: str) -> None:
    recipe = nt.recipes.chirality()
    data = nt.stream(recipe, 8, 64, count=3000, route="op").apply(
        tf.data.experimental.service.distribute(
            tf.data.experimental.service.ShardingPolicy.DYNAMIC, service_address
        )
    )
    views = np.concatenate([views for views, _ in data.as_numpy_iterator()])
    expected = recipe.sample(8, 0, 3000).views
    # Each sample comes once, in any order.
    assert sorted(map(bytes, views)) == sorted(map(bytes, expected))
