"""The overview: one HTML file that needs nothing else."""

from __future__ import annotations

import json
import os
import urllib.parse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nanotilt
from nanotilt.report.markup import code, details, pairs, paragraph, section, table
from nanotilt.report.overview.field_sections import field_section
from nanotilt.report.overview.groups import (
    Classified,
    Oriented,
    by_experiment,
    defects_by_experiment,
    fields_by_experiment,
    orientations_by_experiment,
    patches_by_experiment,
    tags_by_experiment,
)
from nanotilt.report.overview.orientation_sections import orientation_section, orientation_table
from nanotilt.report.overview.patch_sections import (
    TOGETHER,
    defect_section,
    patch_section,
    together_section,
)
from nanotilt.report.overview.sections import experiment_section
from nanotilt.report.overview.tables import difference, main_table
from nanotilt.report.overview.tag_sections import tag_section
from nanotilt.report.shell import Shell, html_page
from nanotilt.runs.run import Collection, Run
from nanotilt.runs.words import counted

_REPORT = "report.html"


def overview_page(
    collection: Collection, *, out: str | Path | None = None, title: str = "All runs"
) -> str:
    """The whole page, pictures and style inside.

    Args:
        collection: What was found.
        out: Where the page will lie, so that it can link to the runs' own reports; None: no links.
        title: Its heading.

    Returns:
        HTML text that refers to nothing outside itself but the runs' reports.
    """
    experiments = by_experiment(collection.runs)
    oriented = orientations_by_experiment(collection.runs)
    named = [(f"experiment-{i}", one) for i, one in enumerate(experiments)]
    turned = [(f"orientation-{i}", one) for i, one in enumerate(oriented)]
    found = [(f"field-{i}", one) for i, one in enumerate(fields_by_experiment(collection.runs))]
    unlike = [(f"patch-{i}", one) for i, one in enumerate(patches_by_experiment(collection.runs))]
    defects = [(f"defect-{i}", one) for i, one in enumerate(defects_by_experiment(collection.runs))]
    tagged = [(f"tags-{i}", one) for i, one in enumerate(tags_by_experiment(collection.runs))]
    body = [_table_section(named)] if named else []
    body += [orientation_table(turned)] if turned else []
    body += [experiment_section(anchor, one, lambda run: _link(run, out)) for anchor, one in named]
    body += [orientation_section(anchor, one) for anchor, one in turned]
    body += [field_section(anchor, one) for anchor, one in found]
    body += [patch_section(anchor, one) for anchor, one in unlike]
    body += [together_section([one for _, one in unlike])]
    body += [defect_section(anchor, one) for anchor, one in defects]
    body += [tag_section(anchor, one) for anchor, one in tagged]
    body += [_unfinished(collection), _machines(collection.runs), _commands(collection.runs)]
    navigation = [
        ("table", "The table"),
        ("orientations", "Orientations"),
        *((anchor, one.name) for anchor, one in named),
        *((anchor, one.name) for anchor, one in turned),
        *((anchor, one.name) for anchor, one in found),
        *((anchor, one.name) for anchor, one in unlike),
        (TOGETHER, "Networks side by side"),
        *((anchor, one.name) for anchor, one in defects),
        *((anchor, one.name) for anchor, one in tagged),
        ("unfinished", "Unfinished"),
        ("machine", "Machine and versions"),
        ("repeat", "Repeat it"),
    ]
    shell = Shell(
        title=title,
        eyebrow="nanotilt overview of runs",
        heading=title,
        footer=f"Written by nanotilt {nanotilt.__version__}.",
        lead=verdict(collection, experiments, oriented),
    )
    return html_page(shell, navigation, "\n".join(part for part in body if part))


