"""What is asked of particles that have a hole or not, and a spiral."""

from __future__ import annotations

from nanotilt.tasks.task import Question, Task

_HOLE = Question("hole", ("solid", "hole"), (0, 0, 1, 1))
_CHIRALITY = Question("chirality", ("clockwise", "anticlockwise"), (0, 1, 0, 1))

HOLE_AND_CHIRALITY = (_HOLE, _CHIRALITY)
"""The two questions about the classes of `nanotilt.recipes.hole_and_spiral`."""

BOTH = Task(HOLE_AND_CHIRALITY)
"""Both questions, each counting alike: a network with two heads."""

MOSTLY_HOLE = Task(HOLE_AND_CHIRALITY, loss_weights=(0.8, 0.2))
"""Both questions, the hole counting four times as much."""

FADING_CHIRALITY = Task(HOLE_AND_CHIRALITY, fading=1)
"""Both questions; chirality counts less the better it is answered."""

CLOCKWISE_OR_NOT = Task((Question("spiral", ("clockwise", "other"), (0, 1, 1)),))
"""Of clockwise, anticlockwise and no spiral, the last two in one answer."""

UNUSED_THIRD = Task((Question("class", ("clockwise", "anticlockwise"), (0, 1)),), n_unused=1)
"""Which way the spiral turns, with a third output that is never right."""
