"""How runs on patches of lattices are trained, by what is asked of their networks."""

from __future__ import annotations

from typing import Any

from nanotilt.tasks.kinds import ANOMALY, DETECTION
from nanotilt.training.methods.patches.defect_run import DefectTraining
from nanotilt.training.methods.patches.lattice_training import LatticeTraining
from nanotilt.training.methods.patches.patch_run import PatchTraining

RUNS: dict[str, type[LatticeTraining[Any]]] = {ANOMALY: PatchTraining, DETECTION: DefectTraining}
