"""Tasks of the project, each in a virtual environment of its own: `nox --list`, `nox -s tests`.

Packages come at the versions of constraints.txt; only `newest` takes the newest.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import nox

nox.options.default_venv_backend = "venv"
nox.options.sessions = ["lint", "types", "cpp", "tests"]

CI: dict[str, list[str]] = {
    "lint": [],
    "types": [],
    "cpp": [],
    "compilers": ["clang"],  # GCC's bits are those of the session before
    "sanitise": ["2000"],  # hostile recipes
    "wheel": [],
    "docs": [],
    "tests": [],
    "backends": [],
}
"""What decides whether a change lands, with its arguments; .ci/run calls the session `ci`."""

CONSTRAINTS = Path(__file__).with_name("constraints.txt")
# pip hands the first on to the environments in which it builds, from 25.3 on the second.
PINNED = {"PIP_CONSTRAINT": str(CONSTRAINTS), "PIP_BUILD_CONSTRAINT": str(CONSTRAINTS)}
TOOLS = ("ruff", "clang-format", "mypy", "cmake", "ninja", "nox", "ziglang", "cibuildwheel")


def install(session: nox.Session, *what: str) -> None:
    """Installs packages at the versions that were tested together."""
    session.install(*what, env=PINNED)


@nox.session
def lint(session: nox.Session) -> None:
    """Formatting and lint of Python and C++."""
    install(session, "ruff", "clang-format")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("python", "tests/cpp/check_format.py")


@nox.session
def types(session: nox.Session) -> None:
    """Strict type check."""
    install(session, "mypy", ".[test]")
    session.run("mypy")


def build_core_tests(session: nox.Session, *options: str) -> str:
    """Builds the C++ tests, with warnings as errors, and gives the folder."""
    install(session, "cmake", "ninja")
    build = session.create_tmp()
    session.run(
        *("cmake", "-S", ".", "-B", build, "-G", "Ninja", "-DNANOTILT_CPP_TESTS=ON"),
        *("-DNANOTILT_PYTHON=OFF", "-DNANOTILT_WERROR=ON", *options),
    )
    session.run("cmake", "--build", build)
    return build


def installed(session: nox.Session, program: str, debian_package: str) -> str:
    """Path of a program that pip cannot install."""
    path = shutil.which(program)
    if path is None:
        session.error(f"{program} is not installed (Debian: {debian_package})")
    return path


@nox.session
def cpp(session: nox.Session) -> None:
    """The core's own tests, with warnings as errors."""
    build = build_core_tests(session)
    session.run("ctest", "--test-dir", build, "--output-on-failure")


@nox.session
def sanitise(session: nox.Session) -> None:
    """The core's tests, and hostile recipes, with sanitisers; `-- 1000000` for so many recipes."""
    sanitisers = "address,undefined,float-cast-overflow"
    build = build_core_tests(
        session,
        *("-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DNANOTILT_OPENMP=OFF"),
        f"-DCMAKE_CXX_FLAGS=-fsanitize={sanitisers} -fno-sanitize-recover=all",
    )
    # The best level of this processor, and the plainest: each takes a minute or more.
    levels = ("--exclude-regex", "core_v[34]")
    session.run("ctest", "--test-dir", build, "--output-on-failure", *levels)
    number = session.posargs or ["20000"]
    inputs = ("tests/known_answers", "tests/cpp/fuzz/corpus.txt")
    session.run(f"{build}/tests/cpp/fuzz_recipes", *inputs, *number)


@nox.session
def compilers(session: nox.Session) -> None:
    """The same bits from GCC and Clang; `-- clang` for one of them."""
    clang = () if shutil.which("clang++") else ("ziglang",)
    install(session, "cmake", "ninja", *clang)
    session.run("python", "tests/cpp/check_compilers.py", *session.posargs)


