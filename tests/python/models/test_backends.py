"""nanotilt.models on each of Keras's backends: files, answers, training, errors.

`nox -s backends` installs them all.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from typing import Any

import pytest

from places import PROGRAMS

pytest.importorskip("keras")
pytest.importorskip("tensorflow")

from child_processes import finished
from model_cases import CASES, NOT_RELEASED

CHECKS = [
    *(name for name in CASES if name not in NOT_RELEASED),
    "plan_and_numpy_batches",
    "wrong_views",
]
LARGEST_DISTANCE = 2e-5
LIMIT_S = 1800


@pytest.fixture(scope="module", params=["tensorflow", "jax", "torch"])
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What one process on the backend found, for all checks."""
    backend = request.param
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed: pip install 'nanotilt[backends]'")
    ended = finished(
        [
            *(sys.executable, PROGRAMS / "backend_cases.py"),
            tmp_path_factory.mktemp(backend),
        ],
        limit_s=LIMIT_S,
        env={**os.environ, "KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"},
    )
    assert ended.returncode == 0, ended.stderr
    printed = json.loads(ended.stdout.splitlines()[-1])
    assert printed["backend"] == backend
    return printed["found"]


@pytest.mark.parametrize("check", CHECKS)
def test_networks(check: str, found: Any) -> None:
    """Answers are TensorFlow's, as near as sums in another order let them be."""
    distance = found[check]
    assert isinstance(distance, float), distance
    assert distance < LARGEST_DISTANCE


def test_all_was_checked(found: Any) -> None:
    assert sorted(found) == sorted(CHECKS)
