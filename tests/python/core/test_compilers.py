"""GCC and Clang give the same bits: those of the known answers."""

from __future__ import annotations

import os
import shutil
import sys

import pytest

from child_processes import finished
from places import ROOT

SCRIPT = ROOT / "tests" / "cpp" / "check_compilers.py"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "program"), [("gcc", "g++"), ("clang", "clang++")])
def test_known_answers_with_each_compiler(name: str, program: str) -> None:
    missing = [tool for tool in (program, "cmake", "ninja") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    one_at_a_time = {**os.environ, "CMAKE_BUILD_PARALLEL_LEVEL": "1"}
    ended = finished([sys.executable, SCRIPT, name], limit_s=3600, env=one_at_a_time)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "100% tests passed" in ended.stdout
