"""Every public function takes and refuses arrays alike."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np
import pytest

from array_cases import CASES, MODEL_CASES, Case, array_arguments
from patch_cases import PATCH_CASES, PATCH_MODEL_CASES

EVERY = (*CASES, *PATCH_CASES, *MODEL_CASES, *PATCH_MODEL_CASES)
ALL = [pytest.param(case, id=case.name) for case in EVERY]
QUICK = [pytest.param(case, id=case.name) for case in (*CASES, *PATCH_CASES)]


class Convertible:
    """What pandas' and other libraries' objects do: they know how to become an array."""

    def __init__(self, values: Any) -> None:
        self._values = values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self._values, dtype=dtype)


def same(one: Any, other: Any) -> None:
    if dataclasses.is_dataclass(one):
        assert one == other
    elif np.iscomplexobj(one):  # phases that a network answered
        np.testing.assert_allclose(one, other, atol=1e-3)
    else:
        np.testing.assert_array_equal(one, other)


def padded(array: Any) -> Any:
    """A view of every other value of a larger array, behind which there is NaN."""
    larger = np.full([2 * n for n in array.shape], np.nan)
    view = larger[tuple(slice(None, None, 2) for _ in array.shape)]
    view[...] = array
    return view


def test_every_public_function_with_an_array_is_listed() -> None:
    assert {case.name for case in EVERY} == array_arguments()


@pytest.mark.parametrize("case", ALL)
def test_masked_values_are_refused(case: Case) -> None:
    """What lies under a mask, such as a camera's 65535 for a dead pixel, is no measurement."""
    masked = np.ma.array(case.good, mask=False)
    masked[(0,) * masked.ndim] = np.ma.masked
    values: list[Any] = [masked]
    if masked.ndim > 1:
        values.append(list(masked))  # rows, of which one has a mask
    for value in values:
        with pytest.raises(ValueError, match="masked") as caught:
            case.call(value)
        message = str(caught.value)
        assert message.startswith(f"{case.named} must have no masked values")
        assert ".filled(value)" in message
        assert f"Received: 1 of {case.good.size} values masked" in message


@pytest.mark.parametrize("case", ALL)
def test_masked_arrays_with_nothing_masked_are_arrays(case: Case) -> None:
    expected = case.call(case.good)
    for mask in (np.ma.nomask, np.zeros(case.good.shape, bool)):
        same(case.call(np.ma.array(case.good, mask=mask)), expected)


@pytest.mark.parametrize("case", QUICK)
def test_numbers_of_any_kind_and_layout(case: Case) -> None:
    expected = case.call(case.good)
    good = case.good
    values: list[Any] = [good.astype(kind) for kind in ("f2", "f4", "g", "i1", "u2", "i8", ">f8")]
    values += [good.astype(">i4"), np.asfortranarray(good), padded(good), good.tolist()]
    values += [Convertible(good), good[::-1].copy()[::-1]]
    values += [good.view(np.matrix)] if good.ndim == 2 else []
    read_only = good.copy()
    read_only.flags.writeable = False
    for value in [*values, read_only]:
        same(case.call(value), expected)
    np.testing.assert_array_equal(read_only, good)


LEFT_OUT = ("densities", "angles_rad", "area", "borders", "template", "snr", "mask")
"""Arguments that may be None."""


@pytest.mark.parametrize("case", ALL)
def test_what_is_no_number_is_refused(case: Case) -> None:
    wrong: list[Any] = [case.good.astype(kind) for kind in (object, str, "S4", "m8[s]")]
    wrong += [] if case.named == "coefficients" else [case.good.astype(complex)]
    wrong += [case.good.astype("i8").astype("M8[s]"), case.good.astype([("a", "f4")])]
    wrong += [] if case.on_grid else [case.good.astype(bool)]
    for value in wrong:
        with pytest.raises(TypeError, match=re.escape(case.named)) as caught:
            case.call(value)
        assert str(value.dtype) in str(caught.value)
    for value in ("text", None, {"a": 1.0}, object()):
        if value is None and case.named in LEFT_OUT:
            continue
        if value == "text" and case.named == "template":
            continue  # a name, of which no one has heard
        with pytest.raises(TypeError, match=re.escape(case.named)):
            case.call(value)


@pytest.mark.parametrize("case", [c for c in ALL if c.values[0].on_grid])  # type: ignore[union-attr]
def test_boolean_images_are_images(case: Case) -> None:
    bits = case.good > 0
    same(case.call(bits), case.call(bits.astype(np.float32)))


@pytest.mark.parametrize("case", ALL)
def test_wrong_numbers_and_shapes_are_named(case: Case) -> None:
    for wrong in (np.nan, np.inf, -np.inf, 10**308 * np.longdouble(10)):
        value = case.good.astype(np.longdouble)
        value[(0,) * value.ndim] = wrong
        with pytest.raises(ValueError, match=f"{re.escape(case.named)}.*finite.*Received: 1 of"):
            case.call(value)
    with pytest.raises(ValueError, match=f"{re.escape(case.named)}.*rectangular"):
        case.call([[1.0, 2.0], [3.0]])
    for shape in ((), (0,), (0, 2), (1, 1, 1, 1, 1)):
        try:
            case.call(np.zeros(shape))
        except ValueError as error:
            assert case.named.partition("[")[0] in str(error)  # noqa: PT017
            assert "Received" in str(error)  # noqa: PT017
