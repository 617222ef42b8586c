"""Views as likelihoods compare them: as they are, or moved to their centre of mass."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Alignment: TypeAlias = Literal["as detected", "centred"]
Values = npt.NDArray[np.float32]

_VALUES_AT_ONCE = 2**20
"""So many take some 0.1 s; between them, Ctrl-C is answered."""


def aligned(views: Values, background: float, alignment: Alignment) -> Values:
    """All views of a sample in one row, less the background.

    "centred" moves each view so that the centre of mass of its signal comes to its middle, through
    its Fourier series (padded with background to twice its length). Where a particle stands, and
    how the detector was shifted, then hardly matters, which takes one dimension per view off what a
    bank of templates has to cover: on "hole-stereo" a bank of 30,000 is right on 87 % instead of
    66 %. Linear or cubic interpolation, and shifts by whole bins, did a little worse.

    Args:
        views: (n, n_views, n_bins) float32.
        background: The detector's.
        alignment: How to align.

    Returns:
        (n, n_views * n_bins) float32.
    """
    out = np.empty((len(views), views.shape[1] * views.shape[2]), np.float32)
    at_once = max(1, _VALUES_AT_ONCE // out.shape[1])
    for start in range(0, len(views), at_once):
        signal = views[start : start + at_once] - np.float32(background)
        if alignment == "centred":
            signal = _centred(signal)
        out[start : start + at_once] = signal.reshape(len(signal), -1)
    return out


def _centred(signal: Values) -> Values:
    n_bins = signal.shape[-1]
    places = np.arange(n_bins, dtype=np.float32)
    mass = signal.sum(axis=-1)
    # A view without signal stays where it is; so does one whose centre would be beyond its ends.
    shift = (signal @ places) / np.where(mass > 0, mass, 1) - (n_bins - 1) / 2
    shift = np.where((mass > 0) & (np.abs(shift) < n_bins / 2), shift, 0)
    spectrum = np.fft.rfft(signal, n=2 * n_bins, axis=-1).astype(np.complex64)
    turns = (np.fft.rfftfreq(2 * n_bins) * 2 * np.pi).astype(np.float32)
    phase = shift[..., None].astype(np.float32) * turns
    spectrum *= np.cos(phase) + np.complex64(1j) * np.sin(phase)
    moved: Values = np.fft.irfft(spectrum, n=2 * n_bins, axis=-1)[..., :n_bins].astype(np.float32)
    return moved
