"""How much memory `Recipe.sample` takes beside its result.

A fresh process imports nanotilt, makes the recipe, and resets Linux's record of the peak of its
memory (VmHWM; writing 5 to clear_refs). Then it draws, for the first time: threads are started, and
what they keep for themselves counts. The growth of the peak over what was in use before, less the
bytes of the result, is what drawing took. The core writes every value of the result, so all of its
pages are in use; large pages are switched off, since they round sizes up by as much as is measured
here. Linux counts pages per processor and adds up now and then: a tenth of a MiB is noise.
"""

from __future__ import annotations

import os
import subprocess
import sys

from nanotilt.benchmarking.results import Figure, Goal, GoalLine

SAMPLES = 100_000

_PROGRAM = """
import sys
import nanotilt as nt

def kib(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name + ":"))

named = nt.recipes.chirality()
# With bounds given, no sample has been drawn before the one call that counts.
recipe = nt.Recipe(named.classes, named.detector, normalise=(19.5, 23.0))
recipe.sample(1, 0, 0, n_threads=1)
try:
    with open("/proc/self/clear_refs", "w") as clear_refs:
        clear_refs.write("5")
except OSError:
    pass  # not allowed here: the peak of the imports stays, and growth is measured from it
before = kib("VmHWM")
batch = recipe.sample(7, 0, int(sys.argv[1]), n_threads=int(sys.argv[2]))
result = sum(part.nbytes for part in batch)
print(1024 * (kib("VmHWM") - before), result)
"""


def memory_lines(threads: tuple[int, ...] = (1, 2)) -> list[GoalLine]:
    """Peak memory of a call for 100,000 chirality samples beside its result, per thread."""
    return [_line(n_threads) for n_threads in threads]


def _line(n_threads: int) -> GoalLine:
    key = f"memory-{n_threads}-threads"
    what = f"memory beside the result / threads: {n_threads}"
    goal = Goal("<=", 1)
    if sys.platform != "linux":
        return GoalLine(key, what, None, "MiB", goal, (), "needs Linux's /proc")
    growth, result = growth_and_result(SAMPLES, n_threads)
    figures = (
        Figure("peak growth", growth / 2**20, "MiB"),
        Figure("result", result / 2**20, "MiB"),
    )
    value = max(0.0, (growth - result) / 2**20 / n_threads)
    return GoalLine(key, what, value, "MiB", goal, figures)


def growth_and_result(n_samples: int, n_threads: int) -> tuple[int, int]:
    """Growth of the peak memory of a fresh process that draws once, and its result, in bytes."""
    text = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(n_samples), str(n_threads)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "NUMPY_MADVISE_HUGEPAGE": "0"},
    ).stdout
    growth, result = map(int, text.split())
    return growth, result
