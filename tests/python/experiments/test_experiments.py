"""The named experiments: what they are made of, what can be varied, how sweeps are laid out."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from conftest import RunPython
from nanotilt import experiments, sweeps
from nanotilt.cli.experiment_table import expected_words
from nanotilt.experiments import ExpectedAccuracy, ExpectedAngles, registry
from nanotilt.experiments.experiment import METHODS
from nanotilt.sweeps import sweep, variation
from nanotilt.tasks.kinds import CLASSIFICATION
from nanotilt.tasks.task import Question, Task

NAMES = experiments.names("classification")


def asked(name: str) -> Task:
    task = experiments.by_name(name).asked()
    assert isinstance(task, Task)
    return task


@pytest.mark.parametrize("name", experiments.names())
def test_every_experiment_says_what_it_is(name: str) -> None:
    experiment = experiments.by_name(name)
    assert experiment.name == name
    assert experiment.question.endswith("?")
    assert experiment.about.endswith((".", ")"))
    assert experiment.paper in (
        "Sullivan 2020",
        "Laurie 2024",
        "Pearson (poster)",
        "AI4SD 2022",
        "Lashley 2017",
    )
    assert experiment.method in METHODS
    assert (experiment.method == CLASSIFICATION) == (experiment.kind == CLASSIFICATION)
    # The recipe is known by its name or made from an angle, never both.
    assert bool(experiment.recipe_name) != (experiment.recipe_factory is not None)
    assert experiment.pretrained_on is None or experiment.pretrained_on in NAMES


def test_the_catalogue_holds_both_papers_one_after_the_other() -> None:
    kinds = ("orientation", "segmentation", "anomaly", "detection", "tagging")
    others = tuple(name for kind in kinds for name in experiments.names(kind))
    assert experiments.names() == NAMES + others
    assert len(set(experiments.names())) == len(experiments.names()) == 67
    with pytest.raises(ValueError, match=r"kind must be .*Received: kind='images'"):
        experiments.names("images")


def test_a_catalogue_imports_no_training_and_no_pages(run_python: RunPython) -> None:
    code = """
