"""Run folders made by hand, for the overview."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nanotilt as nt
from nanotilt.recipes.measure import PARTICLE_OFFSET
from nanotilt.runs import findings as found
from nanotilt.runs.findings import Insight
from nanotilt.tasks.metrics import wilson_interval

HISTORY = (
    "epoch,samples_seen,loss,accuracy,val_loss,val_accuracy,seconds,samples_per_second,"
    "learning_rate\n1,1000,0.6,0.7,0.5,0.8,2,500,0.001\n2,2000,0.4,0.8,0.3,0.9,2,500,0.001\n"
)


def write_run(
    folder: Path,
    accuracy: float = 0.9,
    *,
    name: str = "chirality",
    model: str = "fast",
    seed: int = 0,
    experiment: dict[str, Any] | None = None,
    status: str = "finished",
    tried: tuple[bool, ...] | None = None,
    questions: dict[str, float] | None = None,
    insight: Insight | None = None,
    recipe: nt.Recipe | None = None,
) -> Path:
    """Writes what a run leaves behind; a run without `experiment` and `tried` is an older one."""
    folder.mkdir(parents=True)
    recipe = nt.recipes.chirality() if recipe is None else recipe
    training = {
        "status": status,
        "repeat": f"nanotilt train {name} --seed {seed}",
        "recipe": {"name": name, "digest": recipe.digest},
        "model": {"name": model, "trainable_parameters": 1234},
        "settings": {"seed": seed},
        "versions": {"nanotilt": "0.1.0", "numpy": "2.0"},
        "machine": {"processor": "x86_64"},
        "build_info": {"simd": "v3"},
        "experiment": experiment,
    }
    test = score(accuracy)
    metrics: dict[str, Any] = {
        "test": {**test, "loss": 0.25},
        "same_view": {**score(0.5), "loss": 0.7},
        "chance": 0.5,
        "paper": {
            "accuracy": 0.907, "source": "Sullivan 2020, section 4.3", "remark": "",
            "same_view_accuracy": None,
        },
        "timings_s": {"training": 50.0, "test": 10.0},
    }  # fmt: skip
    if tried is not None:
        metrics["tries"] = [
            {"seed": i, "epochs": 2, "best_val_loss": 0.3, "best_val_accuracy": 0.9, "trained": t}
            for i, t in enumerate(tried)
        ]
    if questions is not None:
        metrics["questions"] = [{"name": n, **score(value)} for n, value in questions.items()]
    files = {"training": training, "metrics": metrics}
    if insight is not None:
        files["insight"] = insight.to_json_value()
    for file, value in files.items():
        (folder / f"{file}.json").write_text(json.dumps(value))
    (folder / "recipe.json").write_text(recipe.to_json())
    (folder / "history.csv").write_text(HISTORY)
    (folder / "report.html").write_text("its own report")
    return folder


def score(accuracy: float, n: int = 10_000) -> dict[str, Any]:
    low, high = wilson_interval(round(accuracy * n), n)
    error = (accuracy * (1 - accuracy) / n) ** 0.5
    return {
        "n_samples": n, "accuracy": accuracy, "standard_error": error, "interval_95": [low, high],
    }  # fmt: skip


def an_insight(accuracy: float, question: str = "class", n_views: int = 2) -> Insight:
    """What an examination of a chirality run might give."""

    def share(value: float) -> found.Share:
        return found.Share(1000, value, wilson_interval(round(1000 * value), 1000))

    controls = (accuracy, 0.5, 0.6, 0.51, 0.52)
    points = tuple(
        found.Point(0.1 * i, 0.1 * i + 0.1, 0.1 * i + 0.05, share(accuracy - 0.01 * i))
        for i in range(4)
    )
    gradient = tuple(tuple(0.01 * (i - 30) for i in range(64)) for _ in range(n_views))
    return Insight(
        found.FORMAT, 0, 2**41, 1000, "standard deviation of the noise",
        (
            found.QuestionInsight(
                name=question,
                chance=0.5,
                controls=tuple(
                    found.Control(name, share(value))
                    for name, value in zip(found.CONTROLS, controls, strict=True)
                ),
                curves=(
                    found.Curve("spiral size", "all", points),
                    found.Curve(PARTICLE_OFFSET, "clockwise", points),
                    found.Curve(PARTICLE_OFFSET, "anticlockwise", points),
                ),
                noise=tuple(
                    found.NoiseLevel(f, share(accuracy - 0.02 * f)) for f in (0.0, 1.0, 8.0)
                ),
                saliency=(
                    found.Saliency(2**41, "clockwise", "anticlockwise", 0.7, gradient),
                ),
                profile=found.Profile(
                    1000, gradient, (found.Focus("spiral", 1000, 0.4, 0.1),)
                ),
            ),
        ),
    )  # fmt: skip
