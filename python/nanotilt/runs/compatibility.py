"""What a release reads of another's run folders: formats, kinds of runs, unknown keys."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nanotilt._base.checks import received
from nanotilt._base.decoding import member
from nanotilt.tasks.kinds import KINDS

FORMAT = 2
"""Grows when older versions can't read a run's files any more; those of before are read."""

CLASSIFICATION, ORIENTATION, SEGMENTATION, ANOMALY, DETECTION, TAGGING = KINDS
"""Kinds of runs: what the network is asked."""


def kind_of(value: dict[str, Any]) -> str:
    """What kind of run a training.json tells of: "classification", where it says nothing."""
    kind: str = member(value, "kind", str, CLASSIFICATION)
    return kind


def check_format(path: Path, value: dict[str, Any]) -> None:
    """Refuses files of a newer format than this release can read.

    Args:
        path: The training.json.
        value: What it holds.

    Raises:
        ValueError: the format is newer, or none.
    """
    found = value.get("format", FORMAT)
    if isinstance(found, bool) or not isinstance(found, int) or found < 1:
        raise ValueError(f"{path} must have a format of 1 to {FORMAT}. {received('format', found)}")
    if found > FORMAT:
        raise ValueError(
            f"{path} is of format {found}, which a later release of nanotilt wrote; this one reads "
            f"formats up to {FORMAT}. {received('format', found)}"
        )


def unknown_keys(path: Path, value: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """What a training.json of a later release holds besides: named in a warning, and kept.

    Args:
        path: The file.
        value: What it holds.
        known: What this release would write.

    Returns:
        The keys that are not known with their values; those of settings stay within settings.
    """
    unknown: dict[str, Any] = {key: each for key, each in value.items() if key not in known}
    names = list(unknown)
    settings = value.get("settings")
    if isinstance(settings, dict):
        inside = {key: each for key, each in settings.items() if key not in known["settings"]}
        if inside:
            unknown["settings"] = inside
            names += [f"settings.{key}" for key in inside]
    if names:
        warnings.warn(
            f"{path} has keys that this release does not know; they are kept as they are: "
            f"{', '.join(names)}",
            stacklevel=2,
        )
    return unknown


def with_unknown(described: dict[str, Any], unknown: Mapping[str, Any]) -> dict[str, Any]:
    """What is written, with what `unknown_keys` kept."""
    settings = {**described["settings"], **unknown.get("settings", {})}
    return {**unknown, **described, "settings": settings}
