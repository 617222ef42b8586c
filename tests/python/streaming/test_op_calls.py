"""The TensorFlow op, handed packed recipes and ranges past all checks of the Python package.

In a process of its own, so that a crash is a failure like any other.
"""

from __future__ import annotations

import os
import sys

import pytest

from child_processes import finished
from places import ROOT

pytest.importorskip("tensorflow")

CORPUS = ROOT / "tests" / "cpp" / "fuzz" / "corpus.txt"

SCRIPT = """
import os, random, struct
import numpy as np
import tensorflow as tf
import nanotilt as nt
from nanotilt.streaming import routes

assert not routes.problem_with_op(), routes.problem_with_op()
recipe = nt.recipes.hole()

def make(packed, seed, start, count):
    def draw(start, count):
        attributes = {
            "recipe": tf.compat.v1.AttrValue(s=packed), "seed": tf.compat.v1.AttrValue(i=seed)
        }
        graph = tf.compat.v1.get_default_graph()
        return graph.create_op(routes.OP_NAME, [start, count], attrs=attributes).outputs
    try:
        tf.function(draw)(start, count)
    except (tf.errors.OpError, ValueError, TypeError) as error:
        return type(error).__name__
    return "drawn"

def integer(value):
    return tf.constant(value, tf.int64)

entries = [line for line in open(os.environ["CORPUS"]).read().splitlines() if line[0] != "#"]
entries = entries[::4]  # the core's own tests take all; here each costs a graph
for entry in entries:
    head, _, numbers = entry.partition(":")
    packed = struct.pack(f"<{len(numbers.split())}d", *map(float, numbers.split()))
    if len(packed) < 2000:
        made = make(packed, 1, integer(0), integer(1))
        assert (made == "InvalidArgumentError") == head.startswith("refused"), (head, made)
random = random.Random(0)
for size in (0, 1, 7, 8, 16, 800, 5000):
    assert make(random.randbytes(size), 0, integer(0), integer(1)) == "InvalidArgumentError"
for seed in (-(2**63), -1, 2**63 - 1):
    assert make(recipe.packed, seed, integer(2**63 - 1), integer(1)) == "drawn"
for start, count in ((-1, 1), (0, -1), (-(2**63), 1), (2**63 - 1, 2), (0, 2**62), (0, -(2**63))):
    assert make(recipe.packed, 1, integer(start), integer(count)) == "InvalidArgumentError"
for start in ([], [0, 1], [[0]]):
    assert make(recipe.packed, 1, integer(start), integer(1)) == "InvalidArgumentError"
for wrong in (tf.constant(1), tf.constant(1.5), tf.constant("1"), tf.constant(True)):
    made = make(recipe.packed, 1, integer(0), wrong)
    assert made in ("TypeError", "ValueError", "InvalidArgumentError"), made
made = make(recipe.packed, 1, integer(0), integer(2**43))  # 2**50 bytes that no machine has
assert made == "ResourceExhaustedError", made
print(len(entries))
"""


def test_hostile_attributes_and_inputs() -> None:
    environment = {**os.environ, "CORPUS": str(CORPUS), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = finished([sys.executable, "-c", SCRIPT], env=environment)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.splitlines()[-1]) > 12
