"""Images of fields as networks are trained, validated and tested on them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base.optional import needed_for
from nanotilt.instruments.scanning_camera import ScanningCamera
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.settings import TEST_START
from nanotilt.training.methods.field_networks import tested_recipe
from nanotilt.training.methods.field_tracks import Videos

with needed_for("Training"):
    import keras

Array = npt.NDArray[Any]

DOSES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)
"""The test's, as far as they lie in the recipe's range."""


@dataclass(frozen=True)
class Windows:
    """Each frame of videos with its neighbours: (n t, n_frames, rows, columns), never all at once.

    At a video's ends the outermost frame stands for those that are missing.

    Attributes:
        frames: (n, t, rows, columns).
        n_frames: Frames that are seen at a time.
    """

    frames: Array
    n_frames: int

    def __len__(self) -> int:
        return int(self.frames.shape[0] * self.frames.shape[1])

    def __getitem__(self, part: slice) -> Array:
        n_all = self.frames.shape[1]
        video, middle_frame = np.divmod(np.arange(len(self))[part], n_all)
        offsets = np.arange(self.n_frames) - self.n_frames // 2
        places = np.clip(middle_frame[:, None] + offsets, 0, n_all - 1)
        seen: Array = self.frames[video[:, None], places]
        return seen


@dataclass(frozen=True)
class Unseen:
    """The images of a test.

    Attributes:
        images: (n, n_channels, rows, columns) as the network takes them; of videos, `Windows`.
        looks: (n, rows, columns) as people look at them: of several frames the one that is asked
            for.
        true: (n, rows, columns) instances.
        dose: (n,) electrons per pixel of background; NaN: no noise.
        videos: The truth of the videos whose frames the images are, in their order, or None.
    """

    images: Array | Windows
    looks: Array
    true: Array
    dose: npt.NDArray[np.float64]
    videos: Videos | None


def drawn(
    recipe: Recipe, seed: int, start: int, count: int, n_threads: int | None
) -> tuple[Array, Any]:
    """Images as a network takes them, with the mask of the scan as last channel; and the batch."""
    batch = recipe.sample(seed, start, count, n_threads=n_threads)
    if "scanned" not in recipe.targets:
        return batch.views, batch
    mask = batch["scanned"].astype(np.float32)[:, None]
    return np.concatenate([batch.views, mask], axis=1), batch


def middle(values: Array, n_frames: int) -> Array:
    """Of (n, n_frames, ...) the middle frame's; of images as they are."""
    return values if n_frames == 1 else values[:, n_frames // 2]


def fixed_set(model: Any, images: Array, batch: Any, n_frames: int) -> tuple[Array, Array]:
    """Images to train on again and again, and what a network is to answer.

    Maps are turned by quarters and mirrored with their images, which makes eight times as many.
    Rays and boxes would change their directions by that: they stay as they are.

    Args:
        model: A network that finds particles.
        images: (n, n_channels, rows, columns) as it takes them.
        batch: What they were drawn with.
        n_frames: Frames that it sees at a time.
    """
    targets = {name: batch[name] for name in model.learns_from}
    answer = model.truth(model.of_middle(targets, n_frames))
    truth: Array = keras.ops.convert_to_numpy(answer)
    if model.learns_from != ("instance", "depth"):
        return images, truth
    inputs, answers = [], []
    for quarters in range(4):
        turned, maps = np.rot90(images, quarters, (2, 3)), np.rot90(truth, quarters, (1, 2))
        inputs += [turned, turned[..., ::-1]]
        answers += [maps, maps[:, :, ::-1]]
    return np.concatenate(inputs), np.concatenate(answers)


def at_each_dose(recipe: Recipe, doses: Sequence[float] | None = None) -> tuple[Recipe, ...]:
    """The recipe at each of the test's doses.

    Args:
        recipe: Images or videos of fields.
        doses: The doses; None: those of `DOSES` that the recipe has. Where its dose is one number,
            or none, it stays as it is.
    """
    camera = recipe.detector
    assert isinstance(camera, ScanningCamera)
    if doses is None:
        if not isinstance(camera.dose, tuple):
            return (recipe,)
        low, high = camera.dose
        doses = [dose for dose in DOSES if low <= dose <= high] or [float(np.sqrt(low * high))]
    return tuple(
        dataclasses.replace(recipe, detector=dataclasses.replace(camera, dose=dose))
        for dose in doses
    )


def unseen(
    recipe: Recipe,
    seed: int,
    n_samples: int,
    n_frames: int,
    n_threads: int | None,
    doses: Sequence[float] | None = None,
) -> Unseen:
    """The images of a test, as many samples at each dose.

    Args:
        recipe: What to test on: images, or videos, whose frames are each looked at.
        seed: The stream.
        n_samples: Samples in all.
        n_frames: Frames that the network sees at a time.
        n_threads: Threads, or None: all that may be used.
        doses: As for `at_each_dose`.
    """
    some = at_each_dose(tested_recipe(recipe), doses)
    each = max(1, n_samples // len(some))
    images, looks, true, dose, videos = [], [], [], [], []
    for i, one in enumerate(some):
        inputs, batch = drawn(one, seed, TEST_START + i * each, each, n_threads)
        instances = batch["instance"].astype(np.int32)
        at = one.detector.dose  # type: ignore[union-attr]
        at = np.nan if at is None or isinstance(at, tuple) else float(at)
        if one.n_views > n_frames:
            videos.append(Videos.of(batch, at))
            instances = instances.reshape(-1, *instances.shape[2:])
            looks.append(inputs.reshape(-1, *inputs.shape[2:]))
        else:
            instances = middle(instances, n_frames)
            looks.append(inputs[:, n_frames // 2])
        images.append(inputs)
        true.append(instances)
        dose.append(np.full(len(instances), at))
    inputs = np.concatenate(images)
    return Unseen(
        Windows(inputs, n_frames) if videos else inputs, np.concatenate(looks),
        np.concatenate(true), np.concatenate(dose),
        Videos.joined(videos) if videos else None,
    )  # fmt: skip
