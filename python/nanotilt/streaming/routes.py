"""The two ways from the C++ core into TensorFlow: through the op, or through NumPy.

Both give a function that draws (views, label, angle_rad) for two int64 scalars (start, count).
"""

from __future__ import annotations

import ctypes
import functools
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nanotilt import _core
from nanotilt._base.optional import needed_for

if TYPE_CHECKING:
    from tensorflow import Tensor

    from nanotilt.recipes.recipe import Recipe

OP_NAME = "NanotiltSample"

Draw = Callable[["Tensor", "Tensor"], "tuple[Tensor, Tensor, Tensor]"]


def tensorflow() -> Any:
    """TensorFlow, imported when first needed: ``import nanotilt`` does without.

    Raises:
        ImportError: TensorFlow isn't installed.
    """
    with needed_for("nanotilt.stream"):
        import tensorflow
    return tensorflow


def draw_by(route: str, recipe: Recipe, seed: int) -> Draw:
    """The function that draws samples of (recipe, seed).

    Args:
        route: "op", "numpy", or "auto": the op if it can be had, else NumPy, with a warning.
        recipe: What to draw.
        seed: The stream's seed.

    Raises:
        RuntimeError: route is "op" and the op can't be had.
    """
    if route == "numpy":
        return _draw_with_numpy(recipe, seed)
    problem = problem_with_op()
    if not problem:
        return _draw_with_op(recipe, seed)
    if route == "op":
        raise RuntimeError(problem)
    _warn_of_numpy_route(problem)
    return _draw_with_numpy(recipe, seed)


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


def _draw_with_op(recipe: Recipe, seed: int) -> Draw:
    tf = tensorflow()
    draw_eagerly = _draw_with_numpy(recipe, seed)
    attributes = {
        "recipe": tf.compat.v1.AttrValue(s=recipe.packed),
        "seed": tf.compat.v1.AttrValue(i=seed if seed < 2**63 else seed - 2**64),  # an int64
    }

    def draw(start: Tensor, count: Tensor) -> Any:
        if tf.executing_eagerly():  # in tf.data's debug mode there is no graph to put the op into
            return draw_eagerly(start, count)
        graph = tf.compat.v1.get_default_graph()
        return tuple(graph.create_op(OP_NAME, [start, count], attrs=attributes).outputs)

    return draw


def _draw_with_numpy(recipe: Recipe, seed: int) -> Draw:
    tf = tensorflow()

    def sample(start: Any, count: Any) -> tuple[Any, Any, Any]:
        # One thread, as in the op: tf.data makes several calls at the same time.
        batch = recipe.sample(seed, start=int(start), count=int(count), n_threads=1)
        return batch.views, batch.label, batch.angle_rad

    def draw(start: Tensor, count: Tensor) -> Any:
        types = (tf.float32, tf.int32, tf.float32)
        return tf.numpy_function(sample, [start, count], types, stateful=False)

    return draw
