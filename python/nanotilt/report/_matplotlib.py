"""Matplotlib as nanotilt uses it: figures without windows, without pyplot's global state."""

from __future__ import annotations

from nanotilt._base.optional import needed_for

with needed_for("Drawing"):
    from matplotlib import rc_context
    from matplotlib.axes import Axes
    from matplotlib.colors import to_rgba
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.ticker import FixedLocator, LogLocator, MaxNLocator, NullLocator

__all__ = [
    "Axes",
    "ConstrainedLayoutEngine",
    "Figure",
    "FixedLocator",
    "LogLocator",
    "MaxNLocator",
    "NullLocator",
    "rc_context",
    "to_rgba",
]
