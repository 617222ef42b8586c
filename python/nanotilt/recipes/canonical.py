"""Recipes to JSON values and back: every field by name, unknown keys refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from nanotilt._base import checks as check
from nanotilt._base.description import (
    Description,
    check_version,
    written_fields,
    written_version,
)
from nanotilt._base.text_files import RepeatedKeysError, decoded, named, parsed
from nanotilt.instruments import INSTRUMENTS
from nanotilt.instruments.instrument import Instrument
from nanotilt.recipes.spec import DEFAULT_TARGETS
from nanotilt.scenes import SCENES
from nanotilt.scenes.particles import Feature, Hole, Outline, Particle, Spiral
from nanotilt.scenes.scene import Scene
from nanotilt.scenes.shapes import Polygon, PolygonOutline, RegularPolygon, Square, SShape, TShape

_FEATURES: dict[str, type[Feature]] = {"hole": Hole, "spiral": Spiral}

_SHAPES: dict[str, type[PolygonOutline]] = {
    "square": Square, "regular_polygon": RegularPolygon, "t_shape": TShape, "s_shape": SShape,
    "polygon": Polygon,
}  # fmt: skip
"""Kinds of outlines; an outline without kind is a rough circle."""


def to_json_value(description: Description | Outline | PolygonOutline | Feature) -> dict[str, Any]:
    """A description as a dictionary of JSON values."""
    if isinstance(description, PolygonOutline):
        kind = next(name for name, shape in _SHAPES.items() if type(description) is shape)
        return {"kind": kind, **written_fields(description)}
    version = written_version(type(description)) if isinstance(description, Description) else {}
    if isinstance(description, Particle):
        return {
            **version,
            "outline": to_json_value(description.outline),
            "features": [
                {"kind": type(feature).__name__.lower(), **to_json_value(feature)}
                for feature in description.features
            ],
        }
    named_kind = {"kind": description.kind} if isinstance(description, Scene) else {}
    return {**named_kind, **version, **written_fields(description)}


def recipe_json(
    classes: Mapping[str, Scene], instrument: Instrument, weights: Any, normalise: Any, targets: Any
) -> dict[str, Any]:
    """What recipes are digested as: all but the stream version and the digest itself."""
    return {
        "classes": [
            {"label": label, **to_json_value(particle)} for label, particle in classes.items()
        ],
        instrument.kind: to_json_value(instrument),
        "weights": weights,
        "normalise": normalise,
        **({} if targets == DEFAULT_TARGETS else {"targets": targets}),
    }


def recipe_fields_from_json(text: str) -> tuple[dict[str, Any], Any, Any]:
    """Fields of a Recipe, its stream version and its digest (None where left out)."""
    value = _object("recipe", _parsed(text))
    keys = ("stream_version", "digest", "classes", *INSTRUMENTS, "weights", "normalise", "targets")
    _refuse_unknown_keys("recipe", value, keys)
    named_ones = [name for name in INSTRUMENTS if name in value]
    for key in ("classes",) if named_ones else ("classes", "detector"):
        if key not in value:
            raise ValueError(f'a recipe needs the key "{key}". Received: keys {named(list(value))}')
    if len(named_ones) > 1:
        raise ValueError(
            f"a recipe needs a {' or a '.join(INSTRUMENTS)}. "
            f"Received: {' and '.join(named_ones)}, together"
        )
    (name,) = named_ones
    fields: dict[str, Any] = {
        "classes": _classes_from_json(value["classes"]),
        "detector": _described(name, INSTRUMENTS[name], value[name]),
    }
    if value.get("weights") is not None:
        fields["weights"] = value["weights"]
    fields |= {key: value[key] for key in ("normalise", "targets") if key in value}
    return fields, value.get("stream_version"), value.get("digest")


def scene_from_json(field: str, value: Any) -> Scene:
    """Reads a scene's dictionary; one without kind is a particle."""
    scene = dict(_object(field, value))
    kind = check.choice(f"{field}.kind", scene.pop("kind", Particle.kind), tuple(SCENES))
    if SCENES[kind] is Particle:
        return particle_from_json(field, scene)
    described: Scene = _described(field, SCENES[kind], scene)
    return described


def particle_from_json(field: str, value: Any) -> Particle:
    """Reads a particle's dictionary."""
    particle = dict(_object(field, value))
    check_version(field, Particle, particle.pop("version", None))
    _refuse_unknown_keys(field, particle, ("outline", "features"))
    features = particle.get("features", [])
    if not isinstance(features, list):
        raise TypeError(f"{field}.features must be a list. {check.received('features', features)}")
    return Particle(
        outline=_outline_from_json(f"{field}.outline", particle.get("outline", {})),
        features=tuple(
            _feature_from_json(f"{field}.features[{i}]", feature)
            for i, feature in enumerate(features)
        ),
    )


def _parsed(text: str) -> Any:
    if not isinstance(text, (str, bytes)):
        raise TypeError(f"a recipe's JSON must be text. {check.received('text', text)}")
    try:
        return parsed(decoded(text) if isinstance(text, bytes) else text)
    except RepeatedKeysError as error:
        raise ValueError(f"a recipe must name each key once. {error}") from error
    except ValueError as error:
        raise ValueError(
            f"a recipe must be valid JSON: {error}. {check.received('text', text)}"
        ) from error


def _classes_from_json(value: Any) -> dict[str, Scene]:
    if not isinstance(value, list):
        raise TypeError(f"classes must be a list. {check.received('classes', value)}")
    classes: dict[str, Scene] = {}
    for i, item in enumerate(value):
        scene = dict(_object(f"classes[{i}]", item))
        label = scene.pop("label", None)
        if not isinstance(label, str):
            raise TypeError(
                f"classes[{i}].label must be a string. {check.received('label', label)}"
            )
        if label in classes:
            raise ValueError(f"labels of classes must differ. {check.received('label', label)}")
        classes[label] = scene_from_json(f"classes[{i}]", scene)
    return classes


def _outline_from_json(field: str, value: Any) -> Any:
    outline = dict(_object(field, value))
    if "kind" not in outline:
        return _described(field, Outline, outline)
    kind = check.choice(f"{field}.kind", outline.pop("kind"), tuple(_SHAPES))
    return _described(field, _SHAPES[kind], outline)


def _feature_from_json(field: str, value: Any) -> Feature:
    feature = dict(_object(field, value))
    kind = check.choice(f"{field}.kind", feature.pop("kind", None), tuple(_FEATURES))
    described: Feature = _described(field, _FEATURES[kind], feature)
    return described


def _described(field: str, kind: Any, value: Any) -> Any:
    """An instance of one of the frozen descriptions; errors say where in the recipe."""
    fields = dict(_object(field, value))
    if issubclass(kind, Description):
        check_version(field, kind, fields.pop("version", None))
    _refuse_unknown_keys(field, fields, tuple(f.name for f in dataclasses.fields(kind)))
    try:
        return kind(**fields)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{field}: {error}") from error


def _object(field: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{field} must be a JSON object. {check.received(field, value)}")
    return value


def _refuse_unknown_keys(field: str, value: dict[str, Any], known: tuple[str, ...]) -> None:
    unknown = [key for key in value if key not in known]
    if unknown:
        raise ValueError(
            f"{field} has unknown keys; known are {', '.join(known)}. Received: {named(unknown)}"
        )
