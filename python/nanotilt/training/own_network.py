"""The user's own networks: found by name, built, and looked at before any training."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from nanotilt._base.checks import received
from nanotilt._base.optional import needed_for
from nanotilt.models import TrainingPlan
from nanotilt.models._network import Network
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.words import error_in_words
from nanotilt.tasks.losses import PLAIN, TaskLoss, loss_of
from nanotilt.tasks.task import Task
from nanotilt.training.own_name import Build, NotANetworkError, imported

with needed_for("Training"):
    import keras
    import tensorflow as tf

SAMPLES_LOOKED_AT = 64
"""The first samples of the stream with seed 0, which tell what a network's outputs are."""

_SUMS_WITHIN = 1e-3
"""How far from 1 probabilities may sum up: float32 sums of ten thousand are off by some 1e-6, while
logits that by chance come this near in 64 samples are not to be expected."""


def build(
    name: str, recipe: Recipe, function: Build | None, task: Task | None = None
) -> keras.Model:
    """Calls the user's function, and makes sure that its network fits the recipe.

    Args:
        name: The function's, "package.module:function".
        recipe: What its views are drawn from.
        function: The function itself, or None: it is imported.
        task: What the network is asked, or None: which class it is.

    Returns:
        Takes views (batch, n_views, *view_shape), returns float32 (batch, n_outputs), a value for
        each output of the task. It is compiled if the function compiled it.

    Raises:
        NotANetworkError: the function gives no keras.Model, or its outputs are no float32 tensor.
        ValueError: it can't be imported, it raises, its network can't take the views, has outputs
            of another shape or that are not finite, or can't be read again from a file.
    """
    function = function or imported(name)
    try:
        model = function(recipe)
    except Exception as error:  # whatever the user's code raises
        raise ValueError(
            f"the function {name} must build a network for the recipe. "
            f"{received('model', name)}, which raised {error_in_words(error)}"
        ) from error
    if not isinstance(model, keras.Model):
        raise NotANetworkError(
            f"the function {name} must return a keras.Model. {received(name, model)}"
        )
    _check_outputs(name, _first_outputs(name, model, recipe), task or Task.of(recipe))
    _check_reading(name, model)
    return model


def compile(
    model: keras.Model,
    recipe: Recipe,
    plan: TrainingPlan,
    total_steps: int,
    steps_per_execution: int,
    task: Task | None = None,
) -> None:
    """Compiles a network for the training loop, in place.

    Its own optimizer and loss stay, if it has them. Else it gets the plan's optimizer, and the
    task's cross-entropy.

    Args:
        model: As `build` gave it.
        recipe: What it was built for.
        plan: Recommended settings, whose optimizer is taken.
        total_steps: Gradient steps that training will take.
        steps_per_execution: Gradient steps per call into TensorFlow.
        task: What the network is asked, or None: which class it is.

    Raises:
        ValueError: its own loss can't be computed, or takes probabilities where it gives logits,
            or the other way round.
    """
    task = task or Task.of(recipe)
    logits = gives_logits(model, recipe)
    own_loss = model.loss if model.compiled else None
    if own_loss is not None:
        _check_loss(own_loss, logits)
    loss = own_loss or _house_loss(task, logits)
    if model.compiled and model.optimizer is not None:
        model.compile(
            optimizer=model.optimizer,
            loss=loss,
            metrics=["accuracy"],
            steps_per_execution=steps_per_execution,
            run_eagerly=model.run_eagerly,
            jit_compile=model.jit_compile,
        )
    else:
        # Not every network can be compiled with XLA: Keras decides.
        dataclasses.replace(plan, jit_compile="auto").compile(
            model, total_steps, steps_per_execution=steps_per_execution, loss=loss
        )
    if own_loss is not None:
        _try_loss(model, recipe, task)


def answering(model: keras.Model, recipe: Recipe) -> Callable[..., Any]:
    """What turns views into probabilities: the network itself, or with a softmax after it.

    Args:
        model: Any network: one of nanotilt's, which give probabilities, or the user's.
        recipe: What it was built for.
    """
    if isinstance(model, Network) or not gives_logits(model, recipe):
        return model  # type: ignore[no-any-return]
    return lambda views, **options: tf.nn.softmax(model(views, **options))


