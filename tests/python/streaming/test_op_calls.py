"""The TensorFlow ops, handed recipes, names and ranges past all checks of the Python package.

In a process of its own, so that a crash is a failure like any other.
"""

from __future__ import annotations

import os
import sys

import pytest

from child_processes import finished
from places import ROOT

pytest.importorskip("tensorflow")

CORPUS = ROOT / "tests" / "cpp" / "fuzz" / "corpus.txt"
PROGRAM = ROOT / "tests" / "python" / "programs" / "hostile_op_calls.py"


def test_hostile_attributes_and_inputs() -> None:
    # With oneDNN, each of the two ops would wait ten seconds for memory that no machine has.
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
    done = finished([sys.executable, str(PROGRAM), str(CORPUS)], env=environment)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.splitlines()[-1]) > 12
