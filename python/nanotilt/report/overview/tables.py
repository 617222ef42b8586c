"""The overview's tables: numbers with what they mean in small print below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nanotilt.report.figures import short_count
from nanotilt.report.markup import percent, text
from nanotilt.report.overview.groups import Classified, Group
from nanotilt.report.overview.reference import Limit
from nanotilt.report.overview.spread import Spread
from nanotilt.runs import findings as found
from nanotilt.runs.words import counted, duration

Z_95 = 1.96

_HEAD = (
    "experiment", "the paper", "target", "limit", "network", "right", "to the paper",
    "to the target", "first view only", "tries that trained", "time of a run",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes:
        value: What it says.
        small: What it says in small print below, or empty.
        kind: "good" or "bad" for a colour, "name" for words, "wrapped" for
            small print that may take several lines, or empty.
        rows: Rows that it spans.
        anchor: Section of the page that it links to, or empty.
    """

    value: str
    small: str = ""
    kind: str = ""
    rows: int = 1
    anchor: str = ""


def cell_table(head: Sequence[str], rows: Iterable[Sequence[Cell]], caption: str = "") -> str:
    """A table of cells; a row's first cell names it, unless one from above reaches down to it."""
    names = "".join(f'<th scope="col">{text(name)}</th>' for name in head)
    body = "".join(
        f"<tr>{''.join(_html(cell, i == 0) for i, cell in enumerate(row))}</tr>" for row in rows
    )
    title = f"<caption>{text(caption)}</caption>" if caption else ""
    return (
        f'<div class="scroll"><table class="overview">{title}<thead><tr>{names}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def main_table(experiments: Sequence[tuple[str, Classified]]) -> str:
    """The paper's table beside ours: a row for each network of each experiment.

    Args:
        experiments: Anchor of each experiment's section, and its runs.
    """
    rows = [row for anchor, one in experiments for row in _experiment_rows(anchor, one)]
    return cell_table(_HEAD, rows, "Mean ± standard deviation over seeds; below, the range.")


def difference(mean: float, reference: float | None, uncertainty: float) -> Cell:
    """Percentage points to a reference, coloured if it is more than chance could make of it.

    Args:
        mean: Our mean accuracy.
        reference: What it is compared with, or None.
        uncertainty: Standard error of the mean.
    """
    if reference is None:
        return Cell("-")
    points = 100 * (mean - reference)
    sure = abs(points) > 100 * Z_95 * uncertainty
    kind = ("good" if points > 0 else "bad") if sure else ""
    return Cell(f"{points:+.1f}".replace("-", "\N{MINUS SIGN}"), kind=kind)


def accuracy_cell(group: Group, question: int = 0) -> Cell:
    """Mean ± deviation, and below the range and the number of runs."""
    spread = group.accuracy(question)
    if spread.std is None:
        return Cell(percent(spread.mean), f"± {100 * group.uncertainty(question):.2f} of the test")
    return Cell(
        f"{100 * spread.mean:.1f} ± {100 * spread.std:.1f} %",
        f"{100 * spread.lowest:.1f} to {100 * spread.highest:.1f}, {spread.n} runs",
    )


def trained_cell(group: Group) -> Cell:
    """How many tries trained, of how many."""
    trained = group.trained()
    if trained is None:
        return Cell("-")
    return Cell(percent(trained[0] / trained[1], 0), f"{trained[0]} of {trained[1]}")


def time_cell(group: Group) -> Cell:
    """Mean time of a run, and below the mean number of training samples seen."""
    seconds = Spread.of(run.seconds for run in group.runs)
    samples = Spread.of(float(run.samples_seen) for run in group.runs)
    if seconds is None or samples is None:
        return Cell("-")
    seen = short_count(round(samples.mean, -3) or samples.mean)
    return Cell(duration(seconds.mean), f"{seen} samples")


def same_view_cell(group: Group, question: int = 0) -> Cell:
    """Mean accuracy with the first view in place of all."""
    spread = Spread.of(
        run.control(run.questions[question].name, found.SAME_VIEW) for run in group.runs
    )
    return Cell("-" if spread is None else percent(spread.mean))


def _experiment_rows(anchor: str, one: Classified) -> list[list[Cell]]:
    rows = [
        _group_cells(one, group, question)
        for group in one.plain
        for question in range(len(group.runs[0].questions))
    ]
    n_varied = sum(len(group.runs) for group in one.varied)
    if n_varied:
        runs = f"{counted(n_varied, 'run')}, below"
        rows.append([Cell("varied", runs, "name"), *(Cell("") for _ in range(len(_HEAD) - 5))])
    reference = one.reference
    paper = Cell("-", reference.paper_text, "wrapped")
    if reference.paper is not None:
        remark = reference.paper_text or reference.paper.remark
        paper = Cell(percent(reference.paper.accuracy), remark, "wrapped")
    shared = [
        Cell(one.name, reference.question, anchor=anchor), paper,
        Cell(percent(reference.target)), limit_cell(reference.limit),
    ]  # fmt: skip
    spanning = [Cell(c.value, c.small, c.kind, len(rows), c.anchor) for c in shared]
    return [[*spanning, *rows[0]], *rows[1:]]


def _group_cells(one: Classified, group: Group, question: int) -> list[Cell]:
    questions = group.runs[0].questions
    name = Cell(group.name, questions[question].name if len(questions) > 1 else "", "name")
    mean, error = group.accuracy(question).mean, group.uncertainty(question)
    # What the paper and the target tell is about the first question.
    paper = one.reference.paper if question == 0 else None
    target = one.reference.target if question == 0 and group.model != "paper" else None
    return [
        name, accuracy_cell(group, question),
        difference(mean, None if paper is None else paper.accuracy, error),
        difference(mean, target, error),
        same_view_cell(group, question), trained_cell(group), time_cell(group),
    ]  # fmt: skip


def limit_cell(limit: Limit | None) -> Cell:
    """From what can be reached to what can't be passed."""
    if limit is None:
        return Cell("-")
    if limit.upper is None:
        return Cell(f"≥ {percent(limit.lower)}")
    return Cell(f"{100 * limit.lower:.1f} … {percent(limit.upper)}")


def _html(cell: Cell, first: bool) -> str:
    span = f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
    kind = f' class="{cell.kind}"' if cell.kind else ""
    value = text(cell.value)
    if cell.anchor:
        value = f'<a href="#{cell.anchor}">{value}</a>'
    small = f"<small>{text(cell.small)}</small>" if cell.small else ""
    tag, scope = ("th", ' scope="row"') if first and cell.anchor else ("td", "")
    return f"<{tag}{scope}{span}{kind}>{value}{small}</{tag}>"
