"""X-ray scattering: what a sample scatters at small angles, as an area detector sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from nanotilt._base import checks as check
from nanotilt._base.description import field_values
from nanotilt._base.output import Output
from nanotilt.scenes.scattering_terms import (
    COEFFICIENTS,
    COLUMNS,
    CONTRIBUTIONS,
    MOST_PARAMETERS,
    TAGS,
)
from nanotilt.scenes.scene import Extent, Frame, Scene, angles_output

_CHANCES = (
    "diffuse", "background", "streaks", "zingers", "stops", "edges", "calibration",
)  # fmt: skip


@dataclass(frozen=True)
class Scattering(Scene):
    """Small-angle x-ray scattering of one sample in one run (Lashley et al. 2017).

    An image is a sum of one contribution or more, of diffuse scattering and of background, behind a
    beam stop. What is drawn does not depend on the detector: the same sample on detectors of 256
    and of 2,000 pixels is the same scene. Images of a run share the place of the beam, its size and
    the stop.

    Args:
        tags: What the target ``tags`` tells. "visible": what has a signal-to-noise ratio of 5, the
            pixels taken together. "legacy": what has so many pixels above so many counts, whatever
            the background, as in the data of 2017; 20-fold symmetry counts as 2-fold, one order as
            higher orders, and the rings of silver behenate as none.
        images_per_run: Images that share the beam's place and the stop, in [1, 1000000].
        contributions: Share of each kind of contribution, as a mapping by name (what is not named
            is left out) or a sequence in the order of
            `nanotilt.scenes.scattering_terms.CONTRIBUTIONS`; they need not sum to 1. None: the
            shares there.
        further: Mean number of contributions beyond the first, in [0, 3]; six are the most.
        diffuse: Chance of diffuse scattering, at low and at high q.
        background: Chance of background: constant, smooth, or of square and round windows.
        streaks: Chance of streaks from slits.
        zingers: Chance of zingers: pixels that are full.
        stops: Chance of a beam stop where the beam is on the frame: linear, round, or a wedge.
        edges: Chance that a run's large angles are cut off, as by a pipe.
        calibration: Chance of an image of silver behenate in place of a sample's.
        calibration_first: Whether each run of more than one image begins with silver behenate.
        beam_counts: Peak of the direct beam in counts per pixel of 75 um, in [0, 1e6].

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    kind: ClassVar[str] = "scattering"
    geometry: ClassVar[str] = "scattering"

    tags: Literal["visible", "legacy"] = "visible"
    images_per_run: int = 100
    contributions: Mapping[str, float] | Sequence[float] | None = None
    further: float = 0.3
    diffuse: float = 0.4
    background: float = 0.4
    streaks: float = 0.1
    zingers: float = 0.05
    stops: float = 1.0
    edges: float = 0.05
    calibration: float = 0.01
    calibration_first: bool = True
    beam_counts: float = 1e5

    def __post_init__(self) -> None:
        fields: dict[str, Any] = {
            "tags": check.choice("tags", self.tags, ("visible", "legacy")),
            "images_per_run": check.integer(
                "images_per_run", self.images_per_run, at_least=1, below=1_000_001
            ),
            "contributions": _checked_shares(self.contributions),
            "further": check.within("further", self.further, 0.0, 3.0),
            "calibration_first": check.flag("calibration_first", self.calibration_first),
            "beam_counts": check.within("beam_counts", self.beam_counts, 0.0, 1e6),
        }
        for name in _CHANCES:
            fields[name] = check.within(name, getattr(self, name), 0.0, 1.0)
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @property
    def shares(self) -> tuple[float, ...]:
        """Share of each of `nanotilt.scenes.scattering_terms.CONTRIBUTIONS`."""
        given = self.contributions
        return tuple(CONTRIBUTIONS.values()) if given is None else tuple(map(float, given))

    def truths(self, frame: Frame) -> tuple[Output, ...]:
        """What is seen, how well, and what was drawn.

        ``tags`` and ``snr`` have the order of `nanotilt.scenes.scattering_terms.TAGS`. A
        signal-to-noise ratio is the root of the sum over all pixels of s^2 / (rate + variance of
        the background), s what the best of the contributions with this tag adds behind the stop: of
        symmetry, what differs from its mean over the azimuth; of higher orders, without the first
        one. ``clean`` holds expected counts.

        What networks read that do not see the image: ``polar`` has mean counts of cells of half a
        turn (opposite pixels share one), radii equally far apart in their logarithm between the
        detector's ``q_range``; and how many pixels each cell has. Both count in pixels of 75 um, so
        that they do not depend on the number of pixels. The first azimuth begins in the direction
        of the rows; azimuths grow towards larger rows. ``coefficients`` are those of
        log(1 + mean counts) / log(65536) on the disc out to the largest q, n = 1 ... 40,
        m = 0, 2 ... 20, real and imaginary part, as `nanotilt.fourier_bessel` has them: found from
        cells of 128 rings and 64 azimuths, those without pixels taken for 0.

        ``parameters`` has a row for each part; its columns are
        `nanotilt.scenes.scattering_terms.COLUMNS`, its kinds ``KINDS`` there.
        """
        n = frame.view_shape[0]
        return (
            angles_output(frame.n_views),
            Output("tags", "uint8", (len(TAGS),), "", "1 where a tag applies, 0 where not"),
            Output("snr", "float32", (len(TAGS),), "", "signal-to-noise ratio of each tag"),
            Output("parameters", "float32", (MOST_PARAMETERS, len(COLUMNS)), "",
                   "what was drawn, a row for each part", length="n_parameters"),
            Output("n_parameters", "int32", (), "", "how many entries of parameters there are"),
            Output("run", "int64", (), "", "number of the run that the image is of"),
            Output("beam", "float32", (2,), "px", "x and y of the beam"),
            Output("clean", "float32", (1, n, n), "", "expected counts"),
            Output("polar", "float32", (2, *frame.polar), "",
                   "mean counts of polar cells in pixels of 75 um, and their sizes in such pixels"),
            Output("coefficients", "float32", (*COEFFICIENTS, 2), "",
                   "Fourier-Bessel coefficients of the logarithm of polar cells"),
        )  # fmt: skip

    def extent(self) -> Extent:
        """No rings are drawn; counts are cut at 65,535."""
        return Extent(0.0, 0.0, 0.0, 0.0)

    def lowered(self) -> dict[str, Any]:
        """The values that the core draws by, each under its name."""
        return {
            "kind": self.kind,
            "version": self.version,
            "legacy": self.tags == "legacy",
            "shares": self.shares,
            **field_values(self, without=("tags", "contributions")),
        }


def _checked_shares(value: Any) -> tuple[float, ...] | None:
    if value is None:
        return None
    if isinstance(value, Mapping):
        for name in value:
            check.choice("contributions", name, tuple(CONTRIBUTIONS))
        value = [value.get(name, 0.0) for name in CONTRIBUTIONS]
    shares = check.reals("contributions", value, length=len(CONTRIBUTIONS), at_least=0)
    if not 0 < sum(shares) <= 1e6:
        raise ValueError(
            "contributions must be such that their sum is > 0 and <= 1e6. "
            f"{check.received('contributions', value)}"
        )
    return shares
