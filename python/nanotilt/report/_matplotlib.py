"""Matplotlib as nanotilt uses it: figures without windows, without pyplot's global state."""

from __future__ import annotations

try:
    from matplotlib import rc_context
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.ticker import FixedLocator, LogLocator, MaxNLocator, NullLocator
except ModuleNotFoundError as error:
    if error.name != "matplotlib":
        raise
    raise ImportError(
        "Drawing needs Matplotlib. Install it with: pip install 'nanotilt[train]'"
    ) from error

__all__ = [
    "Axes",
    "ConstrainedLayoutEngine",
    "Figure",
    "FixedLocator",
    "LogLocator",
    "MaxNLocator",
    "NullLocator",
    "rc_context",
]
