"""Experiments and their results in words, for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby

from nanotilt.experiments import (
    Expectation,
    ExpectedAccuracy,
    ExpectedAngles,
    Experiment,
)
from nanotilt.experiments.ai4sd_2022 import PAPER as AI4SD_2022
from nanotilt.experiments.lashley_2017 import PAPER as LASHLEY_2017
from nanotilt.experiments.laurie_2024 import PAPER as LAURIE_2024
from nanotilt.experiments.pearson import PAPER as PEARSON
from nanotilt.report.overview import (
    Classified,
    Found,
    Group,
    Oriented,
    Run,
    Tagged,
    by_experiment,
    fields_by_experiment,
    orientations_by_experiment,
    tags_by_experiment,
)
from nanotilt.runs.words import duration

_WIDTH = 100


_NETWORKS = {"fast": "fast network", "paper": "paper's network here"}

_HEADINGS = {
    PEARSON: "Particles in fields (aims of Pearson's poster, docs/fields.md)",
    LASHLEY_2017: f"Tags of x-ray scattering images ({LASHLEY_2017}, docs/scattering.md)",
    AI4SD_2022: f"Defects in patches of graphene ({AI4SD_2022})",
    LAURIE_2024: f"Orientations from stereo pairs ({LAURIE_2024}, docs/orientation_experiments.md)",
}
"""What stands above the experiments of a paper, but for the first one's."""


def print_table(experiments: Iterable[Experiment]) -> None:
    """Prints each experiment: name and question, then the scores below; a heading for each paper.

    The first paper's experiments begin without one.
    """
    for paper, of_paper in groupby(experiments, lambda experiment: experiment.paper):
        if paper in _HEADINGS:
            print(f"\n{_HEADINGS[paper]}\n")
        _print_paper(list(of_paper))


def _print_paper(experiments: list[Experiment]) -> None:
    width = max(len(experiment.name) for experiment in experiments)
    for experiment in experiments:
        print(f"{experiment.name:<{width}}  {experiment.question}")
        words = "; ".join(_facts(experiment))
        for line in textwrap.wrap(words, _WIDTH - width - 2):
            print(f"{'':<{width}}  {line}")


def _facts(experiment: Experiment) -> list[str]:
    facts = [f"paper: {paper_words(experiment)}"]
    for model, name in _NETWORKS.items():
        expected = experiment.expected(model)
        if expected is not None:
            facts.append(f"{name}: {expected_words(expected)}")
    return facts


def paper_words(experiment: Experiment) -> str:
    """The paper's result in words."""
    published = experiment.published
    if experiment.paper_text or published is None:
        return experiment.paper_text or "not done"
    return published.remark or f"{100 * published.accuracy:.1f} %"


def expected_words(expected: Expectation) -> str:
    """What an experiment should score, and the time."""
    words = f"{_score_words(expected)} in {duration(60 * expected.minutes)}"
    if isinstance(expected, ExpectedAngles) and expected.trained_share < 1:
        words += f", {100 * expected.trained_share:.0f} % of {expected.runs} runs trained"
    return words + (", quick budget" if expected.budget == "quick" else "")


def _score_words(expected: Expectation) -> str:
    if isinstance(expected, ExpectedAngles):
        share = 100 * expected.within_1_deg
        return f"std {expected.std_deg:.2f} deg, {share:.1f} % within 1 deg"
    assert isinstance(expected, ExpectedAccuracy)
    several = len(expected.accuracy) > 1
    scores = []
    for question, accuracy in expected.accuracy.items():
        spread = f" ± {100 * expected.std[question]:.1f}" if expected.runs > 1 else ""
        scores.append(f"{f'{question} ' if several else ''}{100 * accuracy:.1f}{spread} %")
    return ", ".join(scores)


def all_result_lines(runs: Sequence[Run]) -> Iterator[str]:
    """What runs of any kind scored, experiment by experiment."""
    yield from chain.from_iterable(map(result_lines, by_experiment(runs)))
    yield from chain.from_iterable(map(orientation_lines, orientations_by_experiment(runs)))
    yield from chain.from_iterable(map(field_lines, fields_by_experiment(runs)))
    yield from chain.from_iterable(map(tagging_lines, tags_by_experiment(runs)))


def result_lines(experiment: Classified) -> Iterator[str]:
    """What the runs of an experiment scored: one line for each question and set of values."""
    for group in experiment.groups:
        varied = "".join(f", {name} {value:g}" for name, value in group.variation)
        for i, question in enumerate(group.runs[0].questions):
            spread = group.accuracy(i)
            asked = f" {question.name}" if len(group.runs[0].questions) > 1 else ""
            line = f"{experiment.name}{asked}{varied}: {100 * spread.mean:.2f} %"
            if spread.std is not None:
                line += f" ± {100 * spread.std:.2f} % over {spread.n} seeds"
            yield line + _beside(group, i)


def orientation_lines(experiment: Oriented) -> Iterator[str]:
    """What the runs of an orientation experiment scored: one line for each set of values."""
    for group in experiment.groups:
        share = sum(run.within[1] for run in group.counted) / len(group.counted)
        yield (
            f"{experiment.name}, {group.varied}: std of the error {group.std().mean:.3f} deg, "
            f"within 1 deg {100 * share:.2f} %; {len(group.trained)} of {len(group.runs)} runs "
            "trained"
        )


def field_lines(experiment: Found) -> Iterator[str]:
    """What the runs of an experiment found: one line for each set of values and dose."""
    from nanotilt.report.overview.field_sections import group_scores

    for group in experiment.groups:
        varied = f", {group.varied}" if group.varied else ""
        for dose in group.runs[0].at_doses():
            scores = group_scores(group, dose)
            yield (
                f"{experiment.name}{varied}, {dose:g} electrons/px: Dice {scores['dice'][0]:.3f}, "
                f"F1 {scores['f1'][0]:.3f}, size error {100 * scores['size_error'][0]:.1f} %, "
                f"number {100 * scores['count_error'][0]:+.1f} %"
            )


def tagging_lines(experiment: Tagged) -> Iterator[str]:
    """What the runs of an experiment tagged: for each set of values a line a tag, the mean first.

    What came out on runs seen in training stands behind, where that was tested.
    """
    from nanotilt.report.overview.tag_sections import group_score
    from nanotilt.report.scattering.page import in_words

    for group in experiment.groups:
        varied = f", {group.varied}" if group.varied else ""
        unseen = [run.results for run in group.runs]
        seen = [run.of_seen_runs for run in group.runs if run.of_seen_runs is not None]
        for tag in unseen[0].overall():
            one = group_score(unseen, tag)
            beside = [
                f"{name} {value:.3f}"
                for name, value in (("chance", one.chance), ("limit", one.limit))
                if value is not None and value == value
            ]
            if seen:
                beside.append(f"on runs seen in training {in_words(group_score(seen, tag))}")
            told = f" ({', '.join(beside)})" if beside else ""
            yield f"{experiment.name}{varied}, {tag}: average precision {in_words(one)}{told}"


def _beside(group: Group, question: int) -> str:
    """The paper's figure, and how often training had to be begun."""
    words = ""
    paper = group.runs[0].paper
    if paper is not None and question == 0:
        words += f"; the paper: {paper.remark or f'{100 * paper.accuracy:.1f} %'}"
    trained = group.trained()
    if trained is not None and trained[1] > len(group.runs):
        words += f"; {trained[0]} of {trained[1]} tries trained"
    return words