import sys
from nanotilt import experiments
[experiments.by_name(name).recipe() for name in experiments.names()]
print(sorted({name.split(".")[1] for name in sys.modules if name.startswith("nanotilt.")}))
"""
    loaded = set(json.loads(run_python(code).replace("'", '"')))
    assert not loaded & {"report", "sweeps", "limits", "models"}
    assert "experiments" in loaded


def kinds_of_networks() -> dict[str, experiments.Experiment]:
    """One experiment for each kind of network that experiments need: building takes its time."""
    kinds: dict[Any, experiments.Experiment] = {}
    for name in NAMES:
        experiment = experiments.by_name(name)
        recipe, task = experiment.recipe(), asked(name)
        sizes = (recipe.n_views, recipe.line_detector.n_bins, task.n_outputs, task.n_answers)
        kinds.setdefault((sizes, str(experiment.network)), experiment)
    return {experiment.name: experiment for experiment in kinds.values()}


@pytest.mark.parametrize("experiment", kinds_of_networks().values(), ids=kinds_of_networks())
@pytest.mark.parametrize("model", ["fast", "paper"])
def test_networks_fit_recipes_and_tasks(experiment: experiments.Experiment, model: str) -> None:
    from nanotilt import models

    recipe, task = experiment.recipe(), asked(experiment.name)
    heads = {"heads": task.n_answers} if len(task.questions) > 1 else {}
    network = models.by_name(model).for_recipe(
        recipe, compile=False, n_classes=task.n_outputs, **heads, **experiment.network
    )
    assert network.output_shape == (None, task.n_outputs)
    assert network.input_shape == (None, recipe.n_views, recipe.line_detector.n_bins)
    probabilities = np.asarray(network(recipe.sample(seed=0, count=3).views))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_networks_to_start_from_see_the_same_views(name: str) -> None:
    experiment = experiments.by_name(name)
    if experiment.pretrained_on is not None:
        first, then = experiments.by_name(experiment.pretrained_on).recipe(), experiment.recipe()
        assert (first.n_views, first.view_shape) == (then.n_views, then.view_shape)


def test_measured_figures_belong_to_experiments() -> None:
    path = Path(registry.__file__).with_name("measured.json")
    measured = json.loads(path.read_text())
    assert list(measured) == [name for name in experiments.names() if name in measured]
    for name, by_model in measured.items():
        for model in by_model:
            expected = experiments.by_name(name).expected(model)
            assert expected is not None
            if isinstance(expected, ExpectedAccuracy):
                questions = {question.name for question in asked(name).questions}
                assert set(expected.accuracy) == set(expected.std) == questions
            else:
                assert experiments.by_name(name).kind == "orientation"


def test_what_an_experiment_should_score_in_words() -> None:
    accuracy = ExpectedAccuracy(
        accuracy={"hole": 0.89, "turn": 0.96}, std={"hole": 0.002, "turn": 0.001}, runs=3,
        trained_share=1.0, minutes=5.9,
    )  # fmt: skip
    assert expected_words(accuracy) == "hole 89.0 ± 0.2 %, turn 96.0 ± 0.1 % in 5 min 54 s"
    angles = ExpectedAngles(
        std_deg=23.77, within_1_deg=0.033, runs=3, trained_share=0.0, minutes=1.7, budget="quick"
    )
    assert expected_words(angles) == (
        "std 23.77 deg, 3.3 % within 1 deg in 1 min 42 s, 0 % of 3 runs trained, quick budget"
    )


@pytest.mark.parametrize(
    ("name", "error"), [("hole-sterio", ValueError), (3, TypeError), ("", ValueError)]
)
def test_unknown_experiments(name: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"name must be .*Received: name={name!r}"):
        experiments.by_name(name)


def test_variations_change_what_they_name_and_nothing_else() -> None:
    recipe = nt.recipes.hole(n_views=2)
    varied = variation.varied_recipe(recipe, {"noise": 0.01, "roughness": 0.1, "samples": 5.0})
    assert varied.detector == dataclasses.replace(recipe.line_detector, noise=0.01)
    for label, particle in varied.particles.items():
        assert particle.outline == dataclasses.replace(
            recipe.particles[label].rough_outline, roughness=0.1
        )
        assert particle.features == recipe.particles[label].features
    bigger = variation.varied_recipe(recipe, {"feature_radius": 0.2, "bins": 48})
    assert bigger.particles["hole"].features[0].radius == 0.2
    assert bigger.line_detector.n_bins == 48
    by_path = variation.varied_recipe(recipe, {"classes.hole.features.0.max_offset": 0.1})
    assert by_path.particles["hole"].features[0].max_offset == 0.1
    assert variation.varied_recipe(recipe, {"width": 2.0}) is recipe


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        ({"nois": [0.1]}, "vary must name one of samples, width, noise, .* Received: 'nois'"),
        ({"detector.sampling": [1]}, "vary must name one of .*Received: 'detector.sampling'"),
        ({"classes.hole.features.4.radius": [1]}, "vary must name one of "),
        ({"noise": []}, r"vary\['noise'\] must have different values, one at least"),
        ({"noise": [0.1, 0.1]}, r"vary\['noise'\] must have different values"),
        ({"noise": [-0.1]}, "noise must be >= 0"),
        ({"samples": [0]}, r"vary\['samples'\] must be > 0"),
        ({"width": [float("nan")]}, r"vary\['width'\] must be"),
    ],
)
def test_wrong_variations(vary: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        variation.checked(vary, nt.recipes.hole())


def test_wider_networks() -> None:
    options = {"branch_units": [256, 128], "joined_units": [64], "join": "early"}
    assert variation.widened(options, 0.5) == {"branch_units": [128, 64], "joined_units": [32]}


def test_the_width_of_a_published_network_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"width can't be varied.*Received: width=\[2.0\]"):
        sweeps.run("hole", model="paper", vary={"width": [2.0]}, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_plan_of_a_sweep() -> None:
    planned = sweep.plan(
        experiments.by_name("hole"), "fast", "full", None, 5, {"noise": [0, 0.01]}, None, 1
    )
    assert planned.out == Path("runs/hole-fast-full")
    assert [(cell.seed, dict(cell.variation)) for cell in planned.cells] == [
        (seed, {"noise": noise}) for noise in (0.0, 0.01) for seed in (5, 6, 7)
    ]
    assert planned.cells[3].folder == Path("runs/hole-fast-full/noise=0.01/seed5")


def test_a_run_that_starts_from_another_comes_after_it() -> None:
    planned = sweep.plan(
        experiments.by_name("dual-pretrained"), "paper", "quick", 2, 0, {}, "out", None
    )
    names = [(cell.experiment.name, cell.seed) for cell in planned.cells]
    assert names == [(n, s) for s in (0, 1) for n in ("chirality", "dual-pretrained")]
    assert planned.cells[1].start_from == planned.cells[0]
    assert planned.cells[0].folder == Path("out/pretraining/seed0")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"model": "slow"},
            'model must be "fast" or "paper" or "package.module:function". Received: model=.slow.',
        ),
        ({"budget": "huge"}, 'budget must be "quick" or "full". Received: budget=.huge.'),
        ({"repeats": 0}, "repeats must be >= 1. Received: repeats=0"),
        ({"seed": -1}, "seed must be"),
        ({"n_threads": 0}, "n_threads must be >= 1. Received: n_threads=0"),
    ],
)
def test_wrong_sweeps(changes: dict[str, Any], message: str) -> None:
    options: dict[str, Any] = {
        "model": "fast", "budget": "quick", "repeats": 1, "seed": 0, "vary": {}, "out": None,
        "n_threads": None, **changes,
    }  # fmt: skip
    with pytest.raises(ValueError, match=message):
        sweep.plan(experiments.by_name("hole"), **options)


def test_copied_weights_leave_the_answers_alone() -> None:
    from nanotilt import models
    from nanotilt.training.beginning import copy_weights

    recipe = nt.recipes.hole_and_spiral()
    one = models.PaperStereoClassifier.for_recipe(recipe, compile=False, n_classes=2)
    two = models.PaperStereoClassifier.for_recipe(recipe, compile=False, heads=(2, 2))
    answers = [w.numpy() for w in two.weights if "probabilities" in w.path]
    copy_weights(one, two)
    learned = {w.path: w.numpy() for w in one.weights}
    for weight in two.weights:
        if "probabilities" not in weight.path:
            np.testing.assert_array_equal(weight.numpy(), learned[weight.path])
    for weight, before in zip(
        (w for w in two.weights if "probabilities" in w.path), answers, strict=True
    ):
        np.testing.assert_array_equal(weight.numpy(), before)
    other = models.PaperStereoClassifier.for_recipe(nt.recipes.chirality(), compile=False)
    wider = models.PaperStereoClassifier(2, 32, 2, pooling=False)
    fast = models.StereoClassifier.for_recipe(recipe, compile=False)
    copy_weights(other, wider)  # without pooling, no layer before the last knows the bins
    with pytest.raises(ValueError, match=r"must have the same layers. Differing: "):
        copy_weights(one, fast)
    with pytest.raises(ValueError, match="must have the shape"):
        copy_weights(models.StereoClassifier(2, 16, 2), models.StereoClassifier(2, 32, 2))


def test_a_task_that_does_not_fit_is_refused_before_any_folder_is_made(tmp_path: Path) -> None:
    wrong = Task((Question("class", ("a", "b"), (0, 1, 1)),))  # of three classes
    experiment = dataclasses.replace(experiments.by_name("hole"), task=wrong)
    with pytest.raises(ValueError, match="of_class must have 2 entries"):
        sweep.run(experiment, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
