"""Runs sorted into experiments, and within them into groups that differ in nothing but the seed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from nanotilt import experiments
from nanotilt.report.overview.reference import Reference, reference_of
from nanotilt.report.overview.spread import Spread
from nanotilt.runs.fields.reading import FieldRun
from nanotilt.runs.lattices.reading import DefectRun, PatchRun
from nanotilt.runs.orientation import OrientationRun
from nanotilt.runs.run import ClassificationRun, Run
from nanotilt.runs.scattering.reading import TaggingRun

G = TypeVar("G", bound="RunGroup")

MODEL_ORDER = ("paper", "fast")


@dataclass(frozen=True)
class RunGroup:
    """Runs of one experiment that differ in the seed only.

    Attributes:
        model: The network.
        budget: "quick", "full" or empty.
        variation: What was changed, as (path, value) in the order of the paths.
        runs: The runs, ordered by seed.
    """

    model: str
    budget: str
    variation: tuple[tuple[str, Any], ...]
    runs: tuple[Run, ...]

    @property
    def name(self) -> str:
        """The network, and the budget if there is one."""
        return f"{self.model}, {self.budget}" if self.budget else self.model


@dataclass(frozen=True)
class Group(RunGroup):
    """Runs of networks that classify; they differ in the seed only.

    Its fields are those of `RunGroup`: model, budget, variation and runs.
    """

    runs: tuple[ClassificationRun, ...]

    def accuracy(self, question: int = 0) -> Spread:
        """Accuracy of one question.

        Args:
            question: Number of the question, from 0.
        """
        spread = Spread.of(
            run.questions[question].accuracy for run in self.runs if question < len(run.questions)
        )
        assert spread is not None
        return spread

    def uncertainty(self, question: int = 0) -> float:
        """Standard error of the mean accuracy: of the seeds, or of the test if that is larger.

        Args:
            question: Number of the question, from 0.
        """
        spread = self.accuracy(question)
        errors = [run.questions[question].standard_error for run in self.runs]
        of_test = math.sqrt(math.fsum(error**2 for error in errors)) / len(errors)
        return max(of_test, (spread.std or 0.0) / math.sqrt(spread.n))

    def trained(self) -> tuple[int, int] | None:
        """How many tries got away from chance, and of how many; None if unknown."""
        tries = [tried for run in self.runs for tried in run.tries]
        return (sum(tried.trained for tried in tries), len(tries)) if tries else None


@dataclass(frozen=True)
class OrientationGroup(RunGroup):
    """Runs of networks that tell orientations; they differ in the seed only.

    Its fields are those of `RunGroup`: model, budget, variation and runs.
    """

    runs: tuple[OrientationRun, ...]

    @property
    def trained(self) -> tuple[OrientationRun, ...]:
        """The runs that trained."""
        return tuple(run for run in self.runs if run.trained)

    @property
    def counted(self) -> tuple[OrientationRun, ...]:
        """The runs whose scores count: those that trained, or all if none did."""
        return self.trained or self.runs

    def std(self) -> Spread:
        """Standard deviation of the errors, degrees."""
        spread = Spread.of(run.std_deg for run in self.counted)
        assert spread is not None
        return spread

    @property
    def varied(self) -> str:
        """What is varied, in words; the stereo angle always."""
        variation = dict(self.variation)
        words = [f"{self.runs[0].stereo_deg:g} deg"]
        if "samples" in variation:
            words.append(f"{variation['samples']:,.0f} pairs")
        if "binary" in variation:
            words.append("binary pixels" if variation["binary"] else "anti-aliased pixels")
        if "paper_network" in variation:
            words.append("the paper's network" if variation["paper_network"] else "own network")
        return ", ".join(words)


@dataclass(frozen=True)
class PhasedGroup(RunGroup):
    """Runs of networks that learn a stream's own truth; they differ in the seed only.

    Its fields are those of `RunGroup`: model, budget, variation and runs.
    """

    @property
    def varied(self) -> str:
        """What is varied, in words."""
        return ", ".join(f"{name} {value:g}" for name, value in self.variation)


@dataclass(frozen=True)
class FieldGroup(PhasedGroup):
    """Runs of networks that find particles."""

    runs: tuple[FieldRun, ...]


@dataclass(frozen=True)
class PatchGroup(PhasedGroup):
    """Runs of networks that tell patches with defects."""

    runs: tuple[PatchRun, ...]


@dataclass(frozen=True)
class DefectGroup(PhasedGroup):
    """Runs of networks that find defects."""

    runs: tuple[DefectRun, ...]


@dataclass(frozen=True)
class TaggingGroup(PhasedGroup):
    """Runs of networks that tag images."""

    runs: tuple[TaggingRun, ...]


@dataclass(frozen=True)
class ExperimentRuns(Generic[G]):
    """An experiment's runs.

    Attributes:
        name: The experiment, or the recipe of runs outside experiments.
        reference: What they are held against.
        groups: The runs in groups: the experiment as it is first, then its variations.
    """

    name: str
    reference: Reference
    groups: tuple[G, ...]

    @property
    def plain(self) -> tuple[G, ...]:
        """The groups without variation."""
        return tuple(group for group in self.groups if not group.variation)

    @property
    def varied(self) -> tuple[G, ...]:
        """The groups with a variation."""
        return tuple(group for group in self.groups if group.variation)

    @property
    def runs(self) -> tuple[Run, ...]:
        """All runs."""
        return tuple(run for group in self.groups for run in group.runs)


Classified: TypeAlias = ExperimentRuns[Group]
Oriented: TypeAlias = ExperimentRuns[OrientationGroup]
Found: TypeAlias = ExperimentRuns[FieldGroup]
Unlike: TypeAlias = ExperimentRuns[PatchGroup]
Placed: TypeAlias = ExperimentRuns[DefectGroup]
Tagged: TypeAlias = ExperimentRuns[TaggingGroup]

R = TypeVar("R", bound=Run)


def by_experiment(runs: Sequence[Run]) -> tuple[Classified, ...]:
    """Sorts runs that classify by experiment, and within each by network, budget and variation.

    Args:
        runs: Any runs; those that do not classify are left out.

    Returns:
        The catalogue's experiments first, in its order; then others by name.
    """
    return _sorted([run for run in runs if isinstance(run, ClassificationRun)], Group)


def orientations_by_experiment(runs: Sequence[Run]) -> tuple[Oriented, ...]:
    """Sorts runs that tell orientations as `by_experiment` sorts those that classify.

    Args:
        runs: Any runs; those that tell no orientations are left out.
    """
    return _sorted([run for run in runs if isinstance(run, OrientationRun)], OrientationGroup)


def fields_by_experiment(runs: Sequence[Run]) -> tuple[Found, ...]:
    """Sorts runs that find particles as `by_experiment` sorts those that classify.

    Args:
        runs: Any runs; those that find no particles are left out.
    """
    return _sorted([run for run in runs if isinstance(run, FieldRun)], FieldGroup)


def patches_by_experiment(runs: Sequence[Run]) -> tuple[Unlike, ...]:
    """Sorts runs that learned perfect patches as `by_experiment` sorts those that classify.

    Args:
        runs: Any runs; others are left out.
    """
    return _sorted([run for run in runs if isinstance(run, PatchRun)], PatchGroup)


def defects_by_experiment(runs: Sequence[Run]) -> tuple[Placed, ...]:
    """Sorts runs that find defects as `by_experiment` sorts those that classify.

    Args:
        runs: Any runs; others are left out.
    """
    return _sorted([run for run in runs if isinstance(run, DefectRun)], DefectGroup)


def tags_by_experiment(runs: Sequence[Run]) -> tuple[Tagged, ...]:
    """Sorts runs that tag images as `by_experiment` sorts those that classify.

    Args:
        runs: Any runs; others are left out.
    """
    return _sorted([run for run in runs if isinstance(run, TaggingRun)], TaggingGroup)


def _sorted(runs: list[R], kind: Callable[..., G]) -> tuple[ExperimentRuns[G], ...]:
    known = {name: place for place, name in enumerate(experiments.names())}
    names = sorted(
        {run.experiment for run in runs}, key=lambda name: (known.get(name, len(known)), name)
    )
    return tuple(
        _experiment(name, [r for r in runs if r.experiment == name], kind) for name in names
    )


def _experiment(name: str, runs: list[R], kind: Callable[..., G]) -> ExperimentRuns[G]:
    grouped: dict[tuple[str, str, str], list[R]] = {}
    for run in runs:
        variation = json.dumps(run.variation, sort_keys=True)
        grouped.setdefault((run.model, run.budget, variation), []).append(run)
    groups = [
        kind(
            model, budget, tuple(sorted(found[0].variation.items())),
            tuple(sorted(found, key=lambda run: run.seed)),
        )
        for (model, budget, _), found in grouped.items()
    ]  # fmt: skip
    return ExperimentRuns(name, reference_of(name, runs), tuple(sorted(groups, key=_order)))


def _order(group: RunGroup) -> tuple[Any, ...]:
    """Plain groups first; then by value, numbers as numbers; the paper's network before ours."""
    variation = [
        (path, (0, value, "") if is_number(value) else (1, 0, json.dumps(value)))
        for path, value in group.variation
    ]
    model = MODEL_ORDER.index(group.model) if group.model in MODEL_ORDER else len(MODEL_ORDER)
    return (bool(variation), variation, model, group.model, group.budget)


def is_number(value: Any) -> bool:
    """Whether a varied value is a number, which an axis can show."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
