"""What a trained network looks at: controls, what makes samples hard, saliency.

from nanotilt.training import insight
from nanotilt.tasks.task import Task

found = insight.examine(model, recipe, Task.of(recipe), seed=0, start=2**41, count=20_000)
print(found.questions[0].controls)
"""

from __future__ import annotations

from nanotilt.training.insight.examination import examine

__all__ = ["examine"]
