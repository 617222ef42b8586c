"""Writes known_answers/tracking and known_answers/segmentation: what other packages score.

    pip install trackeval==1.3.0 && python tests/write_known_scores.py tracking
    pip install stardist==0.9.2 panoptica==2.1.7 && python tests/write_known_scores.py segmentation

So the tests need none of these packages. The files hold what is scored, too, because it is drawn
from random numbers that may change.
"""

from __future__ import annotations

import json
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).parent / "known_answers"
MAX_DISTANCE = 5.0
SYMBOLS = ".0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Of the labels 0, 1, 2, ... of a pixel."""

Rows = list[tuple[int, int, float, float]]
Labels = npt.NDArray[np.int64]


def walks(rng: np.random.Generator, n_frames: int, n_tracks: int, step: float) -> Rows:
    """True tracks in a field of 40 pixels: frame, track, x, y."""
    rows: Rows = []
    for track in range(n_tracks):
        first, last = np.sort(rng.integers(0, n_frames, 2))
        place = rng.uniform(0, 40, 2)
        for frame in range(first, last + 1):
            rows.append((int(frame), track, round(float(place[0]), 2), round(float(place[1]), 2)))
            place = place + rng.normal(0, step, 2)
    return sorted(rows)


def confused(rng: np.random.Generator, rows: Rows, wrong: float) -> Rows:
    """What a poor tracker makes of it: missed, moved, invented and exchanged."""
    found: Rows = []
    names: dict[int, int] = {}
    n_names, frame = 0, -1
    for t, track, x, y in rows:
        if t != frame:
            frame = t
            for _ in range(rng.poisson(2 * wrong)):
                found.append((t, 1000 + len(found), *np.round(rng.uniform(0, 40, 2), 2).tolist()))
            if len(names) > 1 and rng.random() < wrong:
                a, b = rng.choice(list(names), 2, replace=False)
                names[a], names[b] = names[b], names[a]
        if track not in names or rng.random() < wrong / 4:
            names[track], n_names = n_names, n_names + 1
        if rng.random() > wrong:
            place = np.round(np.array([x, y]) + rng.normal(0, 4 * wrong, 2), 2).tolist()
            found.append((t, names[track], *place))
    return found


def trackeval_data(true: Rows, predicted: Rows, n_frames: int) -> dict[str, Any]:
    """A video as TrackEval's metrics take it, with its similarity of points."""
    from trackeval.datasets._base_dataset import _BaseDataset

    data: dict[str, Any] = {"num_timesteps": n_frames, "similarity_scores": []}
    numbered = []
    for name, rows in (("gt", true), ("tracker", predicted)):
        numbers = {track: i for i, track in enumerate(sorted({row[1] for row in rows}))}
        by_frame = [[row for row in rows if row[0] == t] for t in range(n_frames)]
        data[f"{name}_ids"] = [np.array([numbers[r[1]] for r in f], int) for f in by_frame]
        data[f"num_{name}_ids"], data[f"num_{name}_dets"] = len(numbers), len(rows)
        numbered.append([np.array([r[2:] for r in f]).reshape(-1, 2) for f in by_frame])
    for here, there in zip(*numbered, strict=True):
        data["similarity_scores"].append(
            _BaseDataset._calculate_euclidean_similarity(
                here, there, zero_distance=2 * MAX_DISTANCE
            )
        )
    return data


def tracking_answer(videos: list[dict[str, Any]]) -> dict[str, float]:
    """MOTA, IDF1, HOTA and their parts by TrackEval, over videos together."""
    from trackeval.metrics import CLEAR, HOTA, Identity

    quiet = {"PRINT_CONFIG": False}
    results: dict[str, Any] = {}
    for metric in (CLEAR(quiet), Identity(quiet), HOTA()):
        each = {str(i): metric.eval_sequence(video) for i, video in enumerate(videos)}
        results |= metric.combine_sequences(each)
    return {
        "mota": float(results["MOTA"]),
        "idf1": float(results["IDF1"]),
        "hota": float(np.mean(results["HOTA"])),
        "det_a": float(np.mean(results["DetA"])),
        "ass_a": float(np.mean(results["AssA"])),
        "recall": float(results["CLR_Re"]),
        "precision": float(results["CLR_Pr"]),
        "mean_distance": float((1 - results["MOTP"]) * 2 * MAX_DISTANCE),
        "switches": int(results["IDSW"]),
        "fragments": int(results["Frag"]),
    }


