"""Types of the compiled core."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__version__: str
stream_version: int

class Sampler:
    def __init__(self, packed: bytes) -> None: ...
    @property
    def spec(self) -> list[tuple[str, str, tuple[int, ...], str]]: ...
    def sample(
        self, seed: int, start: int, count: int, n_threads: int, outputs: Sequence[str]
    ) -> tuple[npt.NDArray[Any], ...]: ...
    def particle(self, seed: int, index: int) -> list[tuple[npt.NDArray[np.float32], float]]: ...
    def draws(
        self, seed: int, start: int, count: int
    ) -> tuple[
        npt.NDArray[np.int32],
        npt.NDArray[np.float32],
        npt.NDArray[np.float32],
        npt.NDArray[np.float64],
        npt.NDArray[np.float32],
    ]: ...
    def redraw(
        self,
        seed: int,
        start: int,
        label: int,
        outline: npt.NDArray[np.float32],
        features: npt.NDArray[np.float32],
        views: npt.NDArray[np.float32],
        rough_seed: int,
        n_redraws: int,
        n_threads: int,
    ) -> npt.NDArray[np.float32]: ...
    def calibrate(self, count: int, n_threads: int) -> tuple[float, float]: ...

def project(
    rings: Sequence[npt.NDArray[np.float32]],
    densities: npt.NDArray[np.float32],
    angles_rad: npt.NDArray[np.float64],
    n_bins: int,
    lower: float,
    upper: float,
    about: tuple[float, float],
    bins: bool,
    n_threads: int,
) -> npt.NDArray[np.float32]: ...
def largest_magnitude(values: npt.NDArray[np.float32]) -> float: ...
def gaussian_blur(
    rows: npt.NDArray[np.float32], sigma: float, n_threads: int
) -> npt.NDArray[np.float32]: ...
def radon(
    images: npt.NDArray[np.float32],
    angles_rad: npt.NDArray[np.float64],
    n_detectors: int,
    about_pixel: bool,
    n_threads: int,
) -> npt.NDArray[np.float32]: ...
def back_project(
    sinograms: npt.NDArray[np.float32],
    angles_rad: npt.NDArray[np.float64],
    filter: npt.NDArray[np.float32],
    output_size: int,
    factor: float,
    circle: bool,
    about_pixel: bool,
    n_threads: int,
) -> npt.NDArray[np.float32]: ...
def rasterise(
    rings: Sequence[npt.NDArray[np.float32]],
    densities: npt.NDArray[np.float32],
    n_pixels: int,
    field_of_view: float,
    angle_rad: float,
    samples_per_side: int,
) -> npt.NDArray[np.float32]: ...
def remove_background(
    images: npt.NDArray[np.float32], n_threads: int
) -> npt.NDArray[np.float32]: ...
def centre_of_mass_roll(
    images: npt.NDArray[np.float32], n_threads: int
) -> npt.NDArray[np.float32]: ...
def polar_means(
    images: npt.NDArray[np.float32],
    centres: npt.NDArray[np.float64],
    masks: npt.NDArray[np.uint8],
    n_radii: int,
    n_angles: int,
    inner: float,
    outer: float,
    logarithmic: bool,
    half_turn: bool,
    n_threads: int,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]: ...
def bessel_zeros(m_max: int, n: int) -> npt.NDArray[np.float64]: ...
def bessel_j(x: float, m_max: int) -> npt.NDArray[np.float64]: ...

class DiscPlan:
    def __init__(
        self,
        rows: int,
        columns: int,
        x: float,
        y: float,
        radius: float,
        n_max: int,
        n_orders: int,
        even: bool,
        friedel: bool,
        mask: npt.NDArray[np.uint8],
    ) -> None: ...
    @property
    def n_seen(self) -> int: ...
    def shell_sums(self, image: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]: ...
    def transform(
        self, images: npt.NDArray[np.float32], n_threads: int
    ) -> npt.NDArray[np.float32]: ...
    def draw(
        self, coefficients: npt.NDArray[np.float32], n_threads: int
    ) -> npt.NDArray[np.float32]: ...

class CellDisc:
    def __init__(
        self, n_rings: int, n_angles: int, half_turn: bool, n_max: int, n_orders: int, even: bool
    ) -> None: ...
    def transform(
        self,
        cells: npt.NDArray[np.float32],
        n_pixels: npt.NDArray[np.int32],
        radius: float,
        n_threads: int,
    ) -> npt.NDArray[np.float32]: ...

def boundary(instances: npt.NDArray[np.int32], n_threads: int) -> npt.NDArray[np.uint8]: ...
def distance(instances: npt.NDArray[np.int32], n_threads: int) -> npt.NDArray[np.float32]: ...
def rays(instances: npt.NDArray[np.int32], n_threads: int) -> npt.NDArray[np.float32]: ...
def boxes(
    instances: npt.NDArray[np.int32], n_boxes: int, n_threads: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]: ...
def centres(
    bodies: npt.NDArray[np.float32], n_pixels: int, n_threads: int
) -> npt.NDArray[np.float32]: ...
def nearest_marked(mask: npt.NDArray[np.uint8], n_threads: int) -> npt.NDArray[np.int32]: ...
def scan_masks(
    kind: int,
    fraction: float,
    n_pixels: int,
    seed: int,
    start: int,
    count: int,
    n_threads: int,
) -> npt.NDArray[np.uint8]: ...
def add_templates(
    samples: npt.NDArray[np.float32],
    templates: npt.NDArray[np.float32],
    narrowness: float,
    smallest: npt.NDArray[np.float32],
    sums: npt.NDArray[np.float64],
    n_threads: int,
) -> None: ...
def anneal_starts(
    pairs: npt.NDArray[np.float32],
    stereo_rad: float,
    symmetry: int,
    axis_bin: float,
    support: npt.NDArray[np.float32],
    filter: npt.NDArray[np.float32],
    pixel: float,
    images: npt.NDArray[np.float32],
    n_angles: int,
    sigma: npt.NDArray[np.float32],
    relaxation: float,
    momentum: float,
    n_threads: int,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]: ...
def refine_starts(
    pairs: npt.NDArray[np.float32],
    stereo_rad: float,
    symmetry: int,
    axis_bin: float,
    support: npt.NDArray[np.float32],
    filter: npt.NDArray[np.float32],
    pixel: float,
    images: npt.NDArray[np.float32],
    angle_rad: npt.NDArray[np.float64],
    n_angles: int,
    window: int,
    n_rounds: int,
    n_updates: int,
    relaxation: float,
    momentum: float,
    n_threads: int,
) -> npt.NDArray[np.float64]: ...
def enter_ieee_mode() -> int: ...
def restore_arithmetic_mode(mode: int) -> None: ...
def matrix_product(
    a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], n_threads: int
) -> npt.NDArray[np.float64]: ...
def fit_lattices(
    images: npt.NDArray[np.float32],
    constant: float,
    blob: float,
    margin: int,
    atoms: npt.NDArray[np.float64],
    probe: float,
    site_margin: float,
    n_threads: int,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]: ...
def build_info() -> dict[str, Any]: ...
def default_thread_count() -> int: ...
