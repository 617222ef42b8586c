"""The random stream again: Philox, normals, labels and counts, as documented."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import gammaln

Floats: TypeAlias = npt.NDArray[np.float64]

LABEL, PLACEMENT, PARTICLE, NOISE, COUNTING, FEW_COUNTS, MANY_COUNTS = range(7)
CALIBRATION = 0x80000000
COUNTING_BLOCKS = 128


class Position(NamedTuple):
    """A sample of a stream; `domain` is CALIBRATION in the stream that bounds are taken from."""

    seed: int
    sample: int
    domain: int = 0


def philox4x32(counter: npt.ArrayLike, key: npt.ArrayLike) -> npt.NDArray[np.uint32]:
    """Philox4x32-10 (Salmon et al. 2011, section 3.3): counters (..., 4), one key (2,)."""
    low_half = np.uint64(0xFFFFFFFF)
    c0, c1, c2, c3 = np.moveaxis(np.asarray(counter, dtype=np.uint64), -1, 0)
    k0, k1 = (int(word) for word in np.asarray(key))
    for _ in range(10):
        product0 = np.uint64(0xD2511F53) * c0
        product1 = np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (
            (product1 >> np.uint64(32)) ^ c1 ^ np.uint64(k0),
            product1 & low_half,
            (product0 >> np.uint64(32)) ^ c3 ^ np.uint64(k1),
            product0 & low_half,
        )
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return np.stack([c0, c1, c2, c3], axis=-1).astype(np.uint32)


def random_words(at: Position, purpose: int, blocks: npt.ArrayLike) -> npt.NDArray[np.uint32]:
    """Words (n_blocks, 4) of one sample and purpose."""
    block = np.atleast_1d(np.asarray(blocks, dtype=np.uint64))
    low, high = at.sample % 2**32, at.sample >> 32
    rest = np.broadcast_to([purpose | at.domain, low, high], (block.size, 3)).astype(np.uint64)
    return philox4x32(np.column_stack([block, rest]), (at.seed % 2**32, at.seed >> 32))


def normals(at: Position, purpose: int, n: int) -> Floats:
    """Standard normals 0 ... n - 1 by Box and Muller.

    16 blocks make 64 normals: words 0 and 1 of block l the normals l and 16 + l, words 2 and 3 the
    normals 32 + l and 48 + l.
    """
    n_groups = -(-n // 64)
    words = random_words(at, purpose, np.arange(16 * n_groups)).reshape(n_groups, 16, 2, 2)
    half = (words[..., 0] >> 1).astype(np.float32)
    uniform = (half * np.float32(2**-31) + np.float32(2**-32)).astype(np.float64)
    radius = np.sqrt(-2 * np.log(uniform))
    angle = words[..., 1] * (2 * math.pi / 2**32)
    pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    return pairs.transpose(0, 2, 3, 1).reshape(-1)[:n]  # (group, words, which of the pair, lane)


def uniform24(word: np.uint32) -> float:
    """Uniform in [0, 1) on a grid of 2**-24."""
    return int(word >> 8) / 2**24


def label_of(weights: tuple[float, ...], at: Position) -> int:
    """Class of a sample.

    Blocks of samples, each rotated at random, are dealt by nested Bresenham sequences; of equal
    weights, every block has every class once.
    """
    n = len(weights)
    total = float(np.cumsum(weights)[-1])  # one by one; sum() is cleverer in newer Pythons
    equal = len(set(weights)) == 1
    rarest = min(weight for weight in weights if weight > 0)
    period = n if equal else int(min(max(total / rarest, n), 256) + 0.5)
    block, place = divmod(at.sample, period)
    word = int(random_words(at._replace(sample=block), LABEL, 0)[0, 0])
    turned_place = (place + (word * period >> 32)) % period
    if equal:
        return turned_place
    item, rest = block * period + turned_place, total
    for k, weight in enumerate(weights[:-1]):
        share = min(int(min(weight / rest, 1.0) * 2**32), 2**32 - 1) if rest > 0 else 0
        rest -= weight
        before, after = ((j * share + 2**31) >> 32 for j in (item, item + 1))
        if after > before or (weight > 0 and rest <= 1e-12 * total):
            return k
        item -= before
    return n - 1


def poisson(mean: Floats, words: Callable[[int], npt.NDArray[np.uint32]]) -> Floats:
    """Counts for an array of n means; words(step) gives the step's random words (n, 4).

    Exponential gaps below a mean of 10, else transformed rejection (Hoermann 1993, algorithm PTRS).
    """
    return np.where(mean < 10, _count_gaps(mean, words), _transformed_rejection(mean, words))


def _count_gaps(mean: Floats, words: Callable[[int], npt.NDArray[np.uint32]]) -> Floats:
    mean = np.where(mean < 10, mean, 0.0)
    elapsed, count = np.zeros((len(mean), 1)), np.zeros(len(mean))
    for step in range(COUNTING_BLOCKS):
        elapsed = elapsed[:, -1:] - np.cumsum(np.log((words(step) + 0.5) / 2**32), axis=1)
        count += (elapsed <= mean[:, None]).sum(axis=1)
        if (elapsed[:, -1] > mean).all():
            break
    return count


def _transformed_rejection(mean: Floats, words: Callable[[int], npt.NDArray[np.uint32]]) -> Floats:
    mean = np.maximum(mean, 10.0)
    b = 0.931 + 2.53 * np.sqrt(mean)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    count, accepted = np.zeros(len(mean)), np.zeros(len(mean), dtype=bool)
    for step in range(COUNTING_BLOCKS):
        w = words(step).astype(np.uint64)
        u, v = (((w[:, ::2] << np.uint64(21)) ^ (w[:, 1::2] >> np.uint64(11))) + 0.5).T / 2**53
        u = u - 0.5
        us = 0.5 - np.abs(u)
        k = np.floor((2 * a / us + b) * u + mean + 0.43)
        at_once = (us >= 0.07) & (v <= 0.9277 - 3.6224 / (b - 2))
        never = (k < 0) | ((us < 0.013) & (v > us))
        log_ratio = np.log(v * inverse_alpha / (a / us**2 + b))
        likely = log_ratio <= k * np.log(mean) - mean - gammaln(np.maximum(k, 0) + 1)
        now = ~accepted & (at_once | (~never & likely))
        count[now] = k[now]
        accepted |= now
        if accepted.all():
            return count
    raise AssertionError("a draw was never accepted")


def fast_poisson(mean: Floats, at: Position, first_value: int) -> Floats:
    """Counts of the values first_value, first_value + 1, ... of a sample, drawn fast.

    Below a mean of 16 the quantile of a uniform number of 31 bits, else an expansion of the
    quantile in a normal (Giles 2016 has its first terms; in powers of 1 / sqrt(mean)).
    """
    n = first_value + len(mean)
    n_groups = -(-n // 64)
    words = random_words(at, FEW_COUNTS, np.arange(16 * n_groups))
    words = words.reshape(n_groups, 16, 4).transpose(0, 2, 1).reshape(-1)[first_value:n]
    few = stats.poisson.ppf(((words >> 1) + 0.5) / 2**31, np.where(mean < 16, mean, 1.0))
    z = normals(at, MANY_COUNTS, n)[first_value:]
    m = np.maximum(mean, 16.0)
    quantile = (
        m + np.sqrt(m) * z
        + (2 + z**2) / 6
        - (z**3 + 2 * z) / (72 * np.sqrt(m))
        + (3 * z**4 + 7 * z**2 - 16) / (810 * m)
        - (207 * z**5 + 548 * z**3 - 2684 * z) / (155520 * m**1.5)
    )  # fmt: skip
    many = np.maximum(np.floor(quantile), 0)
    return np.where(mean > 0, np.where(mean < 16, few, many), 0.0)
