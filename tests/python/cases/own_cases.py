"""A small network as users build them, and a small budget for it."""

from __future__ import annotations

from typing import Any

import keras

from training_cases import SMALL

MODULE = """
import keras


@keras.saving.register_keras_serializable("own")
class Doubled(keras.layers.Layer):
    def call(self, views):
        return 2.0 * views


def build(recipe):
    return keras.Sequential([
        keras.Input((recipe.n_views, *recipe.view_shape)), Doubled(), keras.layers.Flatten(),
        keras.layers.Dropout(0.2), keras.layers.Dense(len(recipe.class_names)),
    ])


def shadowed(recipe):
    raise LookupError("no weather today")


def number(recipe):
    return 3


nothing = 3
"""
"""What a user's file holds."""

TINY = {**SMALL, "epochs": 2, "test_samples": 400, "validation_samples": 200}


def dense(*last: Any, shape: tuple[int, ...] = (2, 8)) -> keras.Model:
    flat = [keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(6, "relu")]
    return keras.Sequential([*flat, *last])
