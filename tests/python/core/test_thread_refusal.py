"""Where the system refuses threads: the same bits from fewer, one warning, nothing ends."""

from __future__ import annotations

import os
import sys

import pytest

from conftest import RunPython

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux has them")

SET_UP = """
import os, resource, time, warnings
import numpy as np
import nanotilt as nt

warnings.simplefilter("always")
recipe = nt.recipes.chirality()

def draw(n_threads, count=2000):
    return recipe.sample(1, 0, count, n_threads=n_threads).views.tobytes()

def allow(n_threads):
    # Root may start as many as it likes, so it becomes a user that has no other process.
    if os.geteuid() == 0:
        os.setresuid(54321, 54321, 54321)
    resource.setrlimit(resource.RLIMIT_NPROC, (n_threads, n_threads))

def at_work(n_threads):
    # A thread that has ended is listed until the system comes to it, on a busy machine for long.
    end = time.monotonic() + 60
    while len(os.listdir("/proc/self/task")) != n_threads and time.monotonic() < end:
        time.sleep(0.01)
    return len(os.listdir("/proc/self/task")) == n_threads

expected = draw(1)
assert at_work(1)
"""

REFUSED = """
allow(GRANTED)
with warnings.catch_warnings(record=True) as caught:
    for _ in range(3):
        assert draw(4) == expected
    image = nt.gaussian_blur(np.ones((4000, 64)), 2.0, n_threads=4)
    assert image.shape == (4000, 64)
    assert at_work(GRANTED)
(warning,) = caught
assert warning.category is RuntimeWarning
assert f"refused to start 4 threads: nanotilt works on {GRANTED}" in str(warning.message)
print("done")
"""

MORE_LATER = """
assert draw(4) == expected and at_work(4)
assert draw(2, 100) == recipe.sample(1, 0, 100, n_threads=1).views.tobytes()
assert at_work(2)  # OpenMP's library gives up the threads that it does not need at the moment
allow(3)
time.sleep(0.2)  # the system's last answer counts for 0.1 s
with warnings.catch_warnings(record=True) as caught:
    assert draw(4) == expected and at_work(3)
print(len(caught))
"""

REFUSED_AS_ERROR = """
allow(1)
warnings.simplefilter("error")
try:
    draw(4)
except RuntimeWarning as warning:
    assert "refused" in str(warning)
assert draw(4) == expected
print("done")
"""

ALONE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NANOTILT_NUM_THREADS"), "1")
"""NumPy's own threads would count, too."""

own_user = pytest.mark.skipif(os.geteuid() != 0, reason="other processes of the user count, too")


@pytest.mark.parametrize(
    "granted",
    [1, pytest.param(2, marks=own_user), pytest.param(3, marks=own_user)],
)
def test_a_limit_on_processes(granted: int, run_python: RunPython) -> None:
    code = f"GRANTED = {granted}\n{SET_UP}{REFUSED}"
    assert run_python(code, OMP_STACKSIZE=None, **ALONE) == "done"


def test_no_memory_for_stacks(run_python: RunPython) -> None:
    """100 TiB each."""
    code = f"GRANTED = 1\n{SET_UP}{REFUSED}".replace("allow(GRANTED)\n", "")
    assert run_python(code, OMP_STACKSIZE="100000G", **ALONE) == "done"


@own_user
def test_threads_that_were_there_and_are_refused_later(run_python: RunPython) -> None:
    assert run_python(SET_UP + MORE_LATER, OMP_STACKSIZE=None, **ALONE) == "1"


def test_the_warning_may_be_an_error(run_python: RunPython) -> None:
    assert run_python(SET_UP + REFUSED_AS_ERROR, OMP_STACKSIZE=None, **ALONE) == "done"
