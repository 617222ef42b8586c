"""Which outputs a stream gives, and how they are nested: ``give=({"views"}, {"mask"})``."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from nanotilt._base import checks as check
from nanotilt.recipes.spec import SampleSpec

VIEWS_AND_LABEL = ("views", "label")

DEEPEST = 100
"""Levels of nesting; tf.data itself needs some C stack for each."""


@dataclass(frozen=True)
class Given:
    """What a stream gives.

    Attributes:
        names: The outputs to draw, each once.
        form: Their nesting: a name, a tuple of forms, or a dictionary of forms.
    """

    names: tuple[str, ...]
    form: Any

    def arranged(self, outputs: Mapping[str, Any]) -> Any:
        """The outputs, found by name, in the form asked for."""
        return _arranged(self.form, outputs)


def checked_give(give: Any, spec: SampleSpec) -> Given:
    """What `give` asks for.

    Args:
        give: A name of an output; or a tuple or list of such, a dictionary with such as values, or
            a set of names, which becomes a dictionary by name; nested in any way.
        spec: What there is to give.

    Raises:
        TypeError: there is something else in it.
        ValueError: a name is none of an output, there are no names, or it is nested too deeply.
    """
    form = _form(give, spec, give, 0)
    names = tuple(dict.fromkeys(_names(form)))
    if not names:
        raise ValueError(f"give must name one output at least. {check.received('give', give)}")
    return Given(names, form)


def _form(part: Any, spec: SampleSpec, give: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise ValueError(f"give must be nested <= {DEEPEST} deep. {check.received('give', give)}")
    if isinstance(part, str):
        if part not in spec:
            raise ValueError(
                f"give must name outputs of the recipe, which has {', '.join(spec)}; there is no "
                f"{part!r}. {check.received('give', give)}"
            )
        return str.__str__(part)
    if isinstance(part, Mapping):
        if not all(isinstance(key, str) for key in part):
            raise TypeError(f"keys in give must be strings. {check.received('give', give)}")
        return {key: _form(value, spec, give, depth + 1) for key, value in part.items()}
    if isinstance(part, AbstractSet):
        if not all(isinstance(name, str) for name in part):
            raise TypeError(f"sets in give must hold names. {check.received('give', give)}")
        return {name: _form(name, spec, give, depth + 1) for name in sorted(part)}
    if isinstance(part, (tuple, list)):
        return tuple(_form(item, spec, give, depth + 1) for item in part)
    raise TypeError(
        "give must be a name of an output, or tuples, lists, dictionaries and sets of names. "
        f"{check.received('give', give)}"
    )


def _names(form: Any) -> list[str]:
    if isinstance(form, str):
        return [form]
    parts = form.values() if isinstance(form, dict) else form
    return [name for part in parts for name in _names(part)]


def _arranged(form: Any, outputs: Mapping[str, Any]) -> Any:
    if isinstance(form, str):
        return outputs[form]
    if isinstance(form, dict):
        return {key: _arranged(part, outputs) for key, part in form.items()}
    return tuple(_arranged(part, outputs) for part in form)
