"""The counter-based generator against its published answers and against a second implementation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle_random
from nanotilt._core import _testing

# Random123's kat_vectors, "philox4x32 10": counter, key, result.
KNOWN_ANSWERS = [
    (
        "00000000 00000000 00000000 00000000",
        "00000000 00000000",
        "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    ),
    (
        "ffffffff ffffffff ffffffff ffffffff",
        "ffffffff ffffffff",
        "408f276d 41c83b0e a20bc7c6 6d5451fd",
    ),
    (
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0",
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]
word = st.integers(0, 2**32 - 1)


def words(text: str) -> tuple[int, ...]:
    return tuple(int(number, 16) for number in text.split())


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN_ANSWERS)
def test_published_known_answers(counter: str, key: str, result: str) -> None:
    assert _testing.philox4x32(words(counter), words(key)) == words(result)
    assert tuple(oracle_random.philox4x32(words(counter), words(key))) == words(result)


@settings(deadline=None)
@given(st.tuples(word, word, word, word), st.tuples(word, word))
def test_any_counter_and_key(counter: tuple[int, ...], key: tuple[int, ...]) -> None:
    assert _testing.philox4x32(counter, key) == tuple(oracle_random.philox4x32(counter, key))


def test_every_bit_of_the_counter_counts() -> None:
    """Flipping one bit of the input flips half of the 128 bits of the output, +- 5.7."""
    same = np.array(_testing.philox4x32((0, 0, 0, 0), (0, 0)), dtype=np.uint32)
    for bit in range(128):
        counter = [(1 << (bit % 32)) if i == bit // 32 else 0 for i in range(4)]
        flipped = np.array(_testing.philox4x32(counter, (0, 0)), dtype=np.uint32)
        changes = sum(int(difference).bit_count() for difference in flipped ^ same)
        assert abs(changes - 64) < 34


@pytest.mark.parametrize(
    ("counter", "key"),
    [
        ((0, 0, 0), (0, 0)),
        ((0, 0, 0, 0), (0,)),
        ((-1, 0, 0, 0), (0, 0)),
        ((2**32, 0, 0, 0), (0, 0)),
    ],
)
def test_words_out_of_range_are_refused(counter: tuple[int, ...], key: tuple[int, ...]) -> None:
    with pytest.raises(TypeError):
        _testing.philox4x32(counter, key)
