"""Descriptions of scanning cameras: how a field of particles becomes an image, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from nanotilt._base import checks as check
from nanotilt._base.description import field_values
from nanotilt._base.sizes import N_VALUES_LIMIT
from nanotilt.instruments.instrument import COUNTING_KINDS, Instrument
from nanotilt.scenes.field_terms import FEWEST_PIXELS, LARGEST_COVERED_SHARE, MOST_PIXELS
from nanotilt.scenes.fields import Field
from nanotilt.scenes.scene import Frame, Scene

MODES = ("dark_field", "bright_field", "edges")
SCANS = ("all", "random", "line_hop", "spiral", "rows")
LABELS = ("seen", "true")
MOST_FRAMES = 4096
LARGEST_SHIFT = 1000.0


@dataclass(frozen=True)
class ScanningCamera(Instrument):
    """A scanning electron beam over a field of particles: one image, or the frames of a video.

    The beam's place in each row is off by jitter, drift, mains and flyback; bodies are drawn where
    it really goes. Then the image is blurred, cut below at 5 % of the background, and counted.
    Values are in units of the mean background, which is 1.

    Args:
        n_pixels: Pixels on each side, 32 ... 2048.
        n_frames: Frames of a sample, 1 ... 4096: one image, or a video. All frames together have
            2**25 pixels at most.
        pixel_nm: Length of a pixel in nanometres, for axes and tables; nothing is drawn by it.
        mode: "dark_field": what scatters is bright, 1 + contrast times thickness (HAADF).
            "bright_field": what scatters weakens the beam, exp(-contrast times thickness). "edges":
            as dark field, and outlines shine, as secondary electrons make them.
        edge_height: Of "edges": what is added is edge_height (1 / sqrt(1 - g^2) - 1), g from 0 in a
            particle's middle to 1 at its outline, 4 edge_height at most.
        blur_sigma_px: Standard deviation of the probe in pixels, in [0, 100].
        jitter_px: Standard deviation of each row's shift in x.
        drift_px: Standard deviation, in x and in y, of the way that the specimen moves during a
            frame.
        mains_px: Amplitude of a sine wave that shifts rows in x.
        mains_rows: Its period in rows, >= 1.
        flyback_px: How far the beam is still behind at the start of a row.
        flyback_columns: Columns in which that falls to 1 / e.
        dose: Electrons per pixel of background, in [1e-6, 1e9]; (least, most): a number between
            them for each sample, uniform in its logarithm; None: no counting noise.
        counting: How electrons are counted, as for Camera: "fast" or "exact".
        readout_noise: Standard deviation of the detector's own noise, in electrons.
        saturation: Largest value, in units of the background, with 0 as the smallest; 0: any.
        bits: 8 or 16: values between 0 and the saturation are rounded to so many bits; 0: none.
        labels: "seen": masks and maps are of the places that the beam really visits, as the image
            is; "true": of a straight scan.
        scan: Which pixels the beam visits. "all"; "random": exactly the nearest number to
            fraction times all; "line_hop": in each band of 1 / fraction rows one path that hops up
            or down by a row or not at each pixel (Kovarik et al. 2016); "spiral": an Archimedean
            one, 1 / fraction pixels between turns; "rows": every 1 / fraction-th row. The others
            are 0 in the views, and in the target ``scanned``.
        fraction: See scan; in (0, 1], >= 0.001.

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    kind: ClassVar[str] = "scanning_camera"
    sees: ClassVar[tuple[str, ...]] = ("bodies",)
    centring: ClassVar[bool] = False

    n_pixels: int = 128
    n_frames: int = 1
    pixel_nm: float = 1.0
    mode: Literal["dark_field", "bright_field", "edges"] = "dark_field"
    edge_height: float = 0.25
    blur_sigma_px: float = 0.8
    jitter_px: float = 0.25
    drift_px: float = 1.0
    mains_px: float = 0.0
    mains_rows: float = 7.3
    flyback_px: float = 0.0
    flyback_columns: float = 8.0
    dose: float | tuple[float, float] | None = (1.0, 300.0)
    counting: Literal["exact", "fast"] = "fast"
    readout_noise: float = 0.0
    saturation: float = 0.0
    bits: Literal[0, 8, 16] = 0
    labels: Literal["seen", "true"] = "seen"
    scan: Literal["all", "random", "line_hop", "spiral", "rows"] = "all"
    fraction: float = 1.0

    def __post_init__(self) -> None:
        n = check.integer("n_pixels", self.n_pixels, at_least=FEWEST_PIXELS, below=MOST_PIXELS + 1)
        fields: dict[str, Any] = {
            "n_pixels": n,
            "n_frames": check.integer("n_frames", self.n_frames, at_least=1, below=MOST_FRAMES + 1),
            "mode": check.choice("mode", self.mode, MODES),
            "dose": check.electrons("dose", self.dose),
            "counting": check.choice("counting", self.counting, COUNTING_KINDS),
            "bits": check.integer("bits", self.bits, at_least=0, below=17),
            "labels": check.choice("labels", self.labels, LABELS),
            "scan": check.choice("scan", self.scan, SCANS),
        }
        for name, (low, high) in _RANGES.items():
            fields[name] = check.within(name, getattr(self, name), low, high)
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        if self.bits not in (0, 8, 16) or (self.bits and not self.saturation):
            raise ValueError(
                "bits must be 0, or 8 or 16 with a saturation > 0. "
                f"{check.received('bits', self.bits)}, saturation={self.saturation!r}"
            )
        if self.n_frames * n * n > N_VALUES_LIMIT:
            raise ValueError(
                "n_frames * n_pixels**2 must be <= 2**25, so that a video fits into memory. "
                f"{check.received('n_frames', self.n_frames)}, n_pixels={n}"
            )
        if self.scan == "all" and self.fraction != 1:
            raise ValueError(
                "fraction must be 1 where all pixels are visited; choose a scan of "
                f"{', '.join(SCANS[1:])}. {check.received('fraction', self.fraction)}"
            )

    @property
    def n_views(self) -> int:
        """Number of frames."""
        return self.n_frames

    @property
    def view_shape(self) -> tuple[int, ...]:
        """Shape of one frame: (n_pixels, n_pixels)."""
        return (self.n_pixels, self.n_pixels)

    @property
    def frame(self) -> Frame:
        """What its views are like, as far as a scene's truths depend on it."""
        return Frame(self.n_views, self.view_shape, fixed=True)

    @property
    def angles_deg(self) -> tuple[float, ...]:
        """The specimen is not tilted: 0 for each frame."""
        return (0.0,) * self.n_frames

    def check_sees(self, field: str, scene: Scene) -> None:
        """Raises ValueError where it cannot see a scene; `field` says where the scene stands."""
        super().check_sees(field, scene)
        assert isinstance(scene, Field)
        if self.n_frames == 1 and scene.moves:
            raise ValueError(
                f"n_frames must be >= 2 for {field}, which changes from frame to frame. "
                f"{check.received('n_frames', self.n_frames)}"
            )
        share = scene.covered_share(self.n_pixels)
        if scene.placing == "apart" and share > LARGEST_COVERED_SHARE:
            raise ValueError(
                f"{field}.number must be so small that particles which lie apart fit: their "
                f"outlines would cover {100 * share:.0f} % of {self.n_pixels} x {self.n_pixels} "
                f"pixels, where {100 * LARGEST_COVERED_SHARE:.0f} % is the most. "
                f"{check.received(f'{field}.number', scene.number)}"
            )

    def lowered(self) -> dict[str, Any]:
        """The values that the core draws by, each under its name."""
        dose = self.dose if isinstance(self.dose, tuple) else (self.dose or 0.0,) * 2
        return {
            "kind": self.kind,
            "version": self.version,
            **field_values(self, without=("dose", "bits")),
            "dose": dose,
            "n_levels": 2**self.bits if self.bits else 0,
        }


_RANGES: dict[str, tuple[float, float]] = {
    "pixel_nm": (1e-6, 1e9),
    "edge_height": (0.0, 100.0),
    "blur_sigma_px": (0.0, 100.0),
    **dict.fromkeys(("jitter_px", "drift_px", "mains_px"), (0.0, LARGEST_SHIFT)),
    "mains_rows": (1.0, 1e6),
    "flyback_px": (-LARGEST_SHIFT, LARGEST_SHIFT),
    "flyback_columns": (0.1, 1e6),
    "readout_noise": (0.0, 1e6),
    "saturation": (0.0, 1e6),
    "fraction": (1e-3, 1.0),
}
