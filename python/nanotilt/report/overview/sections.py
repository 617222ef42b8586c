"""One experiment's section of the overview."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from nanotilt.report.looks import control_names, focus_words, saliency_figures
from nanotilt.report.markup import (
    Bar,
    bars,
    details,
    figure,
    grid,
    paragraph,
    percent,
    prose,
    section,
    text,
)
from nanotilt.report.overview import figures
from nanotilt.report.overview.figures import VariedLine
from nanotilt.report.overview.groups import Classified, Group, is_number
from nanotilt.report.overview.reference import Limit
from nanotilt.report.overview.spread import Spread
from nanotilt.report.overview.tables import (
    Cell,
    accuracy_cell,
    cell_table,
    same_view_cell,
    time_cell,
    trained_cell,
)
from nanotilt.runs import findings as found
from nanotilt.runs.run import ClassificationRun, Run
from nanotilt.runs.words import counted, duration

Link = Callable[[Run], str | None]
"""Gives the address of a run's own report, or None."""


def experiment_section(anchor: str, one: Classified, link: Link) -> str:
    """Curves, controls, what is hard, a picture, variations, and the runs themselves."""
    asked = one.reference.question
    parts = [f'<p class="question">{text(asked)}</p>'] if asked else []
    parts += [prose(one.reference.about)] if one.reference.about else []
    groups = one.plain
    if groups:
        drawn = [figure(figures.accuracy_curves(groups, one.reference))]
        parts.append(grid([*drawn, *_reference_words(one)], "wide"))
        for question in _question_names(groups):
            parts += _looked_at(groups, question, several=len(_question_names(groups)) > 1)
    parts += _variations(one)
    parts.append(details(f"{counted(len(one.runs), 'run')} in numbers", _run_table(one, link)))
    return section(anchor, one.name, *parts)


def varied_paths(one: Classified) -> list[str]:
    """The parameters that runs of an experiment vary."""
    return sorted({path for group in one.varied for path, _ in group.variation})


def _looked_at(groups: Sequence[Group], question: str, several: bool) -> Iterator[str]:
    """Controls, difficulty and a picture of one question."""
    if several:
        yield f"<h3>{text(question)}</h3>"
    controls = _control_bars(groups, question)
    if controls:
        yield "<h3>Does it need all views?</h3>"
        yield f'<div class="side">{controls}</div>'
    drawn = [
        figure(figures.quantity_figure(groups, question, quantity))
        for quantity in figures.quantities(groups, question)
    ]
    if any(looked.noise for group in groups for looked in figures.looked_at(group, question)):
        drawn.append(figure(figures.noise_figure(groups, question)))
    if drawn:
        yield "<h3>What makes it hard?</h3>"
        yield grid(drawn, "wide")
    yield from _picture(groups, question)


def _control_bars(groups: Sequence[Group], question: str) -> str:
    """Each network's controls, means over its runs."""
    drawn = []
    for group in groups:
        first = group.runs[0]
        n_views = 2 if first.recipe is None else first.recipe.n_views
        shown = []
        for name, words in control_names(n_views).items():
            spread = _control(group, question, name)
            if spread is not None:
                kind = "main" if name == found.AS_THEY_ARE else ""
                shown.append(Bar(words, spread.mean, _with_deviation(spread), kind))
        if len(shown) > 1:
            chance = next((q.chance for q in figures.looked_at(group, question)), first.chance)
            shown.append(Bar("chance", chance, percent(chance)))
            drawn.append(f"<div><h3>{text(group.name)}</h3>{bars(shown)}</div>")
    return "".join(drawn)


def _control(group: Group, question: str, name: str) -> Spread | None:
    if name != found.AS_THEY_ARE:
        return Spread.of(run.control(question, name) for run in group.runs)
    return Spread.of(
        score.accuracy for run in group.runs for score in run.questions if score.name == question
    )


def _picture(groups: Sequence[Group], question: str) -> Iterator[str]:
    """One saliency picture: the first run's, of the last class's first sample, if any has one."""
    # Groups begin with the paper's network; the last one is what a reader would use.
    for run in (run for group in reversed(groups) for run in group.runs):
        looked = run.looked_at(question)
        if run.insight is None or run.recipe is None or looked is None or not looked.saliency:
            continue
        drawn = saliency_figures(run.recipe, run.insight, looked)
        words = [
            "Bars: change of the log-odds of the answer when a bin grows by one "
            f"{run.insight.unit}; green speaks for the answer, violet against it. "
            f"Grey: where the feature is seen. From the {run.model} network, seed {run.seed}.",
            *focus_words(looked),
        ]
        yield "<h3>What does it look at?</h3>"
        yield grid([drawn[-1], f"<div>{''.join(paragraph(w) for w in words)}</div>"], "wide")
        return


