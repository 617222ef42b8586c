"""The two ways from the C++ core into TensorFlow: through the op, or through NumPy.

Both give a function that draws outputs of a recipe, by name, for two int64 scalars (start, count).
"""

from __future__ import annotations

import ctypes
import functools
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nanotilt import _core
from nanotilt._base.optional import needed_for

if TYPE_CHECKING:
    from tensorflow import Tensor

    from nanotilt.recipes.recipe import Recipe

OP_NAME = "NanotiltDraw"

Draw = Callable[["Tensor", "Tensor"], "dict[str, Tensor]"]


def tensorflow() -> Any:
    """TensorFlow, imported when first needed: ``import nanotilt`` does without.

    Raises:
        ImportError: TensorFlow isn't installed.
    """
    with needed_for("nanotilt.stream"):
        import tensorflow
    return tensorflow


def draw_by(route: str, recipe: Recipe, seed: int, names: tuple[str, ...]) -> Draw:
    """The function that draws samples of (recipe, seed).

    Args:
        route: "op", "numpy", or "auto": the op if it can be had, else NumPy, with a warning.
        recipe: What to draw.
        seed: The stream's seed.
        names: The outputs of its spec to draw; the others are not computed.

    Raises:
        RuntimeError: route is "op" and the op can't be had.
    """
    if route == "numpy":
        return _draw_with_numpy(recipe, seed, names)
    problem = problem_with_op()
    if not problem:
        return _draw_with_op(recipe, seed, names)
    if route == "op":
        raise RuntimeError(problem)
    _warn_of_numpy_route(problem)
    return _draw_with_numpy(recipe, seed, names)


@functools.cache
def problem_with_op() -> str:
    """Loads the op into TensorFlow, once.

    Returns:
        Empty when TensorFlow has the op now, else why it hasn't.
    """
    tf = tensorflow()
    path = _op_library()
    if not path.is_file():
        return f"nanotilt was built without its TensorFlow op ({path} doesn't exist)"
    try:
        # Should another library hold the op's name, then TensorFlow's own loader raises an error;
        # registered behind its back, such a clash would end the process.
        tf.load_op_library(str(path))
        register = ctypes.CDLL(str(path)).nanotilt_tf_op_register
    except (OSError, AttributeError, RuntimeError, tf.errors.OpError) as error:
        return f"nanotilt's TensorFlow op can't be loaded: {error}"
    register.restype = ctypes.c_char_p
    problem = register()  # does something only if the library was loaded before TensorFlow
    return "" if problem is None else f"nanotilt's TensorFlow op can't be used: {problem.decode()}"


def _op_library() -> Path:
    """Where the build puts the op: beside the compiled module."""
    return Path(str(_core.__file__)).with_name("_tf_op.so")


@functools.cache
def _warn_of_numpy_route(problem: str) -> None:
    """Warns once of each problem, at the caller of nanotilt.stream."""
    warnings.warn(
        f"{problem}. nanotilt.stream goes through NumPy instead: the samples are the same, but "
        "an iterator can't be restored in another process and tf.data service can't be used.",
        RuntimeWarning,
        stacklevel=4,
    )


def _draw_with_op(recipe: Recipe, seed: int, names: tuple[str, ...]) -> Draw:
    tf = tensorflow()
    draw_eagerly = _draw_with_numpy(recipe, seed, names)
    attributes = op_attributes(recipe.packed, seed, names, _types(recipe, names))

    def draw(start: Tensor, count: Tensor) -> Any:
        if tf.executing_eagerly():  # in tf.data's debug mode there is no graph to put the op into
            return draw_eagerly(start, count)
        graph = tf.compat.v1.get_default_graph()
        drawn = graph.create_op(OP_NAME, [start, count], attrs=attributes).outputs
        return dict(zip(names, drawn, strict=True))

    return draw


def op_attributes(
    packed: bytes, seed: int, names: Sequence[str], types: Sequence[Any]
) -> dict[str, Any]:
    """Attributes of the op.

    Args:
        packed: The recipe as the core reads it.
        seed: The stream's seed.
        names: Outputs that the op is to give.
        types: Their tf.DType.
    """
    tf = tensorflow()
    value = tf.compat.v1.AttrValue
    return {
        "recipe": value(s=packed),
        "seed": value(i=seed if seed < 2**63 else seed - 2**64),  # an int64
        "outputs": value(list=value.ListValue(s=[name.encode() for name in names])),
        "output_types": value(list=value.ListValue(type=[t.as_datatype_enum for t in types])),
    }


def _types(recipe: Recipe, names: tuple[str, ...]) -> list[Any]:
    return [tensorflow().as_dtype(recipe.spec[name].dtype) for name in names]


def _draw_with_numpy(recipe: Recipe, seed: int, names: tuple[str, ...]) -> Draw:
    tf = tensorflow()
    types = _types(recipe, names)

    def sample(start: Any, count: Any) -> tuple[Any, ...]:
        # One thread, as in the op: tf.data makes several calls at the same time.
        return tuple(recipe._drawn(names, seed, int(start), int(count), 1).values())

    def draw(start: Tensor, count: Tensor) -> Any:
        drawn = tf.numpy_function(sample, [start, count], types, stateful=False)
        return dict(zip(names, drawn, strict=True))

    return draw
