"""What the overview shows of runs that tag scattering images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nanotilt.report.markup import details, paragraph, section, table, text
from nanotilt.report.overview.groups import Tagged, TaggingGroup
from nanotilt.report.overview.patch_sections import asked_words
from nanotilt.report.scattering.page import in_words
from nanotilt.runs.scattering.results import MEAN, TagResults, differences
from nanotilt.runs.words import counted, duration
from nanotilt.tasks.metrics import Metric

_REFERENCE = ("chance", "limit")


def tag_section(anchor: str, one: Tagged) -> str:
    """One experiment: the average precision of each tag, a row a tag and a column a group."""
    results = one.groups[0].runs[0].results
    words = (
        f"{counted(len(one.runs), 'run')}, each tested on {results.n_images:,} images of "
        f"{results.n_runs:,} runs that training never saw: average precision of each tag with its "
        "standard error, from drawing whole runs anew; over several seeds the mean, with the "
        "standard error of the mean. Chance is the share of images with the tag, the limit what a "
        "detector reaches that knows every shape."
    )
    parts = [*asked_words(one), paragraph(words), _by_tag(one.groups)]
    parts += _seen(one.groups) + _paired(one.groups)
    rows = [
        (
            group.name, group.varied, str(run.seed), in_words(run.results.mean),
            f"{run.samples_seen:,}", duration(run.seconds),
        )
        for group in one.groups
        for run in group.runs
    ]  # fmt: skip
    head = ("network", "varied", "seed", MEAN, "training images", "time")
    parts.append(details("Every run by itself", table(head, rows)))
    return section(anchor, one.name, *parts)


def group_score(found: Sequence[TagResults], tag: str) -> Metric:
    """A tag's average precision, of several runs their mean with its standard error.

    Args:
        found: What the runs answered.
        tag: The tag, or `nanotilt.runs.scattering.results.MEAN`.
    """
    metrics = [one.overall()[tag] for one in found]
    if len(metrics) == 1:
        return metrics[0]
    values = np.array([one.value for one in metrics])
    of_test = np.sqrt(sum((one.standard_error or 0.0) ** 2 for one in metrics)) / len(metrics)
    of_seeds = values.std(ddof=1) / len(values) ** 0.5
    chance, limit = (
        float(np.mean(known)) if (known := [x for x in each if x is not None]) else None
        for each in ([one.chance for one in metrics], [one.limit for one in metrics])
    )
    return Metric(float(values.mean()), float(max(of_test, of_seeds)), chance=chance, limit=limit)


def _by_tag(groups: Sequence[TaggingGroup]) -> str:
    """Chance and limit are those of the first group where all are tested on like images."""
    several = len({tuple(_references(group)) for group in groups}) > 1
    head = ["tag"]
    for group in groups:
        head.append(f"{group.name}, {group.varied}" if group.varied else group.name)
        head += _REFERENCE if several else ()
    head += () if several else _REFERENCE
    rows = []
    for tag in groups[0].runs[0].results.overall():
        row = [tag]
        for group in groups:
            metric = group_score([run.results for run in group.runs], tag)
            row += [in_words(metric), *(_told(metric) if several else ())]
        rows.append((*row, *(() if several else _told(metric))))
    return table(tuple(head), rows)


def _references(group: TaggingGroup) -> list[str]:
    found = [run.results for run in group.runs]
    return [word for tag in found[0].overall() for word in _told(group_score(found, tag))]


def _told(metric: Metric) -> tuple[str, ...]:
    values = (getattr(metric, name) for name in _REFERENCE)
    return tuple("-" if one is None or np.isnan(one) else f"{one:.3f}" for one in values)


def _seen(groups: Sequence[TaggingGroup]) -> list[str]:
    """Images of runs that training saw beside those of unseen ones, where there are such."""
    rows, head = [], ("network", "varied", "tag", "unseen runs", "seen runs", "difference")
    for group in groups:
        seen = [run.of_seen_runs for run in group.runs if run.of_seen_runs is not None]
        unseen = [run.results for run in group.runs if run.of_seen_runs is not None]
        for tag in unseen[0].overall() if seen else ():
            one, other = group_score(unseen, tag), group_score(seen, tag)
            error = np.hypot(one.standard_error or 0, other.standard_error or 0)
            more = "-"
            if not np.isnan(one.value + other.value):
                more = f"{other.value - one.value:+.3f} ± {error:.3f}"
            rows.append((group.name, group.varied, tag, in_words(one), in_words(other), more))
    if not rows:
        return []
    words = (
        "Other images of the runs that the network was trained on, as where images are split at "
        "random, against images of runs that it never saw."
    )
    return [f"<h3>{text('Runs seen in training')}</h3>", paragraph(words), table(head, rows)]


def _paired(groups: Sequence[TaggingGroup]) -> list[str]:
    """Each group less the first one, seed by seed, where both were tested on the same scenes."""
    rows = []
    first = {run.seed: run.results for run in groups[0].runs}
    for group in groups[1:]:
        for run in group.runs:
            other = first.get(run.seed)
            if other is None or not run.results.pairs_with(other):
                continue
            for one in differences(run.results, other):
                low, high = one.interval_95
                rows.append(
                    (
                        f"{group.name}, {group.varied}" if group.varied else group.name,
                        str(run.seed), one.tag, f"{one.value:+.3f}", f"{low:+.3f} to {high:+.3f}",
                    )
                )  # fmt: skip
    if not rows:
        return []
    name = f"{groups[0].name}, {groups[0].varied}" if groups[0].varied else groups[0].name
    words = (
        f"Average precisions less those of the first ({name}) on the same scenes, with the middle "
        "95 % of what runs of images drawn anew for both alike give (1,000 times)."
    )
    head = ("network", "seed", "tag", "difference", "95 %")
    means = [row for row in rows if row[2] == MEAN]
    return [
        f"<h3>{text('Scene by scene')}</h3>", paragraph(words), table(head, means),
        details("Each tag", table(head, rows)),
    ]  # fmt: skip
