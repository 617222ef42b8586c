"""What follows from label images: against SciPy, scikit-image and slow loops; the same bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.ndimage import find_objects
from skimage.segmentation import find_boundaries

import nanotilt as nt
from conftest import RunPython
from oracle_labels import IMAGES, Labels, slow_centres, slow_distance, slow_rays

Array = npt.NDArray[Any]
THREE: Any = 3.0
SMALL = hnp.arrays(
    np.int32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.integers(0, 2)
)
each_image = pytest.mark.parametrize("image", IMAGES.values(), ids=IMAGES.keys())


@each_image
def test_boundary_is_scikit_images(image: Labels) -> None:
    expected = find_boundaries(image, connectivity=1, mode="inner")
    np.testing.assert_array_equal(nt.labels.boundary(image), expected)


@each_image
def test_distance_is_scipys_of_each_particle(image: Labels) -> None:
    found = nt.labels.distance(image)
    np.testing.assert_allclose(found, slow_distance(image), rtol=1e-7)
    assert found.dtype == np.float32


@settings(deadline=None, max_examples=200)
@given(SMALL)
def test_small_images(image: Labels) -> None:
    np.testing.assert_allclose(nt.labels.distance(image), slow_distance(image), rtol=1e-7)
    expected = find_boundaries(image, connectivity=1, mode="inner")
    np.testing.assert_array_equal(nt.labels.boundary(image), expected)


@pytest.mark.parametrize(
    "image", [i for i in IMAGES.values() if min(i.shape) > 1],
    ids=[name for name, i in IMAGES.items() if min(i.shape) > 1],
)  # fmt: skip
def test_rays_are_walked_step_by_step(image: Labels) -> None:
    np.testing.assert_array_equal(nt.labels.rays(image), slow_rays(image))


def test_rays_of_a_disc_are_its_radius() -> None:
    rows, columns = np.indices((64, 64)) + 0.5
    disc = (np.hypot(rows - 32.5, columns - 32.5) < 20).astype(np.int32)
    assert np.abs(nt.labels.rays(disc)[16, 16] - 20.5).max() <= 1


@each_image
def test_boxes_are_scipys(image: Labels) -> None:
    if image.max() > 1000:
        pytest.skip("a list of all numbers up to the largest")
    none = (slice(0, 0), slice(0, 0))
    expected = [
        (columns.start, rows.start, columns.stop, rows.stop)
        for rows, columns in (found or none for found in find_objects(image))
    ]
    boxes = nt.labels.boxes(image)
    np.testing.assert_array_equal(boxes, np.array(expected, np.int32).reshape(-1, 4))
    visible = nt.labels.visible(image, 20)
    np.testing.assert_array_equal(visible, np.bincount(image.ravel(), minlength=21)[1:])
    padded = nt.labels.boxes(image, 20)
    np.testing.assert_array_equal(padded[: len(boxes)], boxes)
    assert not padded[len(boxes) :].any()


@pytest.mark.parametrize("n", [1, 7, 90, 200])
def test_centres(n: int) -> None:
    rng = np.random.default_rng(n)
    bodies = rng.uniform((-9, -9, 0), (n + 9, n + 9, 12), (40, 3)).astype(np.float32)
    bodies[::7, 2] = 0
    bodies[3, 2] = 3 * n  # in strips
    found = nt.labels.centres(bodies, n)
    np.testing.assert_allclose(found, slow_centres(bodies.astype(float), n), atol=2e-4)
    near = slow_centres(bodies.astype(float), n) > 4e-4  # rims of boxes are rounded to pixels
    np.testing.assert_allclose(found[near], slow_centres(bodies.astype(float), n)[near], rtol=1e-6)


def test_centres_of_no_particle_and_far_away() -> None:
    assert not nt.labels.centres(np.zeros((0, 3)), 5).any()
    assert not nt.labels.centres([(5, 5, 0), (3e38, -3e38, 2), (-100, 2, 4)], 9).any()
    assert nt.labels.centres([(4.5, 4.5, 3e38)], 9).min() == 1


def test_fields_have_the_same_labels() -> None:
    """Bit by bit, from the mask of the instances alone."""
    names = ("instance", "boundary", "distance", "rays")
    camera = nt.ScanningCamera(64)
    recipe = nt.Recipe({"f": nt.Field(number=12)}, camera, normalise="none", targets=names)
    batch = recipe.sample(3, 0, 4)
    for name in names[1:]:
        image = batch["instance"].reshape(-1, 64, 64)
        found = getattr(nt.labels, name)(image)
        assert found.tobytes() == batch[name].tobytes(), name


OF_STACKS: dict[str, Callable[..., Array]] = {
    name: getattr(nt.labels, name) for name in ("boundary", "distance", "rays", "boxes", "visible")
}


@pytest.mark.parametrize("name", OF_STACKS)
def test_stacks_and_threads(name: str) -> None:
    call = OF_STACKS[name]
    stack = np.stack([np.roll(IMAGES["discs"], i, axis=1) for i in range(37)])
    whole = call(stack, n_threads=1)
    assert call(stack, n_threads=5).tobytes() == whole.tobytes()
    for image, expected in zip(stack[:3], whole, strict=False):
        assert call(image).tobytes() == expected.tobytes()
    assert call(stack[:0]).shape[0] == 0


def test_stacks_of_bodies() -> None:
    bodies = np.random.default_rng(0).uniform(0, 20, (37, 8, 3))
    whole = nt.labels.centres(bodies, 20, n_threads=1)
    assert nt.labels.centres(bodies, 20, n_threads=5).tobytes() == whole.tobytes()
    assert nt.labels.centres(bodies[5], 20).tobytes() == whole[5].tobytes()


FINGERPRINT = """
import hashlib
import numpy as np
import nanotilt as nt

