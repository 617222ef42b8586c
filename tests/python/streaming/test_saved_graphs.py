"""Graphs that were saved with an op of nanotilt: they go on drawing what they drew.

tests/known_answers/graphs holds graphs with the op NanotiltSample as `stream` made them up to 0.1,
with the recipe in the bytes of that time. Placeholders `start` and `count`; the op's outputs go
through `views`, `label` and `angle_rad`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt.streaming.stream import load_op
from places import ROOT

tf = pytest.importorskip("tensorflow")

GRAPHS = ROOT / "tests" / "known_answers" / "graphs"
SEED = 2**64 - 5
OUTPUTS = ("views", "label", "angle_rad")


def drawn_by(name: str) -> list[Any]:
    """What the saved graph of a recipe draws: views, label, angle_rad."""
    text_format = pytest.importorskip("google.protobuf.text_format")
    load_op()
    text = (GRAPHS / f"{name}.pbtxt").read_text(encoding="utf-8")
    graph_def = text_format.Parse(text, tf.compat.v1.GraphDef())
    assert {node.op for node in graph_def.node} == {"Placeholder", "NanotiltSample", "Identity"}
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(graph_def, name="")
    with tf.compat.v1.Session(graph=graph) as session:
        feed = {"start:0": 2**40, "count:0": 30}
        drawn: list[Any] = session.run([f"{name}:0" for name in OUTPUTS], feed)
    return drawn


def test_a_graph_of_the_first_release() -> None:
    expected = nt.recipes.hole().sample(SEED, 2**40, 30)
    for output, name in zip(drawn_by("hole"), OUTPUTS, strict=True):
        assert output.dtype == expected[name].dtype
        assert np.shape(output) == expected[name].shape
        assert output.tobytes() == expected[name].tobytes()


def test_a_graph_with_a_camera_whose_bits_are_gone_is_refused() -> None:
    """It was saved with version 2 of the camera."""
    with pytest.raises(tf.errors.InvalidArgumentError, match="NanotiltSample: "):
        drawn_by("s-projection")
