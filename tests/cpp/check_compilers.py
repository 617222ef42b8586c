"""Builds the core with GCC and with Clang; both must give the bits of the known answers.

    python tests/cpp/check_compilers.py [gcc] [clang]

Where clang++ is not installed, the package ziglang (`pip install ziglang`) serves as Clang.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str) -> str:
    """Runs a program to its end, and gives what it printed."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def gcc_options() -> list[str]:
    """How CMake is told to use GCC."""
    if shutil.which("g++") is None:
        sys.exit("GCC is not installed (Debian: g++)")
    return ["-DCMAKE_CXX_COMPILER=g++"]


def clang_options(folder: Path) -> list[str]:
    """How CMake is told to use Clang."""
    if shutil.which("clang++") is not None:
        return ["-DCMAKE_CXX_COMPILER=clang++"]
    if find_spec("ziglang") is None:
        sys.exit("Clang is not installed (Debian: clang libomp-dev; or: pip install ziglang)")
    # ziglang spells the names of processors in its own way.
    compiler = folder / "clang++"
    compiler.write_text(
        f'#!/bin/bash\nexec "{sys.executable}" -m ziglang c++ "${{@//x86-64-v/x86_64_v}}"\n'
    )
    compiler.chmod(0o755)
    options = [f"-DCMAKE_CXX_COMPILER={compiler}", "-DNANOTILT_OPENMP=OFF"]
    # It has nothing behind __builtin_cpu_supports; GCC's library has.
    if shutil.which("g++") is not None:
        libgcc = run("g++", "-print-libgcc-file-name")
        options.append(f"-DCMAKE_CXX_STANDARD_LIBRARIES={libgcc}")
    return options


def check(name: str) -> None:
    """Builds with one compiler, and runs the C++ tests."""
    with tempfile.TemporaryDirectory() as temporary:
        build = Path(temporary) / "build"
        options = gcc_options() if name == "gcc" else clang_options(Path(temporary))
        switches = ["-DNANOTILT_CPP_TESTS=ON", "-DNANOTILT_PYTHON=OFF"]
        switches += ["-DNANOTILT_TENSORFLOW_OP=OFF", "-G", "Ninja", *options]
        print(run("cmake", "-S", str(ROOT), "-B", str(build), *switches).splitlines()[0])
        run("cmake", "--build", str(build))
        subprocess.run(["ctest", "--test-dir", str(build), "--output-on-failure"], check=True)


def main() -> None:
    """Checks the compilers that the command line names, or both."""
    names = sys.argv[1:] or ["gcc", "clang"]
    if not set(names) <= {"gcc", "clang"}:
        sys.exit(__doc__)
    for name in names:
        check(name)


if __name__ == "__main__":
    main()
