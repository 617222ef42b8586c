"""Experiments run over seeds and varied values; what is there already is not run again.

    from nanotilt import sweeps

    sweeps.run("hole-stereo", model="paper", budget="quick")
    sweeps.run("square-label-free", vary={"stereo_deg": [5, 10, 20]})

Importing this package does not load TensorFlow; `run` does.
"""

from __future__ import annotations

from nanotilt.sweeps.cells import Cell, Sweep
from nanotilt.sweeps.sweep import run

__all__ = ["Cell", "Sweep", "run"]
