"""A small network as users build them, and a small budget for it."""

from __future__ import annotations

from typing import Any

import keras

from training_cases import SMALL

TINY = {**SMALL, "epochs": 2, "test_samples": 400, "validation_samples": 200}


def dense(*last: Any, shape: tuple[int, ...] = (2, 8)) -> keras.Model:
    flat = [keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(6, "relu")]
    return keras.Sequential([*flat, *last])
