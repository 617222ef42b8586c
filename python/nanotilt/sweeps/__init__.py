"""Experiments run over seeds and varied values; what is there already is not run again.

    from nanotilt import sweeps

    sweeps.run("hole-stereo", model="paper", budget="quick")

Importing this package does not load TensorFlow; `run` does.
"""

from __future__ import annotations

from nanotilt.sweeps.sweep import Cell, Sweep, run

__all__ = ["Cell", "Sweep", "run"]