@nox.session
def aarch64(session: nox.Session) -> None:
    """The same bits on 64-bit ARM: the C++ tests, cross-compiled and run in an emulator."""
    compiler = installed(session, "aarch64-linux-gnu-g++", "g++-aarch64-linux-gnu")
    emulator = installed(session, "qemu-aarch64", "qemu-user")
    build = build_core_tests(
        session,
        *("-DCMAKE_SYSTEM_NAME=Linux", "-DCMAKE_SYSTEM_PROCESSOR=aarch64"),
        *(f"-DCMAKE_CXX_COMPILER={compiler}", "-DCMAKE_CXX_FLAGS=-Wno-psabi"),
        *("-DNANOTILT_TENSORFLOW_OP=OFF",),
        f"-DCMAKE_CROSSCOMPILING_EMULATOR={emulator};-L;/usr/aarch64-linux-gnu",
    )
    session.run("ctest", "--test-dir", build, "--output-on-failure")


@nox.session
def plain_v2(session: nox.Session) -> None:
    """An emulated x86-64-v2 processor runs the C++ tests and the wheel, and refuses v4."""
    emulator = (installed(session, "qemu-x86_64", "qemu-user"), "-cpu", "Nehalem")
    build = build_core_tests(session)

    # Else all below would pass on an emulator that knows AVX.
    probe = Path(build) / "uses_avx"
    source = probe.with_suffix(".cpp")
    source.write_text(
        "int main(int n, char**) { volatile float x = n; return x * 2.0F > 99.0F; }\n"
    )
    session.run("c++", "-mavx", str(source), "-o", str(probe), external=True)
    session.run(*emulator, str(probe), success_codes=[-4, 132], external=True)  # SIGILL

    def emulate(*command: str, simd: str, expected: str, success: int) -> None:
        printed = session.run(
            *(*emulator, *command),
            env={"NANOTILT_SIMD": simd},
            success_codes=[success],
            silent=True,
            external=True,
        )
        if expected not in str(printed):
            session.error(f"expected {expected!r}, not: {printed}")

    install(session, ".")
    refusal = "this processor does not support SIMD level v4. Received: NANOTILT_SIMD='v4'"
    for command, level in (
        ((f"{build}/tests/cpp/core_tests", "tests/known_answers"), "kernels: v2"),
        ((f"{session.bin}/python", "tests/wheel_smoke_test.py"), "'simd': 'v2'"),
    ):
        emulate(*command, simd="", expected=level, success=0)
        emulate(*command, simd="v4", expected=refusal, success=1)


@nox.session
def tests(session: nox.Session) -> None:
    """The test suite: the README's second command."""
    install(session, ".[test]")
    session.run("pytest", *session.posargs)


@nox.session(python=["3.10", "3.11", "3.12", "3.13", "3.14"])
def pythons(session: nox.Session) -> None:
    """The test suite on every supported Python that this machine has."""
    install(session, ".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def newest(session: nox.Session) -> None:
    """The test suite with the newest release of every package."""
    session.install("--upgrade", "--upgrade-strategy", "eager", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def constraints(session: nox.Session) -> None:
    """Writes constraints.txt anew: the newest release of every package, to be tested together."""
    session.install("scikit-build-core", "pybind11", "packaging", *TOOLS, ".[test,docs,backends]")
    session.run("python", "tests/write_constraints.py")


@nox.session
def backends(session: nox.Session) -> None:
    """The networks on all of Keras's backends; PyTorch takes some gigabytes."""
    install(session, ".[test,backends]")
    session.run("pytest", "tests/python/models/test_backends.py", *session.posargs)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Speed, beside NumPy; prints a table of ratios."""
    install(session, ".[test]")
    session.run("pytest", "benchmarks", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation, in build/docs; warnings are errors."""
    install(session, ".[docs,train]")  # the page of all public names imports the networks
    session.run("sphinx-build", "-W", "--keep-going", "docs", "build/docs", *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """A wheel built as for release, and what every wheel must do with NumPy alone."""
    folder = session.create_tmp()
    session.run("pip", "wheel", "--quiet", "--no-deps", "-w", folder, ".", env=PINNED)
    (built,) = Path(folder).glob("nanotilt-*.whl")
    install(session, "numpy", str(built))
    session.run("python", "tests/wheel_smoke_test.py")


@nox.session
def ci(session: nox.Session) -> None:
    """All that decides whether a change lands."""
    for name, arguments in CI.items():
        session.notify(name, posargs=arguments)


@nox.session
def wheels(session: nox.Session) -> None:
    """Portable wheels (needs a container engine on Linux)."""
    install(session, "cibuildwheel")
    session.run("cibuildwheel", "--output-dir", "dist", *session.posargs)
