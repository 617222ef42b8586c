"""How runs that a request describes are trained, by what is asked of their networks."""

from __future__ import annotations

from typing import Any

from nanotilt.tasks.kinds import ANOMALY, DETECTION, SEGMENTATION, TAGGING
from nanotilt.training.methods.field_run import FieldTraining
from nanotilt.training.methods.patches.defect_run import DefectTraining
from nanotilt.training.methods.patches.patch_run import PatchTraining
from nanotilt.training.methods.requested_run import RequestedRun
from nanotilt.training.methods.scattering.tagging_run import TaggingTraining

RUNS: dict[str, type[RequestedRun[Any]]] = {
    SEGMENTATION: FieldTraining,
    ANOMALY: PatchTraining,
    DETECTION: DefectTraining,
    TAGGING: TaggingTraining,
}