def gives_logits(model: keras.Model, recipe: Recipe) -> bool:
    """Whether outputs are logits: they are, unless none is negative and each sample's sum to 1."""
    outputs = np.asarray(model(_first_views(recipe), training=False))
    sums = outputs.sum(axis=1, dtype=np.float64)
    return bool((outputs < 0).any() or (np.abs(sums - 1) > _SUMS_WITHIN).any())


def _first_views(recipe: Recipe) -> Any:
    return tf.convert_to_tensor(recipe.sample(seed=0, count=SAMPLES_LOOKED_AT).views)


def _first_outputs(name: str, model: keras.Model, recipe: Recipe) -> Any:
    """What the network makes of the first samples; its weights are made then, if not before."""
    views = _first_views(recipe)
    try:
        return model(views, training=False)
    except Exception as error:  # Keras and TensorFlow each raise what they like
        raise ValueError(
            f"the network of {name} must take views of shape {_batch(*views.shape[1:])}. "
            f"{received('model', name)}, which raised {error_in_words(error)}"
        ) from error


def _check_outputs(name: str, outputs: Any, task: Task) -> None:
    n = task.n_outputs
    wanted = f"the network of {name} must return one float32 tensor of shape {_batch(n)}"
    if not tf.is_tensor(outputs):
        raise NotANetworkError(f"{wanted}. Received: outputs of type {type(outputs).__name__}")
    if outputs.dtype != tf.float32:
        raise NotANetworkError(
            f"{wanted}; its last layer's dtype decides. Received: dtype {outputs.dtype.name}"
        )
    if tuple(outputs.shape) != (SAMPLES_LOOKED_AT, n):
        raise ValueError(
            f"{wanted}, a value for each of {', '.join(task.output_names)}. "
            f"Received: shape {tuple(outputs.shape)} for {SAMPLES_LOOKED_AT} samples"
        )
    n_wrong = int(np.count_nonzero(~np.isfinite(np.asarray(outputs))))
    if n_wrong:
        raise ValueError(f"{wanted}, all finite. Received: {n_wrong} values that are not")


def _batch(*shape: int) -> str:
    return f"(batch, {', '.join(map(str, shape))})"


def _check_reading(name: str, model: keras.Model) -> None:
    """Writes the network and reads it again, as checkpoints are: what fails would fail later."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "model.keras"
        try:
            if model.compiled and model.optimizer is not None and not model.optimizer.built:
                # Keras builds it as it reads, and would miss in the file what it holds then.
                model.optimizer.build(model.trainable_variables)
            model.save(file)
            keras.saving.load_model(file)
        except Exception as error:  # as above
            raise ValueError(
                f"the network of {name} must be of layers that can be read again from a file; "
                "classes and functions of one's own need "
                "@keras.saving.register_keras_serializable() and a complete get_config. "
                f"{received('model', name)}, which raised {error_in_words(error)}"
            ) from error


def _house_loss(task: Task, logits: bool) -> Any:
    loss = loss_of(task)
    if not logits:
        return loss
    if isinstance(loss, TaskLoss):
        return TaskLoss(loss.n_answers, loss.weights, loss.fading, from_logits=True)
    assert loss == PLAIN
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def _check_loss(loss: Any, logits: bool) -> None:
    """Refuses the cross-entropy of logits for probabilities, and the other way round."""
    known = keras.losses.get(loss)
    if known is keras.losses.sparse_categorical_crossentropy:
        takes_logits = False
    elif isinstance(known, keras.losses.SparseCategoricalCrossentropy):
        takes_logits = bool(known.from_logits)
    else:
        return
    if takes_logits != logits:
        given = "logits" if logits else "probabilities"
        raise ValueError(
            f"loss must have from_logits={logits}, because the network gives {given}. "
            f"Received: from_logits={takes_logits}"
        )


def _try_loss(model: keras.Model, recipe: Recipe, task: Task) -> None:
    """Computes the user's loss once, of whole numbers (batch,) as training has them."""
    batch = recipe.sample(seed=0, count=SAMPLES_LOOKED_AT)
    views, labels = map(tf.convert_to_tensor, (batch.views, task.labels(batch.label)))
    try:
        model.compute_loss(x=views, y=labels, y_pred=model(views, training=False))
    except Exception as error:  # as above
        raise ValueError(
            "loss must take labels (batch,), the numbers of the right outputs, and outputs (batch, "
            f"{task.n_outputs}). {received('loss', model.loss)}, which raised "
            f"{error_in_words(error)}"
        ) from error
