"""Where and what is measured: processor, system, versions, build."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import nanotilt
from nanotilt.benchmarking.results import Build, Machine

_PACKAGES = ("numpy", "tensorflow", "tensorflow-cpu", "scikit-image")


def this_machine() -> Machine:
    """The machine that this process runs on."""
    return Machine(
        cpu=_cpu_model(),
        processors=usable_processors(),
        system=_system(),
        python=platform.python_version(),
        packages=tuple(_versions()),
    )


def this_build() -> Build:
    """The build of nanotilt that this process uses."""
    info = nanotilt.build_info()
    return Build(**{field.name: info[field.name] for field in dataclasses.fields(Build)})


class OtherWork:
    """Watches, from its making on, what other processes do on the machine.

    Unlike the load average it knows this process's own work from that of others.
    """

    def __init__(self) -> None:
        self._before = _seconds()

    def busy_processors(self) -> float | None:
        """Processors that others have kept busy, on average; None where that can't be had."""
        if self._before is None:
            return None
        now = _seconds()
        assert now is not None
        everybody, own, clock = (b - a for a, b in zip(self._before, now, strict=True))
        return max(0.0, (everybody - own) / clock)


def _seconds() -> tuple[float, float, float] | None:
    """Processor time of everybody, and of this process and its children; and the time."""
    if sys.platform != "linux":
        return None
    first_line = Path("/proc/stat").read_text(encoding="utf-8").partition("\n")[0]
    user, nice, system, _, _, *others = map(int, first_line.split()[1:9])
    everybody = (user + nice + system + sum(others)) / os.sysconf("SC_CLK_TCK")
    return everybody, sum(os.times()[:4]), time.monotonic()


def _system() -> str:
    """Name, release without its patch level, and architecture: Linux 6.1 x86_64."""
    release = ".".join(platform.release().split(".")[:2])
    return f"{platform.system()} {release} {platform.machine()}"


def _cpu_model() -> str:
    """The processor's model, or its architecture where the system does not tell."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    if sys.platform == "darwin":
        command = ("sysctl", "-n", "machdep.cpu.brand_string")
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return platform.processor() or platform.machine()


def usable_processors() -> int:
    """Processors that this process may use, whatever the environment says of threads."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _versions() -> list[str]:
    found = []
    for package in _PACKAGES:
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
