"""Array arguments of what looks at patches of lattices, as `array_cases` has the others."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np

import nanotilt as nt
from array_cases import ANGLES, VIEWS, Case
from nanotilt.instruments.scattering_factors import electron_scattering_factor
from nanotilt.lattices.defect_lists import read_defects
from nanotilt.tasks import ranking, tagging

PATCHES = np.random.default_rng(5).integers(0, 9, (3, 5, 6)).astype(np.float64)
CODES = np.random.default_rng(6).integers(0, 4, (3, 2)).astype(np.float64)


def _case(
    name: str, call: Callable[..., Any], field: str, arguments: dict[str, Any], on_grid: bool
) -> Case:
    return Case(
        f"{name}.{field}", arguments[field], partial(_called, call, arguments, field), on_grid
    )


def _called(call: Callable[..., Any], arguments: dict[str, Any], field: str, value: Any) -> Any:
    found = call(**{**arguments, field: value})
    return np.stack(list(found.values())) if isinstance(found, dict) else found


_PAIR: dict[str, Any] = {"views": PATCHES, "drawn": PATCHES[::-1]}
_SCORES: dict[str, Any] = {"without": ANGLES, "with_it": ANGLES}
_TAGGED: dict[str, Any] = {
    "tags": np.array([(0, 1), (1, 0), (1, 1), (0, 0)], np.float64),
    "scores": np.array([(0, 3), (2, 1), (1, 2), (3, 0)], np.float64),
    "runs": np.array([0, 0, 1, 2], np.float64),
    "snr": np.array([(0, 3), (2, 1), (1, 2), (3, 0)], np.float64),
}
_TAGGED_PAIR = ("tags", "scores")


def _tag_scores(**arrays: Any) -> Any:
    each, mean = tagging.tag_scores(("a", "b"), **arrays)
    return np.array([*(one.precision.value for one in each), mean.value, mean.limit])


_REFERENCE = nt.anomaly.CodeReference.of(CODES)
_CODES: dict[str, Any] = {
    "mean": CODES, "log_variance": CODES[::-1], "error": ANGLES, "n_pixels": 9,
    "reference": _REFERENCE,
}  # fmt: skip

COUNTED = np.random.default_rng(7).integers(0, 5, (32, 32)).astype(np.float64)
MISSING = np.array([(0, 0, 1), (1, 2, 1)], np.float64)
"""Two atoms: x, y, amplitude."""

PLACES = np.random.default_rng(8).integers(0, 2, (2, 4, 5, 3)).astype(np.float64)
_POLAR: dict[str, Any] = {"images": PATCHES, "centre": ANGLES[:2], "mask": (PATCHES[0] > 2) * 1.0}
_DISC = nt.FourierBessel((5, 6), (2, 2), 3, n=3, m=4)


def _profile(**given: Any) -> Any:
    return np.stack(nt.azimuthal_profile(**given, n_radii=2, radius=4))


def _cells(**given: Any) -> Any:
    return np.stack(nt.polar_bins(**given, n_radii=2, n_angles=3, radius=4)[:2])


def _plan(**given: Any) -> Any:
    return nt.FourierBessel((5, 6), radius=3, n=3, m=4, **given).transform(PATCHES)


PATCH_CASES: tuple[Case, ...] = (
    *(
        _case(name, call, field, given, field != "centre")
        for name, call, given in (
            ("ops.polar.polar_bins", _cells, _POLAR),
            ("ops.polar.azimuthal_profile", _profile, _POLAR),
            ("ops.fourier_bessel.fourier_bessel",
             lambda **v: nt.fourier_bessel(**v, radius=3, n=3, m=4), _POLAR),
            ("ops.fourier_bessel.FourierBessel.__init__", _plan,
             {"centre": ANGLES[:2], "mask": _POLAR["mask"]}),
        )
        for field in given
    ),
    Case("ops.fourier_bessel.FourierBessel.transform.images", PATCHES, _DISC.transform, True),
    Case(
        "ops.fourier_bessel.FourierBessel.inverse.coefficients",
        CODES.reshape(1, 2, 3)[:, :1].repeat(3, 1),
        _DISC.inverse,
    ),
    Case(
        "instruments.scattering_factors.electron_scattering_factor.q",
        ANGLES,
        partial(electron_scattering_factor, "C"),
    ),
    Case(
        "lattices.fitting.lattice_fit.images",
        COUNTED,
        lambda v: nt.lattice_fit(v, "graphene").residual,
        on_grid=True,
    ),
    Case(
        "lattices.fitting.lattice_fit.template",
        MISSING,
        lambda v: nt.lattice_fit(COUNTED, "graphene", template=v).match,
    ),
    Case(
        "lattices.defect_lists.read_defects.maps",
        PLACES,
        lambda v: np.concatenate(read_defects(v, ("vacancy", "silicon"), least=0.5))["x"],
        on_grid=True,
    ),
    *(
        _case("anomaly.residual.residuals", nt.anomaly.residuals, field, _PAIR, True)
        for field in _PAIR
    ),
    *(
        _case(
            "anomaly.residual.residual_scores", nt.anomaly.residual_scores, field,
            {**_PAIR, "margin_px": 1}, True,
        )
        for field in _PAIR
    ),
    _case(
        "anomaly.residual.smoothed_residuals", nt.anomaly.smoothed_residuals, "residual",
        {"residual": PATCHES}, True,
    ),
    *(
        _case("anomaly.codes.code_scores", nt.anomaly.code_scores, field, _CODES, False)
        for field in ("mean", "log_variance", "error")
    ),
    Case(
        "anomaly.codes.CodeReference.of.mean",
        CODES,
        lambda v: nt.anomaly.CodeReference.of(v).precision,
    ),
    Case("anomaly.codes.CodeReference.distance.mean", CODES, _REFERENCE.distance),
    *(
        _case(f"tasks.ranking.{name}", call, field, _SCORES, False)
        for name, call in (
            ("auc", lambda **v: ranking.auc(**v).value),
            ("roc", lambda **v: np.stack(ranking.roc(**v))),
            ("precision", ranking.precision),
            ("average_precision", ranking.average_precision),
            ("precision_recall", lambda **v: np.stack(ranking.precision_recall(**v))),
        )
        for field in _SCORES
    ),
    *(
        _case(
            f"tasks.tagging.{name}", call, field, {one: _TAGGED[one] for one in fields},
            field == "tags",
        )
        for name, call, fields in (
            ("average_precisions", tagging.average_precisions, _TAGGED_PAIR),
            ("resampled", partial(tagging.resampled, n=3), (*_TAGGED_PAIR, "runs")),
            ("tag_scores", _tag_scores, tuple(_TAGGED)),
            (
                "ideal_average_precisions",
                partial(tagging.ideal_average_precisions, draws=2),
                ("tags", "snr"),
            ),
        )
        for field in fields
    ),
)  # fmt: skip


@cache
def _network(name: str, *sizes: int) -> Any:
    """A network for patches of 16 x 16 pixels; of one that classifies, its views and classes."""
    model = getattr(nt.models, name)
    return model(sizes[0], (16, 16), sizes[1]) if sizes else model((16, 16))


@cache
def _finder() -> Any:
    """A network that finds defects, sure of nothing at first."""
    return nt.models.DefectFinder(("vacancy",), widths=(2, 2, 2))


PATCH_MODEL_CASES: tuple[Case, ...] = tuple(
    Case(f"models.lattices.{name}.views", VIEWS[:, None], call, True)
    for name, call in (
        ("defect_net.DefectNet.places", lambda v: _network("DefectNet", 1, 2).places(v)),
        (
            "defect_finder.DefectFinder.places",
            lambda v: _finder().places(v),
        ),
        (
            "defect_finder.DefectFinder.found",
            lambda v: np.concatenate(_finder().found(v, least=1e-4))["x"],
        ),
        (
            "patch_autoencoder.PatchAutoencoder.redrawn",
            lambda v: _network("LatticeDenoiser").redrawn(v),
        ),
        (
            "vae.VariationalAutoencoder.latent",
            lambda v: _network("VariationalAutoencoder").latent(v)[0],
        ),
    )
)
