"""The last layers of every network: one softmax, or one for each of several questions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from keras import layers, ops

from nanotilt._base.checks import received
from nanotilt.models._arguments import unit_counts

OUTPUT_PREFIX = "probabilities"
"""Names of output layers begin with it; a network that is trained further on another task gets new
ones."""


def checked_heads(heads: Any, n_classes: int) -> tuple[int, ...] | None:
    """Checks the numbers of answers to several questions.

    Args:
        heads: Answers to each question, >= 2 each; None: one question.
        n_classes: Combinations of answers.

    Raises:
        TypeError: They are no sequence of integers.
        ValueError: Their product is not ``n_classes``, or one is too small.
    """
    if heads is None:
        return None
    counts = unit_counts("heads", heads, fewest_layers=1)
    if math.prod(counts) != n_classes or min(counts) < 2:
        raise ValueError(
            "heads must be numbers >= 2 whose product is n_classes. "
            f"{received('heads', heads)}, n_classes={n_classes}"
        )
    return counts


def probabilities(y: Any, n_classes: int, heads: Sequence[int] | None) -> Any:
    """The network's output: (n_classes,) probabilities.

    With heads, each has a softmax of its own, and the output are the products of their
    probabilities, the last head's answers changing fastest.

    Args:
        y: (units,), what the softmaxes see.
        n_classes: Number of outputs.
        heads: Answers to each question, or None.
    """
    if heads is None or len(heads) == 1:
        return _softmax(n_classes, OUTPUT_PREFIX)(y)
    joint = _softmax(heads[0], f"{OUTPUT_PREFIX}_0")(y)
    for i, n in enumerate(heads[1:], start=1):
        answers = _softmax(n, f"{OUTPUT_PREFIX}_{i}")(y)
        pairs = ops.expand_dims(joint, -1) * ops.expand_dims(answers, -2)
        joint = ops.reshape(pairs, (-1, joint.shape[-1] * n))
    return joint


def _softmax(n: int, name: str) -> layers.Layer:
    return layers.Dense(n, activation="softmax", dtype="float32", name=name)
