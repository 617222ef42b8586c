"""Tasks of the project, each in a virtual environment of its own: `nox --list`, `nox -s tests`."""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "venv"
nox.options.sessions = ["lint", "types", "cpp", "tests"]


@nox.session
def lint(session: nox.Session) -> None:
    """Formatting and lint of Python and C++."""
    session.install("ruff", "clang-format")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("python", "tests/cpp/check_format.py")


@nox.session
def types(session: nox.Session) -> None:
    """Strict type check."""
    session.install("mypy", ".[test]")
    session.run("mypy")


@nox.session
def cpp(session: nox.Session) -> None:
    """The core's own tests, with warnings as errors."""
    session.install("cmake", "ninja", "pybind11")
    build = session.create_tmp()
    session.run(
        *("cmake", "-S", ".", "-B", build, "-G", "Ninja"),
        *("-DNANOTILT_CPP_TESTS=ON", "-DNANOTILT_PYTHON=OFF", "-DNANOTILT_WERROR=ON"),
    )
    session.run("cmake", "--build", build)
    session.run("ctest", "--test-dir", build, "--output-on-failure")


@nox.session(python=["3.10", "3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """The test suite."""
    session.install(".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Speed, beside NumPy; prints a table of ratios."""
    session.install(".[test]")
    session.run("pytest", "benchmarks", *session.posargs)


@nox.session
def wheels(session: nox.Session) -> None:
    """Portable wheels (needs a container engine on Linux)."""
    session.install("cibuildwheel")
    session.run("cibuildwheel", "--output-dir", "dist", *session.posargs)