def _variations(one: Classified) -> Iterator[str]:
    """A figure for each varied parameter, and one table."""
    paths = varied_paths(one)
    if not paths:
        return
    yield "<h3>Parameters varied</h3>"
    lines = [(path, _lines(one, path)) for path in paths]
    yield grid(
        (
            figure(figures.variation_figure(path, drawn))
            for path, drawn in lines
            if any(len(line.points) > 1 for line in drawn)
        ),
        "wide",
    )
    head = (*paths, "network", "right", "first view only", "tries that trained", "time")
    rows = [
        [
            *(Cell(_shown(dict(group.variation).get(p, "as it is")), "", "name") for p in paths),
            Cell(group.name, ", ".join(_asked(group, question)), "name"),
            accuracy_cell(group, question),
            same_view_cell(group, question),
            trained_cell(group),
            time_cell(group),
        ]
        for group in one.groups
        for question in range(len(group.runs[0].questions))
    ]
    yield cell_table(head, rows, "Mean ± standard deviation over seeds; below, the range.")


def _lines(one: Classified, path: str) -> list[VariedLine]:
    """The groups that vary a parameter, those on one line that are alike in all else."""
    lines: dict[tuple[int, int, str], list[tuple[Any, Group]]] = {}
    for group in one.varied:
        variation = dict(group.variation)
        if path not in variation:
            continue
        value = variation.pop(path)
        rest = [f"{name} {_shown(other)}" for name, other in variation.items()]
        for question in range(len(group.runs[0].questions)):
            name = ", ".join([group.name, *rest, *_asked(group, question)])
            lines.setdefault((len(rest), question, name), []).append((value, group))
    # Those that vary nothing else come first.
    return [
        VariedLine(name, question, tuple(points))
        for (_, question, name), points in sorted(lines.items(), key=lambda item: item[0])
    ]


def _asked(group: Group, question: int) -> list[str]:
    """The question's name, if there are several."""
    questions = group.runs[0].questions
    return [questions[question].name] if len(questions) > 1 else []


def _run_table(one: Classified, link: Link) -> str:
    head = ("network", "varied", "seed", "right", "test loss", "epochs", "samples", "time", "tries")
    names = "".join(f'<th scope="col">{text(name)}</th>' for name in (*head, "report"))
    rows = "".join(_run_row(group, run, link(run)) for group in one.groups for run in group.runs)
    return (
        f'<div class="scroll"><table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>'
        "</div>"
    )


def _run_row(group: Group, run: ClassificationRun, address: str | None) -> str:
    right = ", ".join(
        f"{100 * q.accuracy:.2f} ± {100 * q.standard_error:.2f} %" for q in run.questions
    )
    varied = ", ".join(f"{path} {_shown(value)}" for path, value in group.variation)
    tries = f"{sum(t.trained for t in run.tries)} of {len(run.tries)}" if run.tries else "-"
    cells = (
        varied or "-", run.seed, right, f"{run.loss:.4f}", len(run.history),
        f"{run.samples_seen:,}", duration(run.seconds), tries,
    )  # fmt: skip
    where = text(run.folder)
    if address is not None:
        where = f'<a href="{text(address)}">{where}</a>'
    return (
        f'<tr><th scope="row">{text(group.name)}</th>'
        + "".join(f"<td>{text(cell)}</td>" for cell in cells)
        + f"<td>{where}</td></tr>"
    )


def _reference_words(one: Classified) -> list[str]:
    """Where the lines of the first figure come from."""
    reference, words = one.reference, []
    if reference.paper is not None:
        remark = f" ({reference.paper.remark})" if reference.paper.remark else ""
        words.append(
            f"The paper: {percent(reference.paper.accuracy)}, {reference.paper.source}{remark}."
        )
    if reference.target is not None:
        words.append(f"Score for the fast network to reach: {percent(reference.target)}.")
    if reference.limit is not None:
        words.append(_limit_words(reference.limit))
    words.append("Each thin line is one run, validated after every epoch.")
    return [f"<div>{''.join(paragraph(w) for w in words)}</div>"]


def _limit_words(limit: Limit) -> str:
    """What can be reached on the data, and what can't be passed."""
    low, high = limit.lower_95
    words = (
        "Limit: comparing with simulated templates, without learning, gives "
        f"{percent(limit.lower)} (95 % interval {100 * low:.1f} to {100 * high:.1f})"
    )
    if limit.extrapolated is not None:
        words += f", and with ever more of them {percent(limit.extrapolated)}"
    if limit.upper is not None:
        words += (
            "; who also knows each particle's true size and place gets no more than "
            f"{percent(limit.upper)}"
        )
    return f"{words}."


def _question_names(groups: Sequence[Group]) -> list[str]:
    return list(dict.fromkeys(q.name for g in groups for run in g.runs for q in run.questions))


def _with_deviation(spread: Spread) -> str:
    if spread.std is None:
        return percent(spread.mean)
    return f"{100 * spread.mean:.1f} ± {100 * spread.std:.1f} %"


def _shown(value: Any) -> str:
    if not is_number(value):
        return value if isinstance(value, str) else json.dumps(value)
    return f"{int(value):,}" if float(value).is_integer() else f"{value:g}"
