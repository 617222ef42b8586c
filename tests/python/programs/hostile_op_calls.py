"""Calls of the TensorFlow ops with recipes, names, types and ranges that nobody should hand over.

Run as a script: `python hostile_op_calls.py CORPUS`; it prints how many recipes of the corpus it
tried. `test_op_calls.py` does.
"""

from __future__ import annotations

import random
import struct
import sys
from pathlib import Path
from typing import Any

import tensorflow as tf

import nanotilt as nt
from nanotilt.streaming import routes

RECIPE = nt.recipes.hole()
VIEWS = (("views", tf.float32),)
INVALID = "InvalidArgumentError"


def integer(value: Any) -> Any:
    return tf.constant(value, tf.int64)


ZERO, ONE = integer(0), integer(1)


def call(op: str, attributes: dict[str, Any], start: Any, count: Any) -> tuple[str, str]:
    """What became of a call: "drawn", or an error's name; and what the error says."""

    def draw(start: Any, count: Any) -> Any:
        graph = tf.compat.v1.get_default_graph()
        return graph.create_op(op, [start, count], attrs=attributes).outputs

    try:
        tf.function(draw, autograph=False)(start, count)
    except (tf.errors.OpError, ValueError, TypeError) as error:
        return type(error).__name__, str(error)
    return "drawn", ""


def drawn(
    packed: bytes = RECIPE.packed,
    start: Any = ZERO,
    count: Any = ONE,
    *,
    seed: int = 1,
    outputs: Any = VIEWS,
) -> str:
    """What both ops make of a call, which must be the same."""
    names, types = [name for name, _ in outputs], [dtype for _, dtype in outputs]
    attributes = routes.op_attributes(packed, seed, names, types)
    of_draw, words = call("NanotiltDraw", attributes, start, count)
    both = {name: attributes[name] for name in ("recipe", "seed")}
    of_sample, other_words = call("NanotiltSample", both, start, count)
    assert of_draw == of_sample, (of_draw, of_sample)
    assert (of_draw != INVALID) or "NanotiltDraw: " in words or "scalar" in words, words
    assert (of_sample != INVALID) or "NanotiltSample: " in other_words, other_words
    return of_draw


def try_recipes(corpus: Path) -> int:
    entries = [line for line in corpus.read_text().splitlines() if line[0] != "#"]
    entries = entries[::4]  # the core's own tests take all; here each costs graphs
    for entry in entries:
        head, _, contents = entry.partition(":")
        words = contents.split()
        if words[0] == "wire":
            packed = bytes.fromhex(words[1])
        else:
            packed = struct.pack(f"<{len(words)}d", *map(float, words))
        if len(packed) < 2000:
            made = drawn(packed)
            assert (made == INVALID) == head.startswith("refused"), (head, made)
    generator = random.Random(0)
    for size in (0, 1, 7, 8, 16, 800, 5000):
        assert drawn(generator.randbytes(size)) == INVALID
    return len(entries)


def try_ranges() -> None:
    largest = 2**63 - 1
    for seed in (-(2**63), -1, largest):
        assert drawn(start=integer(largest), seed=seed % 2**64) == "drawn"
    wrong_ranges = ((-1, 1), (0, -1), (-(2**63), 1), (largest, 2), (0, 2**62), (0, -(2**63)))
    for start, count in wrong_ranges:
        assert drawn(start=integer(start), count=integer(count)) == INVALID
    for no_scalar in ([], [0, 1], [[0]]):
        assert drawn(start=integer(no_scalar)) == INVALID
    for wrong in (tf.constant(1), tf.constant(1.5), tf.constant("1"), tf.constant(True)):
        made = drawn(count=wrong)
        assert made in ("TypeError", "ValueError", INVALID), made
    # 2**50 bytes that no machine has
    assert drawn(count=integer(2**43)) == "ResourceExhaustedError"


def try_outputs() -> None:
    """Names and types that are not those of the recipe's spec."""
    f4, i4 = tf.float32, tf.int32
    good = [[("label", i4)], [("angle_rad", f4), ("label", i4)], [("label", i4), ("views", f4)]]
    for outputs in good:
        assert outcome(outputs)[0] == "drawn", outputs
    wrong: list[tuple[list[tuple[str, Any]], str]] = [
        ([("mask", f4)], "outputs must be among views, label, angle_rad. Received: mask"),
        ([("", f4)], "outputs must be among"),
        ([("views\0", f4)], "outputs must be among"),
        ([("\udcff" * 3, f4)], "outputs must be among"),
        ([("v" * 10**6, f4)], "outputs must be among"),
        ([("label", i4), ("views", f4), ("label", i4)], "must differ. Received twice: label"),
        ([("label", f4)], "output_types must have int32 for label. Received: type 1"),
        ([("views", tf.string)], "output_types must have float32 for views"),
        ([("views", tf.variant), ("label", tf.resource)], "output_types must have float32"),
        ([("label", i4)] * 1000, "must differ"),
    ]
    for outputs, message in wrong:
        made, words = outcome(outputs)
        assert made == INVALID, (made, words[:500])
        assert message in words, (words[:500], message)
    names = ["views", "label"]
    for types in ([f4], [f4, i4, f4]):
        attributes = routes.op_attributes(RECIPE.packed, 1, names, types)
        made, words = call("NanotiltDraw", attributes, ZERO, ONE)
        assert made == INVALID, (made, words)
        assert f"Received: {len(types)} types, 2 outputs" in words, words
    for names, types in (([], []), ([], [f4]), (["views"], [])):
        made, words = call(
            "NanotiltDraw", routes.op_attributes(RECIPE.packed, 1, names, types), ZERO, ONE
        )
        assert made in ("ValueError", INVALID), (made, words)
        assert "minimum" in words, words
    for missing in ("recipe", "seed", "outputs", "output_types"):
        attributes = routes.op_attributes(RECIPE.packed, 1, ["views"], [f4])
        del attributes[missing]
        made, words = call("NanotiltDraw", attributes, ZERO, ONE)
        assert made != "drawn"
        assert missing in words, (made, words)


def outcome(outputs: list[tuple[str, Any]]) -> tuple[str, str]:
    value = tf.compat.v1.AttrValue
    attributes = routes.op_attributes(RECIPE.packed, 1, [], [dtype for _, dtype in outputs])
    names = [name.encode("utf-8", "surrogateescape") for name, _ in outputs]
    attributes["outputs"] = value(list=value.ListValue(s=names))
    return call("NanotiltDraw", attributes, ZERO, ONE)


if __name__ == "__main__":
    assert not routes.problem_with_op(), routes.problem_with_op()
    n_entries = try_recipes(Path(sys.argv[1]))
    try_ranges()
    try_outputs()
    print(n_entries)
