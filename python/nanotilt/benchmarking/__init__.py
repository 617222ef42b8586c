"""How fast nanotilt is on this machine: measured, recorded, compared, shown.

    from nanotilt import benchmarking

    record = benchmarking.measure(benchmarking.default_plan(), benchmarking.QUICK)
    for line in record.lines:
        print(line.what, line.value, line.met)

Speeds belong to a machine and a moment; ratios travel better. So every goal is a ratio of two times
that are taken in turns within one run (`timing`), or a number that hardly depends on the machine.
TensorFlow, scikit-image, rich and Matplotlib are loaded by the parts that need them.
"""

from __future__ import annotations

from nanotilt.benchmarking.effort import DEFAULT, FULL, QUICK, Effort
from nanotilt.benchmarking.record import read, to_json
from nanotilt.benchmarking.results import Cost, Figure, Goal, GoalLine, Rate, Record
from nanotilt.benchmarking.suite import Plan, default_plan, measure

__all__ = [
    "DEFAULT",
    "FULL",
    "QUICK",
    "Cost",
    "Effort",
    "Figure",
    "Goal",
    "GoalLine",
    "Plan",
    "Rate",
    "Record",
    "default_plan",
    "measure",
    "read",
    "to_json",
]