def verdict(
    collection: Collection, experiments: Sequence[Classified], oriented: Sequence[Oriented] = ()
) -> str:
    """All in one line: how often the networks beat the paper and reach their targets."""
    words = []
    for model in ("fast", "paper"):
        better, level, n = _against_the_paper(experiments, model)
        if n:
            tied = f", level with it in {level}" if level else ""
            words.append(f"the {model} network is above the paper in {better} of {n}{tied}")
    reached, n_targets = _targets(experiments)
    if n_targets:
        words.append(f"targets reached: {reached} of {n_targets}")
    turned = [run for one in oriented for group in one.groups for run in group.runs]
    if turned:
        trained = sum(run.trained for run in turned)
        words.append(f"orientations: {trained} of {counted(len(turned), 'run')} trained")
    counts = counted(len(collection.runs), "run")
    if collection.unfinished:
        counts += f", {len(collection.unfinished)} more not counted"
    words.append(counts)
    sentence = "; ".join(words)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _against_the_paper(experiments: Sequence[Classified], model: str) -> tuple[int, int, int]:
    """In how many experiments a network is surely better, level, and how many there are."""
    kinds = []
    for one in experiments:
        groups = [group for group in one.plain if group.model == model]
        if groups and one.reference.paper is not None:
            best = max(groups, key=lambda group: group.accuracy().mean)
            paper = one.reference.paper.accuracy
            kinds.append(difference(best.accuracy().mean, paper, best.uncertainty()).kind)
    return kinds.count("good"), kinds.count(""), len(kinds)


def _targets(experiments: Sequence[Classified]) -> tuple[int, int]:
    """In how many experiments the fast network's best group reaches its target, and of how many."""
    reached = []
    for one in experiments:
        means = [group.accuracy().mean for group in one.plain if group.model == "fast"]
        if means and one.reference.target is not None:
            reached.append(max(means) >= one.reference.target)
    return sum(reached), len(reached)


def _table_section(named: Sequence[tuple[str, Classified]]) -> str:
    words = (
        "Right: share of unseen samples that were classified rightly. Differences are percentage "
        "points of the mean, coloured where they are larger than chance would explain (95 %). "
        "First view only: accuracy when all views are replaced by the first. A try counts as "
        "trained when it got away from chance."
    )
    return section("table", "The paper's table beside ours", paragraph(words), main_table(named))


def _unfinished(collection: Collection) -> str:
    if not collection.unfinished:
        return ""
    rows = [(str(one.folder), one.why) for one in collection.unfinished]
    return section(
        "unfinished",
        "Unfinished or damaged",
        paragraph("These folders hold a run that is not counted above."),
        pairs(rows),
    )


def _machines(runs: Sequence[Run]) -> str:
    """Each setting of machine and versions, and on how many runs it holds."""
    n_runs: dict[str, int] = {}
    for run in runs:
        environment = json.dumps(_environment(run.configuration), sort_keys=True)
        n_runs[environment] = n_runs.get(environment, 0) + 1
    if not n_runs:
        return ""
    kinds = [(json.loads(environment), n) for environment, n in n_runs.items()]
    names = sorted({name for kind, _ in kinds for name in kind})
    head = ("", *(counted(n, "run") for _, n in kinds))
    rows = [(name, *(str(kind.get(name, "-")) for kind, _ in kinds)) for name in names]
    return section("machine", "Machine and versions", table(head, rows))


def _environment(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """What of machine and versions has a say in results or times."""
    build = configuration.get("build_info") or {}
    return {
        **(configuration.get("versions") or {}),
        **(configuration.get("machine") or {}),
        **{name: build[name] for name in ("simd", "compiler", "stream_version") if name in build},
    }


def _commands(runs: Sequence[Run]) -> str:
    """What to type to have the runs again."""
    commands = list(
        dict.fromkeys(str(r.configuration["repeat"]) for r in runs if "repeat" in r.configuration)
    )
    if not commands:
        return ""
    shown = code("\n".join(commands))
    if len(commands) > 12:
        shown = details(f"All {len(commands)} commands", shown)
    return section("repeat", "How to repeat it", paragraph("Each run by itself:"), shown)


def _link(run: Run, out: str | Path | None) -> str | None:
    """The address of a run's report, relative to the page."""
    report = run.folder / _REPORT
    if out is None or not report.is_file():
        return None
    relative = os.path.relpath(report.resolve(), Path(out).resolve().parent)
    return urllib.parse.quote(os.fsencode(Path(relative).as_posix()))
