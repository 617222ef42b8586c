"""Which of the images and videos of a test are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nanotilt.runs.fields.results import FieldResults, pairs_of
from nanotilt.runs.fields.tracks import TrackResults
from nanotilt.training.methods.field_images import Unseen

if TYPE_CHECKING:
    from nanotilt.report.fields.figures import Example
    from nanotilt.report.fields.tracks import Followed

EXAMPLES_SHOWN = 6
HARDEST_SHOWN = 4
VIDEOS_SHOWN = 3


def chosen(results: FieldResults) -> list[int]:
    """Images to show: one of middling F1 at each of some doses, then the hardest at better ones."""
    f1 = results.field_f1()
    different = np.unique(results.dose)
    if np.isnan(different).any():
        different = np.zeros(0)
    some = different[np.unique(np.linspace(0, len(different) - 1, EXAMPLES_SHOWN).astype(int))]
    shown = []
    for dose in some:
        here = np.flatnonzero(results.dose == dose)
        shown.append(int(here[np.argsort(f1[here])[len(here) // 2]]))
    rest = [i for i in range(results.n_fields) if i not in shown]
    shown += rest[: max(0, min(EXAMPLES_SHOWN, results.n_fields) - len(shown))]
    better = np.flatnonzero(~(results.dose < np.median(results.dose)))
    hardest = [int(i) for i in better[np.argsort(f1[better])] if i not in shown]
    return shown + hardest[:HARDEST_SHOWN]


def example(arrays: Any, results: FieldResults, i: int) -> Example:
    """One test image to look at; arrays: images, true and found instances."""
    from nanotilt.report.fields.figures import Example

    images, true, found = arrays
    hits = pairs_of(true[i], found[i])
    numbers = set(np.unique(true[i])) - {0}
    dose, f1 = results.dose[i], results.field_f1()[i]
    at = "no noise" if np.isnan(dose) else f"{dose:g} electrons/px"
    hit = frozenset(int(b) for _, b, _ in hits)
    missed = frozenset(int(n) for n in numbers - {a for a, _, _ in hits})
    return Example(images[i], true[i], found[i], hit, missed, f"{at}, F1 {f1:.2f}")


def shown_videos(tested: Unseen, results: TrackResults, detections: list[Any]) -> list[Followed]:
    """Videos to look at: one of middling MOTA at each of some doses."""
    from nanotilt.report.fields.tracks import Followed

    videos = tested.videos
    assert videos is not None
    different = np.unique(videos.dose)
    some = different[np.unique(np.linspace(0, len(different) - 1, VIDEOS_SHOWN).astype(int))]
    n_frames, shown = videos.true.shape[1], []
    for dose in some:
        here = np.flatnonzero(np.isnan(videos.dose) if np.isnan(dose) else videos.dose == dose)
        i = int(here[np.argsort(results.mota[here], kind="stable")[len(here) // 2]])
        at = "no noise" if np.isnan(dose) else f"{dose:g} electrons/px"
        last = tested.looks[(i + 1) * n_frames - 1]
        title = f"{at}, MOTA {results.mota[i]:.2f}"
        shown.append(Followed(last, videos.tracks[i], detections[i], title))
    return shown