def tracking() -> dict[str, Any]:
    """Videos of several difficulties, one by one and together."""
    rng = np.random.default_rng(31)
    videos, data = [], []
    for wrong in (0.0, 0.1, 0.2, 0.4):
        true = walks(rng, 10, 12, 1.0)
        predicted = confused(rng, true, wrong)
        data.append(trackeval_data(true, predicted, 10))
        videos.append({"true": true, "predicted": predicted, "scores": tracking_answer([data[-1]])})
    return {
        "by": {"trackeval": metadata.version("trackeval")},
        "max_distance": MAX_DISTANCE,
        "videos": videos,
        "together": tracking_answer(data),
    }


def discs(rng: np.random.Generator, n: int) -> Labels:
    """Discs that overlap, on 40 pixels."""
    rows, columns = np.indices((40, 40))
    labels = np.zeros((40, 40), np.int64)
    for k in range(n):
        y, x = rng.uniform(0, 40, 2)
        labels[np.hypot(rows - y, columns - x) < rng.uniform(2, 6)] = k + 1
    return labels


def redrawn(rng: np.random.Generator, labels: Labels) -> Labels:
    """The same, moved a little, with particles lost, merged and invented."""
    found = np.where(labels > 0, labels + 20, 0)
    found = np.roll(found, rng.integers(-1, 2, 2), (0, 1))
    numbers = np.unique(found)[1:]
    for number in numbers[rng.random(len(numbers)) < 0.2]:
        found[found == number] = rng.choice([0, *numbers])
    extra = discs(rng, 2)
    free = (found == 0) & (extra > 0)
    found[free] = extra[free]
    return found


def segmentation_answer(true: Labels, predicted: Labels) -> dict[str, float]:
    """F1 and AP by StarDist, PQ and Dice by panoptica."""
    from panoptica import InputType, NaiveThresholdMatching, Panoptica_Evaluator
    from stardist.matching import matching

    at_50, at_75 = (matching(true, predicted, thresh=t) for t in (0.5, 0.75))
    evaluator = Panoptica_Evaluator(
        expected_input=InputType.UNMATCHED_INSTANCE,
        instance_matcher=NaiveThresholdMatching(matching_threshold=0.5),
    )
    evaluated = evaluator.evaluate(
        predicted.astype(np.uint16), true.astype(np.uint16), verbose=False
    )
    result = next(iter(evaluated.values())) if isinstance(evaluated, dict) else evaluated
    return {
        "f1": float(at_50.f1),
        "ap50": float(at_50.accuracy),
        "ap75": float(at_75.accuracy),
        "pq": float(result.pq),
        "pq_stardist": float(at_50.panoptic_quality),
        "dice": float(result.global_bin_dsc),
        "n_matched": int(at_50.tp),
    }


def segmentation() -> dict[str, Any]:
    """Label images as rows of symbols, and their scores."""
    rng = np.random.default_rng(32)
    images = []
    for n in (4, 9, 14, 19):
        true = discs(rng, n)
        predicted = redrawn(rng, true)
        shown = [["".join(SYMBOLS[k] for k in row) for row in one] for one in (true, predicted)]
        images.append(
            {
                "true": shown[0],
                "predicted": shown[1],
                "scores": segmentation_answer(true, predicted),
            }
        )
    packages = ("stardist", "panoptica")
    return {"by": {name: metadata.version(name) for name in packages}, "images": images}


if __name__ == "__main__":
    kind = sys.argv[1]
    answers = {"tracking": tracking, "segmentation": segmentation}[kind]()
    path = FOLDER / kind / "scores.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(answers, separators=(",", ":")).replace("},{", "},\n{") + "\n")
    sys.stdout.write(f"{path}\n")