image = np.random.default_rng(8).integers(0, 4, (18, 14)).repeat(5, 0).repeat(5, 1)
bodies = np.random.default_rng(3).uniform(0, 70, (30, 3))
made = [getattr(nt.labels, name)(image) for name in ("boundary", "distance", "rays", "boxes")]
made.append(nt.labels.centres(bodies, 70))
made += [nt.scans.mask(kind, 0.3, 65, 7, 5) for kind in nt.scans.KINDS]
mask = nt.scans.mask("random", 0.2, 70, 9)
made += [nt.scans.fill(made[1][:70], mask, how) for how in ("nearest", "gaussian")]
print(hashlib.sha256(b"".join(array.tobytes() for array in made)).hexdigest())
"""


def test_every_simd_level_gives_the_same_bits(run_python: RunPython) -> None:
    levels = nt.build_info()["simd_levels"]
    found = {
        run_python(FINGERPRINT, NANOTILT_SIMD=level, NANOTILT_NUM_THREADS=n)
        for level, n in zip(levels, ("1", "2", "5"), strict=False)
    }
    assert len(found) == 1


@pytest.mark.parametrize("name", OF_STACKS)
@pytest.mark.parametrize(
    ("error", "value", "words"),
    [
        (ValueError, [[0, -1]], r"instances must hold whole numbers.*instances=-1"),
        (ValueError, np.array([[0, -1]]), r"instances must hold whole numbers.*instances=-1"),
        (ValueError, [[0, 0.5]], r"instances must hold whole numbers.*instances=0\.5"),
        (ValueError, np.array([[2**31, 0]]), r"instances must hold.*instances=2147483648"),
        (ValueError, [1, 2], r"instances must have shape.*\(2,\)"),
        (ValueError, np.ones((3, 0), int), r"instances must have shape.*\(3, 0\)"),
        (ValueError, np.ones((1, 16385), int), r"instances must have sides <= 16384"),
        (TypeError, [["a", "b"]], r"instances must hold real numbers"),
        (TypeError, np.ones((4, 4), complex), r"instances must hold real numbers"),
    ],
)
def test_wrong_label_images(name: str, error: type[Exception], value: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        OF_STACKS[name](value)


@pytest.mark.parametrize(
    ("error", "call", "words"),
    [
        (ValueError, lambda: nt.labels.rays([[1, 1]]), r"instances must have sides >= 2"),
        (ValueError, lambda: nt.labels.boxes([[3]], 2), r"n_boxes must be >=.*, 3\..*n_boxes=2"),
        (TypeError, lambda: nt.labels.boxes([[3]], THREE), r"n_boxes must be an integer"),
        (ValueError, lambda: nt.labels.boxes([[2**30]]), r"instances must be numbered"),
        (ValueError, lambda: nt.labels.visible([[1]], 2**30), r"n_boxes must be so that"),
        (ValueError, lambda: nt.labels.centres([(1, 2)], 4), r"bodies must have shape.*\(1, 2\)"),
        (ValueError, lambda: nt.labels.centres([(1, 2, -3)], 4), r"bodies.*radii >= 0.*-3"),
        (TypeError, lambda: nt.labels.centres([(True, True, True)], 4), r"bodies must hold real"),
        (ValueError, lambda: nt.labels.centres([(1, 2, 3)], 0), r"n_pixels must be >= 1.*=0"),
        (ValueError, lambda: nt.labels.centres(np.ones((9, 1, 3)), 16384), r"n_pixels must be so"),
        (ValueError, lambda: nt.labels.boundary([[1]], n_threads=0), r"n_threads must be >= 1"),
    ],
)
def test_wrong_arguments(error: type[Exception], call: Callable[[], Any], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
